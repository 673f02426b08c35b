// SPDX-License-Identifier: Apache-2.0
// Text templates: the subset of Go's text/template that Falcosidekick's users know:
//   {{ .Rule }}  {{ index .OutputFields "user.name" | upper }}  {{ or .Config.name "saker" }}
//   {{ if .Tags }}...{{ else }}...{{ end }}  {{ range .Tags }}{{ . }}{{ end }}  {{- trims -}}
// In a range over a map, the dot has .Key and .Value. docs/outputs.md has the functions. A missing
// value renders as nothing. Any thread, once it is made.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace saker::output {

// The data for a template: a tree of values.
struct Node {
  enum class Kind : std::uint8_t { nothing, text, json, list, map } kind = Kind::nothing;
  std::string text = {};  // text: as it is; json: a number, true, false or an object, as JSON
  std::vector<std::pair<std::string, Node>> members = {};  // list: without keys

  static Node of(std::string text) { return {Kind::text, std::move(text), {}}; }
  static Node of_json(std::string json) { return {Kind::json, std::move(json), {}}; }
  static Node of_number(std::int64_t number) { return of_json(std::to_string(number)); }

  const Node* find(std::string_view key) const;
  bool truth() const;  // as in Go: false for nothing, "", 0, false and empty
};

// The names that templates look up, so that only what they use has to be made.
struct Names {
  std::set<std::string, std::less<>> used;
  bool any = false;  // one uses the dot as a whole

  bool has(std::string_view name) const { return any || used.contains(name); }
};

class Template {
 public:
  Template() = default;
  // The error names the place: "character 12: there is no function \"foo\"".
  static Result<Template> parse(std::string_view text);

  // `escape`, if set, is applied to every value that {{ }} inserts.
  using Escape = Node (*)(std::span<const Node>);
  std::string render(const Node& root, Escape escape = nullptr) const;

  // One expression alone, as inside {{ }}: for a recipe's conditions and loops.
  static Result<Template> parse_expression(std::string_view text);
  Node evaluate(const Node& root) const;

  void add_names(Names& to) const;
  bool empty() const { return parts_.empty(); }

  struct Pipeline;
  struct Part;

 private:
  std::vector<Part> parts_;
};

struct TemplateOperand;
// A function and its operands; the first command may be a value without a function.
struct TemplateCommand {
  std::uint32_t function = 0;  // index in the table; 0: none, the result is its only operand
  std::vector<TemplateOperand> operands;
};
struct Template::Pipeline {
  std::vector<TemplateCommand> commands;
};
struct TemplateOperand {
  enum class Kind : std::uint8_t { literal, path, pipeline } kind = Kind::literal;
  Node literal = {};
  bool from_root = false;              // path: $.Rule
  std::vector<std::string> path = {};  // .Config.name; none: the dot itself
  Template::Pipeline pipeline = {};
};
struct Template::Part {
  enum class Kind : std::uint8_t { text, value, condition, range } kind = Kind::text;
  std::string text = {};
  Pipeline pipeline = {};
  std::vector<Part> body = {}, otherwise = {};
};

}  // namespace saker::output
