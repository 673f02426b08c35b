// SPDX-License-Identifier: Apache-2.0
#include "lang/describe.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lang/fields.h"
#include "lang/operators.h"
#include "lang/print.h"
#include "lang/resolve/parser.h"
#include "lang/snippet.h"

namespace saker::lang {
namespace {

using nlohmann::json;

// JSON contains only text: bytes that are not UTF-8 become U+FFFD.
std::string dump(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json position_json(const std::string& file, const Position& pos) {
  return {{"name", file},
          {"line", pos.line == 0 ? 0 : pos.line - 1},
          {"column", pos.column == 0 ? 0 : pos.column - 1},
          {"offset", pos.offset}};
}

json diagnostic_json(const Diagnostic& diagnostic) {
  json locations = json::array();
  for (const Location& location : diagnostic.context)
    locations.push_back({{"item_type", location.item_type},
                         {"item_name", location.item_name},
                         {"position", position_json(location.file, location.pos)}});
  json result = {
      {"context", {{"locations", std::move(locations)}, {"snippet", snippet(diagnostic)}}},
      {"code", code_name(diagnostic.code)},
      {"codedesc", code_title(diagnostic.code)},
      {"message", diagnostic.message}};
  if (!diagnostic.hint.empty()) result["hint"] = diagnostic.hint;
  if (!diagnostic.deprecated_field.empty())
    result["deprecated_field"] = diagnostic.deprecated_field;
  return result;
}

// The names in a tree: fields and operators, and the events for which it can be true.
struct Words {
  std::set<std::string> fields, operators, events;
};

void collect_fields(const Operand& operand, Words& words) {
  if (operand.kind == Operand::Kind::field) words.fields.insert(print(operand));
  for (const Operand& item : operand.items) collect_fields(item, words);
}

void collect(const Expr& expr, Words& words) {
  if (expr.kind == Expr::Kind::check) {
    collect_fields(expr.left, words);
    collect_fields(expr.right, words);
    words.operators.insert(std::string(op_name(expr.op)));
    if (expr.modifier != Modifier::none)
      words.operators.insert(std::string(modifier_name(expr.modifier)));
  }
  for (const Expr& child : expr.children) collect(child, words);
}

void collect_idents(const Expr& expr, std::set<std::string>& names) {
  if (expr.kind == Expr::Kind::ident) names.insert(expr.name);
  for (const Expr& child : expr.children) collect_idents(child, names);
}

std::set<std::string> macros_in(const std::string& condition) {
  std::set<std::string> names;
  collect_idents(parse_condition(condition).expr, names);
  return names;
}

// The lists that a condition names, found by their delimiters in the text, as in substitution.
std::set<std::string> lists_in(const RuleSet& rules, const std::string& condition) {
  std::set<std::string> names;
  constexpr std::string_view delimiters = " \t\n\r(),=";
  for (std::size_t begin = 0; begin < condition.size();) {
    const std::size_t end = std::min(condition.find_first_of(delimiters, begin), condition.size());
    const std::string word = condition.substr(begin, end - begin);
    const auto is_word = [&](const List& list) { return list.name == word; };
    if (!word.empty() && std::any_of(rules.lists.begin(), rules.lists.end(), is_word))
      names.insert(word);
    begin = end + 1;
  }
  return names;
}

std::set<std::string> names_of(const EventSet& events) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < event_names().size(); ++i)
    if (events.test(i)) names.insert(std::string(event_names()[i].name));
  return names;
}

json exception_details(const Rule& rule, json details) {
  std::set<std::string> names, fields, operators;
  for (const Exception& exception : rule.exceptions) {
    names.insert(exception.name);
    fields.insert(exception.fields.begin(), exception.fields.end());
    operators.insert(exception.comps.begin(), exception.comps.end());
  }
  details["exception_names"] = names;
  details["exception_fields"] = fields;
  details["exception_operators"] = operators;
  return details;
}

json rule_json(const RuleSet& rules, const Rule& rule) {
  Words words;
  collect(rule.expr, words);
  json output = json::array();
  for (const Operand& field : output_fields(rule.output)) output.push_back(print(field));
  json details = {{"macros", macros_in(rule.condition)},
                  {"lists", lists_in(rules, rule.condition)},
                  {"condition_operators", words.operators},
                  {"condition_fields", words.fields},
                  {"output_fields", std::move(output)},
                  {"events", names_of(rule.events)},
                  {"condition_compiled", print(rule.expr)},
                  {"output_compiled", rule.output.text},
                  {"plugins", json::array()}};
  json extra = json::object();
  for (const ExtraField& field : rule.extra_fields) extra[field.key] = field.format.text;
  if (!extra.empty()) details["extra_output_formatted_fields"] = std::move(extra);
  json info = {{"name", rule.name},
               {"condition", rule.condition},
               {"priority", priority_name(rule.priority)},
               {"output", rule.output.text},
               {"description", rule.desc},
               {"enabled", rule.enabled},
               {"source", rule.source},
               {"capture", rule.capture},
               {"capture_duration", rule.capture_duration_ms},
               {"tags", rule.tags}};
  return {{"info", std::move(info)}, {"details", exception_details(rule, std::move(details))}};
}

json macro_json(const RuleSet& rules, const Macro& macro) {
  Words words;
  collect(macro.expr, words);
  return {{"info", {{"name", macro.name}, {"condition", macro.condition}}},
          {"details",
           {{"used", macro.used},
            {"macros", macros_in(macro.condition)},
            {"lists", lists_in(rules, macro.condition)},
            {"condition_operators", words.operators},
            {"condition_fields", words.fields},
            {"events", names_of(macro.events)},
            {"condition_compiled", print(macro.expr)},
            {"plugins", json::array()}}}};
}

json list_json(const RuleSet& rules, const List& list) {
  std::set<std::string> nested;
  for (const std::string& item : list.items)
    for (const List& other : rules.lists)
      if (other.name == item) nested.insert(item);
  return {{"info", {{"name", list.name}, {"items", list.items}}},
          {"details",
           {{"used", list.used},
            {"lists", nested},
            {"items_compiled", list.compiled},
            {"plugins", json::array()}}}};
}

json requirement_json(const PluginRequirement& requirement) {
  json alternatives = json::array();
  for (const PluginRequirement& other : requirement.alternatives)
    alternatives.push_back({{"name", other.name}, {"version", other.version}});
  return {{"name", requirement.name},
          {"version", requirement.version},
          {"alternatives", std::move(alternatives)}};
}

std::string_view argument_name(ArgKind kind) {
  switch (kind) {
    case ArgKind::none: return "none";
    case ArgKind::index: return "index";
    case ArgKind::key: return "key";
    case ArgKind::index_or_key: return "index or key";
    case ArgKind::name: return "name";
    case ArgKind::index_or_name: return "index or name";
  }
  return "none";
}

}  // namespace

std::string validation_json(const RuleSet& rules) {
  json results = json::array();
  for (const FileResult& file : rules.files) {
    json errors = json::array(), warnings = json::array();
    for (const Diagnostic& diagnostic : file.errors) errors.push_back(diagnostic_json(diagnostic));
    for (const Diagnostic& diagnostic : file.warnings)
      warnings.push_back(diagnostic_json(diagnostic));
    results.push_back({{"name", file.name},
                       {"successful", file.ok()},
                       {"errors", std::move(errors)},
                       {"warnings", std::move(warnings)}});
  }
  return dump({{"falco_load_results", std::move(results)}});
}

std::string describe_json(const RuleSet& rules, std::string_view name) {
  json described = json::array();
  for (const Rule& rule : rules.rules)
    if (name.empty() || rule.name == name) described.push_back(rule_json(rules, rule));
  if (!name.empty()) return dump({{"rules", std::move(described)}});
  json macros = json::array(), lists = json::array(), plugins = json::array();
  for (const Macro& macro : rules.macros) macros.push_back(macro_json(rules, macro));
  for (const List& list : rules.lists) lists.push_back(list_json(rules, list));
  for (const PluginRequirement& requirement : rules.required_plugins)
    plugins.push_back(requirement_json(requirement));
  return dump({{"required_engine_version", rules.required_engine_version},
               {"required_plugin_versions", std::move(plugins)},
               {"rules", std::move(described)},
               {"macros", std::move(macros)},
               {"lists", std::move(lists)}});
}

std::string fields_json(InCaptures in_captures) {
  json result = json::array();
  for (const FieldDef& field : all_fields()) {
    json row = {{"name", field.name},
                {"type", type_name(field.type)},
                {"list", field.list},
                {"argument", argument_name(field.arg)},
                {"required", field.arg_required},
                {"filled", field.supported},
                {"filled_in_captures", field.supported || in_captures(field.name)},
                {"description", field.description}};
    if (!field.supported) row["why_unset"] = field.why_unset;
    if (field.kubernetes) row["needs"] = "kubernetes.enabled";
    if (field.deprecated) row["deprecated"] = true;
    if (field.filter_only) row["condition_only"] = true;
    if (field.extension) row["extension"] = true;
    result.push_back(std::move(row));
  }
  return dump(result);
}

std::string events_json() {
  json result = json::array();
  for (const EventNameDef& event : event_names())
    result.push_back(
        {{"name", event.name}, {"syscall", event.syscall}, {"recorded", event.record != 0}});
  return dump(result);
}

}  // namespace saker::lang
