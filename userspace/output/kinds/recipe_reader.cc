// SPDX-License-Identifier: Apache-2.0
// Reads the file of a recipe.
#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "lang/read/yaml_tree.h"
#include "lang/read/yaml_values.h"
#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"
#include "output/kinds/template_functions.h"

namespace saker::output {
namespace {

using lang::YamlNode;
constexpr lang::YamlLimits limits{.bytes = 256u << 10, .nodes = 10'000};
constexpr int deepest = 32;

}  // namespace

class RecipeReader {
 public:
  RecipeReader(const std::string& name, const std::string& text)
      : source_(sources_.add(name, text)),
        tree_(lang::YamlTree::parse(sources_, source_, limits)) {}

  Result<Recipe> read() {
    if (tree_.error()) wrong(tree_.error()->origin, tree_.error()->message);
    if (tree_.documents().size() == 1 && errors_.empty())
      whole(tree_.node(tree_.documents()[0]));
    else if (errors_.empty())
      errors_ = sources_.name(source_) + ": error: not a recipe\n";
    if (!errors_.empty()) return Error{errors_};
    return std::move(recipe_);
  }

 private:
  using Members = std::vector<std::pair<const YamlNode*, const YamlNode*>>;

  void wrong(const lang::SourcePlace& at, const std::string& message) {
    const lang::Position position = sources_.position(at);
    errors_ += sources_.name(source_) + ":" + std::to_string(position.line) + ":" +
               std::to_string(position.column) + ": error: " + message + "\n";
  }

  Members members(const YamlNode& map) {
    Members out;
    if (map.kind != YamlNode::Kind::map) {
      wrong(map.origin, "expected a map");
      return out;
    }
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
      out.emplace_back(&tree_.node(map.items[i]), &tree_.node(map.items[i + 1]));
    return out;
  }

  std::string scalar(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) return node.value;
    if (node.kind != YamlNode::Kind::null) wrong(node.origin, "expected a text");
    return {};
  }

  bool truth(const YamlNode& node) {
    const std::optional<bool> is = lang::parse_yaml_bool(scalar(node));
    if (!is) wrong(node.origin, "expected true or false");
    return is.value_or(false);
  }

  int number(const YamlNode& node) {
    const std::string text = scalar(node);
    int out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || out < 0)
      wrong(node.origin, "expected a number");
    return out;
  }

  Texts texts(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) return {node.value};
    Texts out;
    if (node.kind != YamlNode::Kind::sequence) wrong(node.origin, "expected a list");
    for (const std::uint32_t item : node.items) out.push_back(scalar(tree_.node(item)));
    return out;
  }

  Template text_template(const YamlNode& node) { return take(node, Template::parse(scalar(node))); }
  Template expression(const YamlNode& node) {
    return take(node, Template::parse_expression(scalar(node)));
  }
  Template take(const YamlNode& node, Result<Template> parsed) {
    if (parsed) {
      parsed->add_names(recipe_.names_);
      return std::move(*parsed);
    }
    wrong(node.origin, parsed.error().message);
    return {};
  }

  std::vector<std::pair<std::string, Template>> named_templates(const YamlNode& map) {
    std::vector<std::pair<std::string, Template>> out;
    for (const auto& [key, value] : members(map))
      out.emplace_back(scalar(*key), text_template(*value));
    return out;
  }

  void unknown(const YamlNode& key, std::initializer_list<std::string_view> known) {
    Nearest nearest(key.value);
    for (const std::string_view name : known) nearest.offer(name);
    wrong(
        key.origin,
        "unknown key \"" + key.value + "\"" +
            (nearest.best().empty() ? "" : "; did you mean " + std::string(nearest.best()) + "?"));
  }

  void whole(const YamlNode& root) {
    Kind& kind = recipe_.kind_;
    kind.formats = {"json"};
    for (const auto& [key, value] : members(root)) {
      const std::string& name = key->value;
      if (name == "name")
        kind.name = scalar(*value);
      else if (name == "category")
        kind.category = scalar(*value);
      else if (name == "summary")
        kind.summary = scalar(*value);
      else if (name == "formats")
        kind.formats = texts(*value);
      else if (name == "keys")
        keys(*value);
      else if (name == "request")
        recipe_.shape_ = request(*value);
      else if (name == "prepare")
        recipe_.prepare_ = request(*value);
      else if (name == "batch")
        recipe_.batch_ = static_cast<std::size_t>(std::max(number(*value), 1));
      else if (name == "success")
        success(*value);
      else if (name == "failure_mark")
        recipe_.failure_mark_ = scalar(*value);
      else if (name == "aws")
        recipe_.authorization_ = {Authorization::Kind::aws, scalar(*value)};
      else if (name == "google")
        recipe_.authorization_ = {Authorization::Kind::google, scalar(*value)};
      else if (name == "azure")
        recipe_.authorization_ = {Authorization::Kind::azure, scalar(*value)};
      else if (name == "escape")
        escape(*value);
      else if (name != "api")
        unknown(*key,
                {"name", "category", "summary", "formats", "keys", "request", "prepare", "batch",
                 "success", "failure_mark", "aws", "google", "azure", "escape", "api"});
    }
    if (kind.name.empty() || kind.category.empty() || kind.summary.empty())
      wrong(root.origin, "a recipe needs name, category and summary");
    if (!tree_.find(root, "request")) wrong(root.origin, "a recipe needs a request");
  }

  void success(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) recipe_.success_ = {number(node)};
    for (const std::uint32_t item : node.items)
      recipe_.success_.push_back(number(tree_.node(item)));
  }

  void escape(const YamlNode& node) {
    const auto rows = template_functions();
    const auto row = std::ranges::find(rows, scalar(node), &TemplateFunction::name);
    if (row == rows.end() || !row->call || row->most != 1)
      return wrong(node.origin, "not a function of one value");
    recipe_.escape_ = row->call;
  }

  void keys(const YamlNode& map) {
    for (const auto& [name, value] : members(map)) {
      Key key{.name = scalar(*name)};
      const YamlNode* preset = nullptr;
      for (const auto& [what, of] : members(*value)) {
        const std::string& word = what->value;
        if (word == "help")
          key.help = scalar(*of);
        else if (word == "example")
          key.example = scalar(*of);
        else if (word == "required")
          key.required = truth(*of);
        else if (word == "secret")
          key.secret = truth(*of);
        else if (word == "choices")
          key.choices = texts(*of);
        else if (word == "type" && of->value == "url")
          key.url = true;
        else if (word == "type")
          key.type = type(*of);
        else if (word == "default")
          preset = of;
        else
          unknown(*what, {"help", "example", "required", "secret", "choices", "type", "default"});
      }
      if (preset) key.preset = value_of(*preset, key.type);
      if (key.help.empty()) wrong(name->origin, "a key needs help");
      recipe_.kind_.keys.push_back(std::move(key));
    }
  }

  KeyType type(const YamlNode& node) {
    const std::string word = scalar(node);
    if (word == "number") return KeyType::number;
    if (word == "flag") return KeyType::flag;
    if (word == "list") return KeyType::list;
    if (word == "pairs") return KeyType::pairs;
    if (word != "text") wrong(node.origin, "a type is text, url, number, flag, list or pairs");
    return KeyType::text;
  }

  Setting value_of(const YamlNode& node, KeyType type) {
    switch (type) {
      case KeyType::number:
      case KeyType::milliseconds: return std::int64_t{number(node)};
      case KeyType::flag: return truth(node);
      case KeyType::list: return texts(node);
      case KeyType::pairs: {
        Pairs pairs;
        for (const auto& [key, value] : members(node)) pairs[scalar(*key)] = scalar(*value);
        return pairs;
      }
      case KeyType::text: break;
    }
    return scalar(node);
  }

  RequestShape request(const YamlNode& map) {
    using Body = RequestShape::Body;
    RequestShape out;
    std::string media_type;
    out.method = *Template::parse("POST");
    for (const auto& [key, value] : members(map)) {
      const std::string& name = key->value;
      if (name == "method") {
        out.method = text_template(*value);
      } else if (name == "url") {
        out.url = text_template(*value);
      } else if (name == "headers") {
        for (const auto& [header, text] : members(*value))
          out.headers.emplace_back(text_template(*header), text_template(*text));
      } else if (name == "json") {
        out.body.kind = Body::Kind::json;
        out.body.json = body(*value, 0);
        media_type = "application/json";
      } else if (name == "form") {
        out.body.kind = Body::Kind::form;
        out.body.form = named_templates(*value);
        media_type = "application/x-www-form-urlencoded";
      } else if (name == "text") {
        out.body.kind = Body::Kind::text;
        out.body.texts = {text_template(*value)};
        media_type = "text/plain";
      } else if (name == "lines") {
        out.body.kind = Body::Kind::lines;
        for (const std::uint32_t item : value->items)
          out.body.texts.push_back(text_template(tree_.node(item)));
        media_type = "application/x-ndjson";
      } else if (name == "parquet") {
        out.body.kind = Body::Kind::parquet;
        columns(*value, {}, out.body.columns);
        media_type = "application/vnd.apache.parquet";
      } else {
        unknown(*key, {"method", "url", "headers", "json", "form", "text", "lines", "parquet"});
      }
    }
    if (!tree_.find(map, "url")) wrong(map.origin, "a request needs a url");
    if (media_type.empty()) wrong(map.origin, "a request needs json, form, text, lines or parquet");
    const YamlNode* headers = tree_.find(map, "headers");
    if (!headers || !tree_.find(*headers, "Content-Type"))
      out.headers.emplace_back(*Template::parse("Content-Type"), *Template::parse(media_type));
    return out;
  }

  // A map is a group of columns, unless it says that its value is a number.
  void columns(const YamlNode& map, const std::vector<std::string>& path,
               std::vector<RequestShape::Body::Column>& out) {
    if (path.size() > deepest) return wrong(map.origin, "the groups are nested too deeply");
    const Members list = members(map);
    if (list.empty()) wrong(map.origin, "a group needs a column");
    for (const auto& [key, value] : list) {
      RequestShape::Body::Column column{path};
      column.path.push_back(scalar(*key));
      const YamlNode* number = nullptr;
      for (const auto& [word, type] :
           {std::pair("$int", ParquetType::int32), std::pair("$long", ParquetType::int64)}) {
        const YamlNode* found =
            value->kind == YamlNode::Kind::map ? tree_.find(*value, word) : nullptr;
        if (found) number = found;
        if (found) column.type = type;
      }
      if (value->kind == YamlNode::Kind::map && !number) {
        columns(*value, column.path, out);
        continue;
      }
      column.value = text_template(number ? *number : *value);
      out.push_back(std::move(column));
    }
  }

  BodyNode body(const YamlNode& node, int depth) {
    if (depth > deepest) {
      wrong(node.origin, "the body is nested too deeply");
      return {};
    }
    BodyNode out;
    switch (node.kind) {
      case YamlNode::Kind::null: out.kind = BodyNode::Kind::raw; break;
      case YamlNode::Kind::scalar: out.text = text_template(node); break;
      case YamlNode::Kind::sequence:
        out.kind = BodyNode::Kind::list;
        for (const std::uint32_t item : node.items)
          out.members.push_back(body(tree_.node(item), depth + 1));
        break;
      case YamlNode::Kind::map: return body_map(node, depth);
    }
    return out;
  }

  BodyNode body_map(const YamlNode& node, int depth) {
    if (const YamlNode* json = tree_.find(node, "$json"))
      return {.kind = BodyNode::Kind::raw, .text = text_template(*json)};
    if (const YamlNode* over = tree_.find(node, "$each")) {
      BodyNode out{.kind = BodyNode::Kind::each, .text = expression(*over)};
      const YamlNode* item = tree_.find(node, "$item");
      if (!item) wrong(node.origin, "$each needs $item");
      out.members.push_back(item ? body(*item, depth + 1) : BodyNode{});
      return out;
    }
    if (const YamlNode* question = tree_.find(node, "$if")) {
      BodyNode out{.kind = BodyNode::Kind::condition, .text = expression(*question)};
      const YamlNode *then = tree_.find(node, "$then"), *otherwise = tree_.find(node, "$else");
      if (!then) wrong(node.origin, "$if needs $then");
      if (then) out.members.push_back(body(*then, depth + 1));
      if (otherwise) out.members.push_back(body(*otherwise, depth + 1));
      return out;
    }
    BodyNode out{.kind = BodyNode::Kind::map};
    for (const auto& [key, value] : members(node)) {
      if (key->value.starts_with("$key") || key->value.starts_with("$value")) continue;
      BodyNode member;
      // "$map NAME" has "$key NAME" and "$value NAME", so that there can be several.
      if (key->value.starts_with("$map")) {
        const std::string suffix = key->value.substr(4);
        member.spread = true;
        member.text = expression(*value);
        const YamlNode *name = tree_.find(node, "$key" + suffix),
                       *of = tree_.find(node, "$value" + suffix);
        if (!name || !of) wrong(key->origin, "$map needs $key and $value");
        if (name) member.key = text_template(*name);
        member.members.push_back(of ? body(*of, depth + 1) : BodyNode{});
      } else {
        member = body(*value, depth + 1);
        member.key = text_template(*key);
      }
      out.members.push_back(std::move(member));
    }
    return out;
  }

  lang::Sources sources_;
  const lang::SourceId source_;
  const lang::YamlTree tree_;
  Recipe recipe_;
  std::string errors_;
};

Result<Recipe> Recipe::parse(const std::string& name, const std::string& text) {
  return RecipeReader(name, text).read();
}

}  // namespace saker::output
