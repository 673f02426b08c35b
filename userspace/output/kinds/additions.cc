// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/additions.h"

#include <algorithm>
#include <cstdlib>

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

Node node_of(const Document& document) {
  Node tags{.kind = Node::Kind::list};
  for (const std::string& tag : document.tags) tags.members.emplace_back("", Node::of(tag));
  const auto ns = static_cast<std::int64_t>(document.time_ns);
  const std::string event = document.json();
  return {Node::Kind::map,
          {},
          {{"UUID", Node::of(document.uuid)},
           {"Rule", Node::of(document.rule)},
           {"Priority", Node::of(std::string(lang::priority_name(document.priority)))},
           {"Severity", Node::of_number(static_cast<std::int64_t>(document.priority))},
           {"Output", Node::of(document.output)},
           {"Source", Node::of(document.source)},
           {"Hostname", Node::of(document.hostname)},
           {"Time", Node::of(document.time)},
           {"TimeNs", Node::of_number(ns)},
           {"TimeMs", Node::of_number(ns / 1'000'000)},
           {"TimeSeconds", Node::of_number(ns / 1'000'000'000)},
           {"Tags", std::move(tags)},
           {"OutputFields", fields_node(document)},
           {"Event", Node::of_json(event)},
           // For combining with other members.
           {"EventMembers", Node::of_json(event.substr(1, event.size() - 2))}}};
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
