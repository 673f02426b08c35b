// SPDX-License-Identifier: Apache-2.0
// The resolver's part for rules: condition with exceptions, output, events, and the required
// plugins.
#include <algorithm>
#include <utility>

#include "lang/fields.h"
#include "lang/print.h"
#include "lang/resolve/deduce.h"
#include "lang/resolve/exceptions.h"
#include "lang/resolve/parser.h"
#include "lang/resolve/resolve.h"
#include "lang/resolve/warn_arguments.h"

namespace saker::lang {
namespace {

// A rule with more event codes than this costs time on nearly every event.
constexpr unsigned many_codes = 100;

Exception described(const ExceptionEntry& entry) {
  Exception exception;
  exception.name = entry.name.text;
  exception.scalar = entry.scalar_fields;
  for (const TextAt& field : entry.fields) exception.fields.push_back(field.text);
  for (const TextAt& comp : entry.comps) exception.comps.push_back(comp.text);
  for (const ExceptionEntry::Tuple& tuple : entry.values) {
    std::vector<Exception::Value>& values = exception.values.emplace_back();
    for (const ExceptionEntry::Value& value : tuple.values) {
      Exception::Value& to = values.emplace_back();
      to.list = value.list;
      for (const TextAt& item : value.items) to.items.push_back(item.text);
    }
  }
  return exception;
}

Rule described(const CollectedRule& collected, const Sources& sources) {
  Rule rule;
  rule.name = collected.name.text;
  rule.desc = collected.desc.text;
  rule.condition = collected.condition.text();
  rule.source = collected.source;
  rule.priority = collected.priority;
  rule.tags = collected.tags;
  rule.enabled = collected.enabled;
  rule.capture = collected.capture;
  rule.capture_duration_ms = collected.capture_duration_ms;
  rule.warn_evttypes = collected.warn_evttypes;
  rule.skip_if_unknown_filter = collected.skip_if_unknown_filter;
  for (const ExceptionEntry& entry : collected.exceptions)
    rule.exceptions.push_back(described(entry));
  rule.file = sources.name(collected.origin.source);
  rule.pos = sources.position(collected.origin);
  return rule;
}

bool applies(const AppendOutput& append, const CollectedRule& rule) {
  if (!append.match_rule.empty() && append.match_rule != rule.name.text) return false;
  if (!append.match_source.empty() && append.match_source != rule.source) return false;
  return std::all_of(append.match_tags.begin(), append.match_tags.end(),
                     [&](const std::string& tag) {
                       return std::binary_search(rule.tags.begin(), rule.tags.end(), tag);
                     });
}

// "container_id=%container.id ..." for every field that is suggested for outputs.
std::string suggested_output(const std::map<std::string, std::string>& static_fields) {
  std::string text;
  const auto add = [&text](const std::string& name) {
    std::string key = name;
    std::replace(key.begin(), key.end(), '.', '_');
    text += (text.empty() ? "" : " ") + key + "=%" + name;
  };
  for (const FieldDef& field : all_fields())
    if (field.suggested && field.name != "static" && field.name.substr(0, 8) != "k8smeta.")
      add(std::string(field.name));
  for (const auto& [name, value] : static_fields) add("static." + name);
  return text;
}

// Falco used to replace this word; now it is removed from the text.
MappedText without_container_info(const MappedText& text, std::vector<ConditionError>& problems) {
  constexpr std::string_view word = "%container.info";
  MappedText result;
  std::size_t copied = 0;
  for (std::size_t at = text.text().find(word); at != std::string::npos;
       at = text.text().find(word, at + 1)) {
    result.append(text, copied, at);
    copied = at + word.size();
    ConditionError& problem = problems.emplace_back();
    problem.code = Code::deprecated_item;
    problem.message = "%container.info is deprecated and removed from the output";
    problem.hint = "remove it; name the fields you want, such as %container.id and %container.name";
    problem.offset = at;
    problem.deprecated_field = "container.info";
  }
  result.append(text, copied, text.text().size());
  return result;
}

void warn_deprecated(const OutputFormat& format, std::vector<ConditionError>& problems) {
  for (const Operand& field : output_fields(format)) {
    if (!all_fields()[field.field].deprecated) continue;
    ConditionError& problem = problems.emplace_back();
    problem.code = Code::deprecated_item;
    problem.message = "field '" + field.text + "' is deprecated";
    problem.hint = "it has a constant value; remove it from the output";
    problem.offset = field.pos.offset;
    problem.deprecated_field = field.text;
  }
}

ConditionError output_problem(const OutputError& error) {
  ConditionError problem;
  problem.code = Code::compile_output;
  problem.message = error.message;
  problem.hint = error.hint;
  problem.offset = error.offset;
  problem.unknown_name = error.unknown_field;
  return problem;
}

// `key` as one field, with nothing after it.
OutputParse raw_field(const std::string& key, const Scope& scope) {
  OutputParse output;
  output.format.text = "%" + key;
  ParsedOperand parsed = parse_field_or_transform(key);
  std::vector<ConditionError> problems;
  if (parsed.error)
    output.errors.push_back({parsed.error->message, parsed.error->hint, 0, false});
  else if (!bind_operand(parsed.operand, scope, problems))
    for (ConditionError& problem : problems)
      output.errors.push_back({problem.message, problem.hint, 0, problem.unknown_name});
  OutputToken& token = output.format.tokens.emplace_back();
  token.kind = OutputToken::Kind::value;
  token.text = key;
  token.value = std::move(parsed.operand);
  return output;
}

}  // namespace

void Resolver::add_extra_fields(const CollectedRule& collected, Rule& rule,
                                const AppendOutput& append, Parsed& parsed) {
  const Owner owner{{{"rule", rule.name, collected.origin}}, static_cast<std::size_t>(-1), 0};
  MappedText place;
  place.append_for(" ", collected.origin);
  for (const AppendOutput::Field& field : append.extra_fields) {
    ExtraField extra;
    extra.key = field.key;
    extra.raw = field.format.empty();
    OutputParse output = extra.raw ? raw_field(field.key, checker_.scope())
                                   : parse_output(field.format, checker_.scope());
    std::vector<ConditionError> problems;
    for (const OutputError& error : output.errors) {
      problems.push_back(output_problem(error));
      problems.back().message = "append_output, field '" + field.key + "': " + error.message;
      problems.back().offset = 0;
    }
    // Such an error is in the configuration, so skip-if-unknown-filter does not apply to it.
    for (ConditionError& problem : problems) problem.unknown_name = false;
    add_problems(problems, place, owner, parsed);
    extra.format = std::move(output.format);
    rule.extra_fields.push_back(std::move(extra));
  }
}

void Resolver::resolve_output(const CollectedRule& collected, Rule& rule, Parsed& parsed) {
  const Owner owner{
      {{"rule", rule.name, collected.origin}, {"rule output", "", collected.output.origin(0)}},
      static_cast<std::size_t>(-1),
      0};
  std::vector<ConditionError> problems;
  MappedText text = without_container_info(collected.output, problems);
  add_problems(problems, collected.output, owner, parsed);
  const std::map<std::string, std::string>& static_fields = checker_.scope().static_fields;
  for (const AppendOutput& append : options_.append_output) {
    if (!applies(append, collected)) continue;
    if (!append.extra_output.empty()) text.append_for(" " + append.extra_output, collected.origin);
    if (append.suggested_output)
      text.append_for(" " + suggested_output(static_fields), collected.origin);
    add_extra_fields(collected, rule, append, parsed);
  }
  OutputParse output = parse_output(text.text(), checker_.scope());
  problems.clear();
  for (const OutputError& error : output.errors) problems.push_back(output_problem(error));
  if (warnings_) warn_deprecated(output.format, problems);
  add_problems(problems, text, owner, parsed);
  rule.output = std::move(output.format);
}

// Whether an invalid rule may be skipped: yes if its first error is an unknown name, whatever
// follows.
bool Resolver::forgive(const CollectedRule& rule, const Parsed& parsed) {
  if (!rule.skip_if_unknown_filter || !parsed.errors || !parsed.first_unknown) return false;
  const auto error =
      std::find_if(parsed.findings.begin(), parsed.findings.end(),
                   [](const Report::Finding& finding) { return is_error(finding.code); });
  if (warnings_)
    report_.add({Code::unknown_filter,
                 error->origin,
                 "rule '" + rule.name.text + "' is left out: " + error->message,
                 "'skip-if-unknown-filter: true' asks for this; " + error->hint,
                 error->context,
                 {}});
  return true;
}

void Resolver::report_findings(Parsed& parsed) {
  for (Report::Finding& finding : parsed.findings)
    if (is_error(finding.code) || warnings_) report_.add(std::move(finding));
}

void Resolver::resolve_rule(const CollectedRule& collected) {
  if (!collected.known_source) return;
  const Owner owner{{{"rule", collected.name.text, collected.origin},
                     {"rule condition", "", collected.condition.origin(0)}},
                    static_cast<std::size_t>(-1),
                    0};
  const std::size_t errors_before = report_.errors();
  const MappedText condition = condition_with_exceptions(collected, report_);
  bool good = !collected.broken && report_.errors() == errors_before;
  Rule rule = described(collected, sources_);
  Parsed output;
  if (!options_.syntax_only) resolve_output(collected, rule, output);
  // The output is checked before the condition: if it makes the rule invalid, the condition is not
  // checked.
  if (good && forgive(collected, output)) return;
  report_findings(output);
  std::optional<Parsed> parsed = parse(condition, owner);
  good = good && parsed && !output.errors;
  if (good && forgive(collected, *parsed)) return;
  if (parsed) report_findings(*parsed);
  if (!good || parsed->errors || report_.errors() != errors_before) return;
  rule.expr = std::move(parsed->expr);
  result_.rules.push_back(std::move(rule));
  rule_sources_.push_back({&collected, condition.origin(0)});
}

void Resolver::warn_events(const CollectedRule& collected, const Rule& rule) {
  if (!rule.warn_evttypes || rule.source != "syscall") return;
  unsigned codes = code_count(rule.events);
  if (codes <= many_codes) return;
  report_.add({Code::no_evttype,
               collected.condition.origin(0),
               "rule '" + rule.name + "' matches too many event types (" + std::to_string(codes) +
                   " event codes)",
               "restrict it, as in 'evt.type in (open, openat) and ...': without a restriction the "
               "rule costs time on every event",
               {{"rule", rule.name, collected.origin},
                {"rule condition", "", collected.condition.origin(0)}},
               {}});
}

void Resolver::warn_arguments(const CollectedRule& collected, SourcePlace condition,
                              const Rule& rule) {
  if (rule.source != "syscall") return;
  for (const UnfilledArgument& argument : unfilled_arguments(rule.expr, rule.events)) {
    // Lists, macros and exceptions have their places elsewhere: then use the beginning of the
    // condition.
    SourcePlace at = condition;
    const SourcePlace named{at.source, argument.operand->pos.offset};
    const std::string_view file = sources_.text(at.source);
    if (named.offset < file.size() && file.substr(named.offset).starts_with(argument.operand->text))
      at = named;
    report_.add({Code::warn_compile_condition,
                 at,
                 "no event of rule '" + rule.name + "' has an argument '" + argument.operand->arg +
                     "': a comparison with it is never true",
                 describe_arguments(rule.events),
                 {{"rule", rule.name, collected.origin}, {"rule condition", "", at}},
                 {}});
  }
}

void Resolver::check_plugins() {
  const auto satisfied = [this](const PluginRequirement& wanted, bool& loaded) {
    const auto found = options_.plugins.find(wanted.name);
    loaded = found != options_.plugins.end();
    if (!loaded) return false;
    const std::optional<Version> have = parse_version(found->second),
                                 want = parse_version(wanted.version);
    return have && want && have->major == want->major && !(*have < *want);
  };
  for (const PluginVersionsEntry& entry : collector_.plugins_required()) {
    for (const PluginRequirement& wanted : entry.requirements) {
      bool loaded = false;
      bool good = satisfied(wanted, loaded);
      // The first loaded plugin decides.
      for (std::size_t i = 0; !loaded && i < wanted.alternatives.size(); ++i)
        good = satisfied(wanted.alternatives[i], loaded);
      if (good) continue;
      report_.add({Code::validate,
                   entry.origin,
                   "the rules require plugin '" + wanted.name + "' in version " + wanted.version +
                       (loaded ? ", but another version is loaded" : ", which is not loaded"),
                   "remove the files that need it",
                   {{"required plugin versions entry", "", entry.origin}},
                   {}});
    }
  }
}

}  // namespace saker::lang
