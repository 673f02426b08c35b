// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/nearest.h"
#include "lang/describe.h"
#include "lang/fields.h"
#include "lang/print.h"

namespace saker::lang {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  if (result.size() < width) result.resize(width, ' ');
  return result;
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string result;
  for (const std::string& text : texts)
    result += (result.empty() ? "" : std::string(separator)) + text;
  return result;
}

// Text of a rule file, indented under its heading, without trailing line ends.
std::string block(std::string_view heading, std::string_view text) {
  std::string result = std::string(heading) + ":\n  ";
  const std::size_t end = text.find_last_not_of(" \n\t");
  for (const char c : text.substr(0, end == text.npos ? 0 : end + 1)) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result + "\n";
}

std::string line(std::string_view heading, const std::string& text) {
  return std::string(heading) + ": " + text + "\n";
}

std::string events_of(const EventSet& events) {
  if (events == all_events()) return "all";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < event_names().size(); ++i)
    if (events.test(i))
      names.push_back(std::string(event_names()[i].name) +
                      (event_names()[i].record == 0 ? "*" : ""));
  if (names.empty()) return "none: the rule can never fire";
  const bool unrecorded = std::any_of(names.begin(), names.end(),
                                      [](const std::string& name) { return name.back() == '*'; });
  return joined(names, " ") + (unrecorded ? "  (* not recorded by Saker)" : "");
}

std::string place_of(const std::string& file, const Position& pos) {
  return file + ":" + std::to_string(pos.line);
}

std::string show(const Rule& rule) {
  std::string text = "rule: " + rule.name + "\n";
  text += line("defined", place_of(rule.file, rule.pos));
  text += line("priority", std::string(priority_name(rule.priority)));
  text += line("source", rule.source);
  text += line("enabled", rule.enabled ? "yes" : "no");
  if (!rule.tags.empty()) text += line("tags", joined(rule.tags, ", "));
  text += line("events", events_of(rule.events));
  text += block("description", rule.desc);
  text += block("condition", rule.condition);
  for (const Exception& exception : rule.exceptions)
    text += line("exception", exception.name + " on " + joined(exception.fields, ", ") + ", " +
                                  std::to_string(exception.values.size()) + " values");
  text += block("output", rule.output.text);
  return text + block("expanded", print(rule.expr));
}

std::string show(const Macro& macro) {
  return "macro: " + macro.name + "\n" + line("defined", place_of(macro.file, macro.pos)) +
         line("used", macro.used ? "yes" : "no") + block("condition", macro.condition) +
         block("expanded", print(macro.expr));
}

std::string show(const List& list) {
  return "list: " + list.name + "\n" + line("defined", place_of(list.file, list.pos)) +
         line("used", list.used ? "yes" : "no") + line("items", joined(list.items, ", ")) +
         line("expanded", joined(list.compiled, ", "));
}

template <typename Item>
const Item* find_item(const std::vector<Item>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

std::string argument_form(const FieldDef& field) {
  const auto wrap = [&](const std::string& form) {
    return field.arg_required ? form : "(" + form + ")";
  };
  switch (field.arg) {
    case ArgKind::none: return "";
    case ArgKind::index: return wrap("[N]");
    case ArgKind::key: return wrap("[KEY]");
    case ArgKind::index_or_key: return wrap("[N or KEY]");
    case ArgKind::name: return wrap(".NAME");
    case ArgKind::index_or_name: return wrap("[N] or .NAME");
  }
  return "";
}

}  // namespace

std::string validation_summary(const RuleSet& rules) {
  std::string text;
  for (const FileResult& file : rules.files)
    text += file.name + ": " +
            (!file.ok()              ? "Invalid"
             : file.warnings.empty() ? "Ok"
                                     : "Ok, with warnings") +
            "\n";
  return text;
}

std::string list_rules(const RuleSet& rules) {
  std::size_t width = 0;
  for (const Rule& rule : rules.rules)
    width = std::max(width, std::min<std::size_t>(rule.name.size(), 60));
  std::string text;
  for (const Rule& rule : rules.rules) {
    text += padded(rule.name, width) + "  " + padded(priority_name(rule.priority), 13) + "  " +
            (rule.enabled ? "on   " : "off  ");
    const std::size_t end = std::min(rule.desc.find('\n'), rule.desc.size());
    text += rule.desc.substr(0, std::min<std::size_t>(end, 120)) + "\n";
  }
  return text;
}

std::string show_item(const RuleSet& rules, std::string_view name) {
  if (const Rule* rule = find_item(rules.rules, name)) return show(*rule);
  if (const Macro* macro = find_item(rules.macros, name)) return show(*macro);
  if (const List* list = find_item(rules.lists, name)) return show(*list);
  return {};
}

std::string nearest_item(const RuleSet& rules, std::string_view name) {
  Nearest nearest(name);
  for (const Rule& rule : rules.rules) nearest.offer(rule.name);
  for (const Macro& macro : rules.macros) nearest.offer(macro.name);
  for (const List& list : rules.lists) nearest.offer(list.name);
  return std::string(nearest.best());
}

std::string fields_text(InCaptures in_captures) {
  std::string text;
  std::string_view family;
  for (const FieldDef& field : all_fields()) {
    const std::string_view prefix = field.name.substr(0, field.name.find('.'));
    if (prefix != family) text += (family.empty() ? "" : "\n") + std::string(prefix) + "\n";
    family = prefix;
    const std::string type = (field.list ? "list of " : "") + std::string(type_name(field.type));
    text += "  " + padded(std::string(field.name) + argument_form(field), 38) + " " +
            padded(type, 15) + " ";
    text += field.description;
    if (field.filter_only) text += " (conditions only)";
    if (field.extension) text += " (Saker's own)";
    if (field.kubernetes) text += " (with [kubernetes])";
    if (!field.supported)
      text += "\n" + std::string(56, ' ') +
              (in_captures(field.name) ? "only in .scap captures: " : "unset: ") +
              std::string(field.why_unset);
    text += "\n";
  }
  return text;
}

std::string events_text() {
  std::string text = "recorded:\n";
  for (const EventNameDef& event : event_names())
    if (event.record != 0) text += "  " + std::string(event.name) + "\n";
  text +=
      "known, but not recorded (rules that name them load, and match them only in .scap "
      "captures):\n";
  for (const EventNameDef& event : event_names())
    if (event.record == 0)
      text +=
          "  " + std::string(event.name) + (event.syscall ? "" : "  (not a system call)") + "\n";
  return text;
}

}  // namespace saker::lang
