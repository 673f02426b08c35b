// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/recipe.h"

#include <algorithm>

#include "base/clock.h"
#include "output/clock.h"
#include "output/escape.h"
#include "output/kinds/template_functions.h"

namespace saker::output {
namespace {

// A member of the dot of a whole request, but not of the dot inside a loop, which would copy it
// each time.
constexpr std::string_view all_alerts = "Alerts";

// The dot of a template inside a loop, together with the surrounding names: $ is the dot of the
// whole.
Node with(const Node& dot, const Node& around) {
  // A loop over alerts or fields can still use the names around it.
  Node out = dot.kind == Node::Kind::map ? dot : Node{Node::Kind::map, {}, {{"Value", dot}}};
  for (const auto& [key, value] : around.members)
    if (key != all_alerts && !out.find(key)) out.members.emplace_back(key, value);
  return out;
}

std::vector<Node> walked(const Node& over) {
  std::vector<Node> out;
  for (const auto& [key, item] : over.members) {
    if (over.kind == Node::Kind::list)
      out.push_back(item);
    else
      out.push_back({Node::Kind::map, {}, {{"Key", Node::of(key)}, {"Value", item}}});
  }
  return out;
}

class Renderer {
 public:
  explicit Renderer(std::string& out) : out_(out) {}

  void value(const BodyNode& node, const Node& scope) {
    switch (node.kind) {
      case BodyNode::Kind::text: append_json(out_, node.text.render(scope)); break;
      case BodyNode::Kind::raw: raw(node, scope); break;
      case BodyNode::Kind::map: map(node, scope); break;
      case BodyNode::Kind::list: list(node, scope); break;
      case BodyNode::Kind::each: {
        BodyNode around{.kind = BodyNode::Kind::list};
        around.members.push_back(node);
        list(around, scope);
        break;
      }
      case BodyNode::Kind::condition:
        if (const BodyNode* chosen = choose(node, scope))
          value(*chosen, scope);
        else
          out_ += "null";
        break;
    }
  }

 private:
  static const BodyNode* choose(const BodyNode& node, const Node& scope) {
    const std::size_t which = node.text.evaluate(scope).truth() ? 0 : 1;
    return which < node.members.size() ? &node.members[which] : nullptr;
  }

  void raw(const BodyNode& node, const Node& scope) {
    const std::string text = node.text.render(scope);
    out_ += text.empty() ? "null" : text;
  }

  void list(const BodyNode& node, const Node& scope) {
    out_ += '[';
    bool first = true;
    const auto item = [&](const BodyNode& each, const Node& in) {
      if (!std::exchange(first, false)) out_ += ',';
      value(each, in);
    };
    for (const BodyNode& member : node.members) {
      if (member.kind == BodyNode::Kind::each) {
        for (const Node& dot : walked(member.text.evaluate(scope)))
          items(member.members[0], with(dot, scope), item);
      } else {
        items(member, scope, item);
      }
    }
    out_ += ']';
  }

  // A condition without a result produces no item.
  template <typename Item>
  static void items(const BodyNode& node, const Node& scope, const Item& item) {
    const BodyNode* chosen = node.kind == BodyNode::Kind::condition ? choose(node, scope) : &node;
    if (chosen) item(*chosen, scope);
  }

  void map(const BodyNode& node, const Node& scope) {
    std::vector<std::string> seen;  // a name that an alert chose must not replace another
    out_ += '{';
    const auto member = [&](const std::string& key, const BodyNode& each, const Node& in) {
      const BodyNode* chosen = each.kind == BodyNode::Kind::condition ? choose(each, in) : &each;
      if (!chosen || std::ranges::find(seen, key) != seen.end()) return;
      if (!seen.empty()) out_ += ',';
      seen.push_back(key);
      append_json(out_, key);
      out_ += ':';
      value(*chosen, in);
    };
    for (const BodyNode& each : node.members) {
      if (!each.spread) {
        member(each.key.render(scope), each, scope);
        continue;
      }
      for (const Node& dot : walked(each.text.evaluate(scope))) {
        const Node inner = with(dot, scope);
        member(each.key.render(inner), each.members[0], inner);
      }
    }
    out_ += '}';
  }

  std::string& out_;
};

void append_table(Request& out, std::span<const RequestShape::Body::Column> shape,
                  std::span<const Node> alerts, const Node& scope) {
  std::vector<ParquetColumn> columns;
  for (const auto& column : shape) columns.push_back({column.path, column.type});
  for (const Node& alert : alerts) {
    const Node dot = with(alert, scope);
    for (std::size_t i = 0; i < columns.size(); i++)
      columns[i].values.push_back(shape[i].value.render(dot));
  }
  out.body = parquet_file(columns);
  out.table = std::move(columns);
}

// A value cannot end a header or begin another one.
std::string header_value(std::string text) {
  std::erase_if(text, [](char c) { return c == '\0'; });
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

}  // namespace

bool Recipe::succeeded(int status) const {
  if (success_.empty()) return status >= 200 && status < 300;
  return std::ranges::find(success_, status) != success_.end();
}

Request RequestShape::render(const Node& scope, std::span<const Node> alerts) const {
  Request out{method.render(scope), url.render(scope), "", {}, {}};
  for (const auto& [name, value] : headers) {
    std::string key = header_value(name.render(scope)), text = header_value(value.render(scope));
    if (!key.empty() && !text.empty()) out.headers.emplace_back(std::move(key), std::move(text));
  }
  switch (body.kind) {
    case Body::Kind::json: Renderer(out.body).value(body.json, scope); break;
    case Body::Kind::text: out.body = body.texts[0].render(scope); break;
    case Body::Kind::form:
      for (const auto& [name, value] : body.form)
        out.body.append(out.body.empty() ? "" : "&")
            .append(name)
            .append("=")
            .append(url_escaped(value.render(scope)));
      break;
    case Body::Kind::lines:
      for (const Node& alert : alerts)
        for (const Template& line : body.texts) {
          const std::string text = line.render(with(alert, scope));
          if (!text.empty()) out.body.append(text) += '\n';
        }
      break;
    case Body::Kind::parquet: append_table(out, body.columns, alerts, scope); break;
  }
  return out;
}

Request Recipe::request(std::span<const Node> alerts, const Node& config) const {
  // The names of the first alert can be used directly: most requests contain one alert.
  Node scope = alerts.empty() ? Node{.kind = Node::Kind::map} : alerts[0];
  scope.members.emplace_back("Config", config);
  if (names_.has(all_alerts)) {
    Node all{.kind = Node::Kind::list};
    for (const Node& alert : alerts) all.members.emplace_back("", alert);
    scope.members.emplace_back(all_alerts, std::move(all));
  }
  std::string now;
  append_utc(now, clock_ns(CLOCK_REALTIME));
  scope.members.emplace_back("Now", Node::of(std::move(now)));

  Request out = shape_.render(scope, alerts);
  if (const Node* custom = config.find("customheaders"))
    for (const auto& [name, value] : custom->members)
      out.headers.emplace_back(header_value(name), header_value(text_of(value)));
  return out;
}

std::optional<Request> Recipe::preparation(const Node& config) const {
  if (!prepare_) return std::nullopt;
  Node scope{.kind = Node::Kind::map};
  scope.members.emplace_back("Config", config);
  return prepare_->render(scope, {});
}

const std::vector<std::unique_ptr<const Recipe>>& recipes() {
  static const std::vector<std::unique_ptr<const Recipe>> all = [] {
    std::vector<std::unique_ptr<const Recipe>> out;
    // A test parses each of them and reports errors.
    for (const RecipeFile& file : recipe_files())
      if (Result<Recipe> recipe = Recipe::parse(std::string(file.name), std::string(file.text)))
        out.push_back(std::make_unique<const Recipe>(std::move(*recipe)));
    return out;
  }();
  return all;
}

const Recipe* find_recipe(std::string_view kind) {
  for (const std::unique_ptr<const Recipe>& recipe : recipes())
    if (recipe->kind().name == kind) return recipe.get();
  return nullptr;
}

}  // namespace saker::output
