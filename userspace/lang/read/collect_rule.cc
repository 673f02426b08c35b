// SPDX-License-Identifier: Apache-2.0
// The collector's part for rules: definition, toggle, append, override, and the checks of
// exceptions.
#include <algorithm>
#include <utility>

#include "base/nearest.h"
#include "lang/read/collector.h"
#include "lang/resolve/parser.h"

namespace saker::lang {
namespace {

bool has_operation(const Overrides& overrides, const char* key, Operation operation) {
  const auto found = overrides.find(key);
  return found != overrides.end() && found->second == operation;
}

void unite_tags(std::vector<std::string>& tags, const std::vector<std::string>& more) {
  tags.insert(tags.end(), more.begin(), more.end());
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

void join(MappedText& to, const MappedText& more, SourcePlace at) {
  to.append_for(" ", at);
  to.append(more);
}

std::string trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n\v\f\r");
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\n\v\f\r") + 1 - begin));
}

}  // namespace

ExceptionOp classify_exception_op(std::string_view text) {
  const std::size_t blank = text.find_first_of(" \t");
  const std::optional<Op> op = find_op(text.substr(0, blank));
  if (!op) return {};
  if (blank == text.npos) return {true, is_list_op(*op), false};
  const std::size_t modifier = text.find_first_not_of(" \t", blank);
  const bool known = is_text_op(*op) && find_modifier(text.substr(modifier)).has_value();
  return {known, known, known};
}

void Collector::fail(const RuleEntry& rule, SourcePlace at, std::string message, std::string hint,
                     Code code) {
  report_.add(
      {code, at, std::move(message), std::move(hint), {{"rule", rule.name.text, rule.origin}}, {}});
}

void Collector::fail(const RuleEntry& rule, const ExceptionEntry& exception, SourcePlace at,
                     std::string message, std::string hint) {
  report_.add({Code::validate,
               at,
               "exception '" + exception.name.text + "'" + std::move(message),
               std::move(hint),
               {{"rule", rule.name.text, rule.origin},
                {"exception", exception.name.text, exception.name.origin}},
               {}});
}

bool Collector::source_known(const std::string& source) const {
  return std::find(sources_.begin(), sources_.end(), source) != sources_.end();
}

bool Collector::check_source(const CollectedRule& rule, const RuleEntry& entry) {
  if (!entry.source || entry.source->text == rule.source) return true;
  fail(entry, entry.source->origin,
       "rule '" + entry.name.text + "' is defined for source '" + rule.source + "', not '" +
           entry.source->text + "'",
       "leave 'source' out, or give the rule another name");
  return false;
}

CollectedRule* Collector::find_rule_for(const RuleEntry& entry, const char* doing) {
  const auto found = rule_by_name_.find(entry.name.text);
  if (found != rule_by_name_.end()) return &rules_[found->second];
  if (incomplete_ || broken_rules_.count(entry.name.text) != 0) return nullptr;
  Nearest nearest(entry.name.text);
  if (!report_.crowded())
    for (const auto& [name, index] : rule_by_name_) nearest.offer(name);
  fail(entry, entry.name.origin, "rule '" + entry.name.text + "' is " + doing + " but not defined",
       nearest.best().empty() ? "define it before this entry, in this file or one loaded earlier"
                              : "did you mean '" + std::string(nearest.best()) + "'?");
  return nullptr;
}

void Collector::add_rule(RuleEntry entry) {
  if (!entry.overrides.empty())
    override_rule(std::move(entry));
  else if (entry.append)
    append_rule(std::move(entry));
  else if (entry.condition)
    define_rule(std::move(entry));
  else if (entry.enabled)
    toggle_rule(entry);
}

void Collector::toggle_rule(const RuleEntry& entry) {
  if (CollectedRule* rule = find_rule_for(entry, "switched by 'enabled'"))
    rule->enabled = *entry.enabled;
}

void Collector::define_rule(RuleEntry entry) {
  CollectedRule rule;
  rule.source = entry.source ? entry.source->text : "syscall";
  rule.known_source = source_known(rule.source);
  if (!rule.known_source)
    report_.add(
        {Code::unknown_source,
         entry.source->origin,
         "unknown source '" + rule.source + "': rule '" + entry.name.text + "' is not compiled",
         "load the plugin that provides the source, or remove the rule",
         {{"rule", entry.name.text, entry.origin}},
         {}});
  if (entry.exceptions) {
    bool good = true;
    for (ExceptionEntry& exception : *entry.exceptions)
      good = complete_exception(entry, exception, rule.known_source) && good;
    if (good) rule.exceptions = std::move(*entry.exceptions);
  }
  rule.condition = std::move(*entry.condition);
  if (entry.output) rule.output = entry.output->trimmed();
  if (entry.desc) rule.desc = std::move(*entry.desc);
  rule.priority = entry.priority.value_or(Priority::debug);
  rule.broken = entry.broken;
  unite_tags(rule.tags, entry.tags.value_or(std::vector<std::string>{}));
  rule.enabled = entry.enabled.value_or(true);
  rule.warn_evttypes = entry.warn_evttypes.value_or(true);
  rule.skip_if_unknown_filter = entry.skip_if_unknown_filter.value_or(false);
  rule.capture = entry.capture.value_or(false);
  rule.capture_duration_ms = entry.capture_duration_ms.value_or(0);
  const auto found = rule_by_name_.find(entry.name.text);
  if (found != rule_by_name_.end() && !check_source(rules_[found->second], entry)) return;
  rule.name = std::move(entry.name);
  rule.origin = entry.origin;
  rule.changed = next_index_++;
  if (found != rule_by_name_.end()) {
    rules_[found->second] = std::move(rule);
    return;
  }
  rule_by_name_[rule.name.text] = rules_.size();
  rules_.push_back(std::move(rule));
}

void Collector::append_rule(RuleEntry entry) {
  CollectedRule* rule = find_rule_for(entry, "appended to");
  if (rule == nullptr || !check_source(*rule, entry)) return;
  rule->changed = next_index_++;
  if (entry.condition) join(rule->condition, *entry.condition, entry.origin);
  if (!entry.exceptions) return;
  for (ExceptionEntry& exception : *entry.exceptions)
    append_exception(*rule, entry, std::move(exception));
}

void Collector::override_rule(RuleEntry entry) {
  CollectedRule* rule = find_rule_for(entry, "overridden");
  if (rule == nullptr) return;
  if (entry.overrides.count("condition") != 0 && !check_source(*rule, entry)) return;
  rule->changed = next_index_++;
  append_parts(*rule, entry);
  replace_parts(*rule, entry);
}

void Collector::append_parts(CollectedRule& rule, RuleEntry& entry) {
  const auto appends = [&](const char* key) {
    return has_operation(entry.overrides, key, Operation::append);
  };
  if (appends("condition") && entry.condition) join(rule.condition, *entry.condition, entry.origin);
  if (appends("output") && entry.output) {
    join(rule.output, *entry.output, entry.origin);
    rule.output = rule.output.trimmed();
  }
  if (appends("desc") && entry.desc) rule.desc.text += " " + entry.desc->text;
  if (appends("tags") && entry.tags) unite_tags(rule.tags, *entry.tags);
  if (!appends("exceptions") || !entry.exceptions) return;
  for (ExceptionEntry& exception : *entry.exceptions)
    append_exception(rule, entry, std::move(exception));
}

void Collector::replace_parts(CollectedRule& rule, RuleEntry& entry) {
  const auto replaces = [&](const char* key) {
    return has_operation(entry.overrides, key, Operation::replace);
  };
  if (replaces("condition") && entry.condition) rule.condition = std::move(*entry.condition);
  if (replaces("output") && entry.output) rule.output = entry.output->trimmed();
  if (replaces("desc") && entry.desc) rule.desc = std::move(*entry.desc);
  if (replaces("priority") && entry.priority) rule.priority = *entry.priority;
  if (replaces("capture") && entry.capture) rule.capture = *entry.capture;
  if (replaces("capture_duration") && entry.capture_duration_ms)
    rule.capture_duration_ms = *entry.capture_duration_ms;
  if (replaces("enabled") && entry.enabled) rule.enabled = *entry.enabled;
  if (replaces("warn_evttypes") && entry.warn_evttypes) rule.warn_evttypes = *entry.warn_evttypes;
  if (replaces("skip-if-unknown-filter") && entry.skip_if_unknown_filter)
    rule.skip_if_unknown_filter = *entry.skip_if_unknown_filter;
  if (replaces("tags") && entry.tags) {
    rule.tags.clear();
    unite_tags(rule.tags, *entry.tags);
  }
  if (!replaces("exceptions")) return;
  bool good = true;
  std::vector<ExceptionEntry> exceptions =
      entry.exceptions ? std::move(*entry.exceptions) : std::vector<ExceptionEntry>{};
  for (ExceptionEntry& exception : exceptions)
    good = complete_exception(entry, exception, rule.known_source) && good;
  if (good) rule.exceptions = std::move(exceptions);
}

void Collector::append_exception(CollectedRule& rule, const RuleEntry& entry,
                                 ExceptionEntry exception) {
  const auto same_name = [&](const ExceptionEntry& other) {
    return other.name.text == exception.name.text;
  };
  const auto found = std::find_if(rule.exceptions.begin(), rule.exceptions.end(), same_name);
  if (found != rule.exceptions.end()) {
    if (exception.has_fields || exception.has_comps) {
      fail(entry, exception, exception.name.origin,
           " exists already: only values can be appended to it",
           "remove 'fields' and 'comps', or give the exception another name");
      return;
    }
    for (ExceptionEntry::Tuple& tuple : exception.values) found->values.push_back(std::move(tuple));
    return;
  }
  if (!exception.has_fields) {
    fail(entry, exception, exception.name.origin,
         " does not exist, so it cannot be appended to: a new one must have 'fields'",
         "check the name, or add 'fields' and 'comps'");
    return;
  }
  if (exception.values.empty()) {
    fail(entry, exception, exception.name.origin, " is new and must have 'fields' and 'values'",
         "add 'values:'");
    return;
  }
  if (complete_exception(entry, exception, rule.known_source))
    rule.exceptions.push_back(std::move(exception));
}

bool Collector::complete_exception(const RuleEntry& rule, ExceptionEntry& exception,
                                   bool known_source) {
  for (TextAt& comp : exception.comps) comp.text = trim(comp.text);
  const bool comps = complete_comps(rule, exception);
  return (!known_source || check_fields(rule, exception)) && comps;
}

bool Collector::complete_comps(const RuleEntry& rule, ExceptionEntry& exception) {
  if (exception.scalar_fields) {
    if (!exception.has_comps) exception.comps.push_back({"in", exception.name.origin});
    if (exception.has_comps && !exception.scalar_comps) {
      fail(rule, exception, exception.name.origin,
           ": 'fields' is one field, so 'comps' must be one operator",
           "write both as lists, or both as one text");
      return false;
    }
    if (classify_exception_op(exception.comps[0].text).takes_list) return true;
    fail(rule, exception, exception.comps[0].origin,
         ": '" + exception.comps[0].text + "' does not take a list of values",
         "for one field the operator is in, pmatch, intersects, or one with a modifier such as "
         "'startswith anyof'");
    return false;
  }
  if (!exception.has_comps)
    for (const TextAt& field : exception.fields) exception.comps.push_back({"=", field.origin});
  if ((exception.has_comps && exception.scalar_comps) ||
      exception.comps.size() != exception.fields.size()) {
    fail(rule, exception, exception.name.origin,
         ": 'fields' and 'comps' must be lists of the same length",
         "give one operator for each field, or leave 'comps' out for '='");
    return false;
  }
  bool good = true;
  for (const TextAt& comp : exception.comps) {
    if (classify_exception_op(comp.text).known) continue;
    good = false;
    fail(rule, exception, comp.origin, ": unsupported operator '" + comp.text + "'",
         "an operator of the condition language, or one of its text operators with oneof, anyof or "
         "allof");
  }
  return good;
}

bool Collector::check_fields(const RuleEntry& rule, const ExceptionEntry& exception) {
  bool good = true;
  for (const TextAt& field : exception.fields) {
    ParsedOperand parsed = parse_field_or_transform(field.text);
    std::string why;
    if (parsed.error) {
      why = parsed.error->message;
    } else if (scope_ != nullptr) {
      std::vector<ConditionError> problems;
      if (bind_operand(parsed.operand, *scope_, problems)) continue;
      why = problems[0].hint.empty() ? problems[0].message : problems[0].hint;
    } else {
      continue;
    }
    good = false;
    fail(rule, exception, field.origin, ": '" + field.text + "' is not a supported field",
         std::move(why));
  }
  return good;
}

}  // namespace saker::lang
