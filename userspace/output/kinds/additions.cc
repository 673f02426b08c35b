// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/additions.h"

#include <algorithm>
#include <cstdlib>

#include "output/clock.h"
#include "output/escape.h"

namespace saker::output {
namespace {

// Adds the field or replaces its value.
void set_field(Document& document, const std::string& key, const std::string& text) {
  Field field{key, "", text};
  append_json(field.json, text);
  const auto found = std::ranges::find(document.fields, key, &Field::key);
  if (found == document.fields.end())
    document.fields.push_back(std::move(field));
  else
    *found = std::move(field);
}

Node fields_node(const Document& document) {
  Node out{.kind = Node::Kind::map};
  for (const Field& field : document.fields) {
    const bool text = field.json.starts_with('"');
    out.members.emplace_back(field.key, text ? Node::of(field.text) : Node::of_json(field.json));
  }
  return out;
}

// "%NAME" is replaced by the environment variable NAME; other texts stay as they are.
std::string from_environment(const std::string& value) {
  if (value.size() < 2 || value[0] != '%') return value;
  const char* found = std::getenv(value.c_str() + 1);
  return found ? found : "";
}

void replace_all(std::string& in, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = in.find(from, at)) != in.npos; at += to.size())
    in.replace(at, from.size(), to);
}

}  // namespace

std::vector<Key> addition_keys() {
  return {
      {.name = "customfields",
       .type = KeyType::pairs,
       .help = "fields added to every alert; \"%NAME\" is an environment variable"},
      {.name = "templatedfields",
       .type = KeyType::pairs,
       .help = "fields added, each a template over the alert's fields"},
      {.name = "customtags",
       .type = KeyType::list,
       .help = "tags added to every alert",
       .example = "production"},
      {.name = "outputfieldformat",
       .help = "the message, made from <timestamp> <priority> <output> <custom_fields> "
               "<templated_fields> <tags>",
       .example = "<timestamp>: <priority> <output> <tags>"},
      {.name = "bracketreplacer", .help = "replaces [ in names of fields", .example = "_"},
  };
}

void check_additions(const Settings& settings, std::vector<Problem>& out) {
  for (const auto& [name, text] : settings.pairs("templatedfields"))
    if (const Result<Template> parsed = Template::parse(text); !parsed)
      out.push_back(
          {"templatedfields", "\"" + name + "\": " + parsed.error().message,
           "write it like { namespace = '{{ or (index . \"k8s.ns.name\") \"none\" }}' }"});
}

Additions::Additions(const Settings& settings)
    : tags_(settings.list("customtags")),
      output_format_(settings.text("outputfieldformat")),
      bracket_replacer_(settings.text("bracketreplacer")) {
  for (const auto& [name, value] : settings.pairs("customfields"))
    custom_[name] = from_environment(value);
  for (const auto& [name, text] : settings.pairs("templatedfields"))
    if (Result<Template> parsed = Template::parse(text); parsed)
      templated_.emplace_back(name, std::move(*parsed));
}

void Additions::apply(Document& document) const {
  std::string custom, templated;
  for (const auto& [name, value] : custom_) {
    set_field(document, name, value);
    custom += (custom.empty() ? "" : " ") + name + "=" + value;
  }
  if (!templated_.empty()) {
    const Node fields = fields_node(document);
    for (const auto& [name, text] : templated_) {
      const std::string value = text.render(fields);
      set_field(document, name, value);
      templated += (templated.empty() ? "" : " ") + name + "=" + value;
    }
  }
  document.tags.insert(document.tags.end(), tags_.begin(), tags_.end());
  if (!tags_.empty()) {
    std::ranges::sort(document.tags);
    document.tags.erase(std::unique(document.tags.begin(), document.tags.end()),
                        document.tags.end());
  }
  if (!output_format_.empty()) document.output = message(document, custom, templated);
  if (bracket_replacer_.empty()) return;
  for (Field& field : document.fields) {
    replace_all(field.key, "]", "");
    replace_all(field.key, "[", bracket_replacer_);
  }
}

std::string Additions::message(const Document& document, const std::string& custom,
                               const std::string& templated) const {
  // The message alone, after "TIME: Priority ".
  std::string_view rest = document.output;
  const std::string head = ": " + std::string(lang::priority_name(document.priority)) + " ";
  std::string_view time;
  if (const std::size_t at = rest.find(head); at < 64) {
    time = rest.substr(0, at);
    rest.remove_prefix(at + head.size());
  }
  std::string tags;
  for (const std::string& tag : document.tags) tags += (tags.empty() ? "" : ",") + tag;
  const std::pair<std::string_view, std::string_view> tokens[] = {
      {"<timestamp>", time},
      {"<priority>", lang::priority_name(document.priority)},
      {"<output>", rest},
      {"<custom_fields>", custom},
      {"<templated_fields>", templated},
      {"<tags>", tags}};
  // One pass, so that no text of an alert is treated as a token.
  std::string out;
  for (std::size_t at = 0; at < output_format_.size();) {
    const std::string_view here = std::string_view(output_format_).substr(at);
    const auto token = std::ranges::find_if(
        tokens, [&](const auto& each) { return here.starts_with(each.first); });
    if (token == std::end(tokens)) {
      out += output_format_[at++];
    } else {
      out += token->second;
      at += token->first.size();
    }
  }
  return out;
}

namespace {

// Makes members of an alert's node, those that are looked up.
class NodeMaker {
 public:
  explicit NodeMaker(const Names& names) : names_(names) {}

  template <typename Value>
  void add(const char* name, const Value& value) {
    if (names_.has(name)) out.members.emplace_back(name, value());
  }
  void add_text(const char* name, const std::string& text) {
    add(name, [&] { return Node::of(text); });
  }
  // What an alert has without its JSON.
  void add_head(const std::string& uuid, const std::string& rule, lang::Priority priority,
                std::uint64_t time_ns) {
    const auto ns = static_cast<std::int64_t>(time_ns);
    add_text("UUID", uuid);
    add_text("Rule", rule);
    add("Priority", [&] { return Node::of(std::string(lang::priority_name(priority))); });
    add("Severity", [&] { return Node::of_number(static_cast<std::int64_t>(priority)); });
    add("TimeNs", [&] { return Node::of_number(ns); });
    add("TimeMs", [&] { return Node::of_number(ns / 1'000'000); });
    add("TimeSeconds", [&] { return Node::of_number(ns / 1'000'000'000); });
  }
  // `members`: the event as JSON, without its braces.
  void add_event(std::string members) {
    add("Event", [&] { return Node::of_json("{" + members + "}"); });
    // For combining with other members.
    add("EventMembers", [&] { return Node::of_json(std::move(members)); });
  }

  Node out{.kind = Node::Kind::map};

 private:
  const Names& names_;
};

bool wants_event(const Names& names) { return names.has("Event") || names.has("EventMembers"); }

}  // namespace

Node node_of(const Document& document, const Names& names) {
  NodeMaker maker(names);
  maker.add_head(document.uuid, document.rule, document.priority, document.time_ns);
  maker.add_text("Time", document.time);
  maker.add_text("Output", document.output);
  maker.add_text("Source", document.source);
  maker.add_text("Hostname", document.hostname);
  maker.add("Tags", [&] {
    Node tags{.kind = Node::Kind::list};
    for (const std::string& tag : document.tags) tags.members.emplace_back("", Node::of(tag));
    return tags;
  });
  maker.add("OutputFields", [&] { return fields_node(document); });
  if (wants_event(names)) {
    const std::string event = document.json();
    maker.add_event(event.substr(1, event.size() - 2));
  }
  return std::move(maker.out);
}

std::optional<Node> brief_node_of(const Alert& alert, const Names& names) {
  for (const char* name : {"Output", "Source", "Hostname", "Tags", "OutputFields"})
    if (names.has(name)) return std::nullopt;
  const auto has = [&](const char* key) { return alert.json.find(key) != alert.json.npos; };
  // A member can be left out by json_include_output_property and its like.
  if (wants_event(names))
    for (const char* key : {"\"hostname\":", "\"output\":", "\"output_fields\":", "\"priority\":",
                            "\"rule\":", "\"source\":", "\"time\":"})
      if (!has(key)) return std::nullopt;
  NodeMaker maker(names);
  const bool identified = names.has("UUID") || wants_event(names);
  const std::string uuid = identified ? uuid_of(alert) : "";
  maker.add_head(uuid, alert.rule_name, alert.priority, alert.time);
  maker.add("Time", [&] {
    std::string time;
    append_utc(time, alert.time);
    return Node::of(std::move(time));
  });
  if (wants_event(names)) {
    std::string members =
        "\"uuid\":\"" + uuid + "\"," + alert.json.substr(1, alert.json.size() - 2);
    if (!has("\"tags\":")) members += ",\"tags\":[]";
    maker.add_event(std::move(members));
  }
  return std::move(maker.out);
}

Node node_of(const Settings& settings) {
  Node out{.kind = Node::Kind::map};
  out.members.emplace_back("format", Node::of(settings.format));
  for (const auto& [key, value] : settings.values) {
    Node node;
    if (const auto* text = std::get_if<std::string>(&value)) node = Node::of(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) node = Node::of_number(*number);
    if (const auto* flag = std::get_if<bool>(&value))
      node = Node::of_json(*flag ? "true" : "false");
    if (const auto* list = std::get_if<Texts>(&value)) {
      node.kind = Node::Kind::list;
      for (const std::string& each : *list) node.members.emplace_back("", Node::of(each));
    }
    if (const auto* pairs = std::get_if<Pairs>(&value)) {
      node.kind = Node::Kind::map;
      for (const auto& [name, text] : *pairs) node.members.emplace_back(name, Node::of(text));
    }
    out.members.emplace_back(key, std::move(node));
  }
  return out;
}

}  // namespace saker::output
