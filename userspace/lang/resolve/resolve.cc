// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/resolve.h"

#include <algorithm>
#include <utility>

#include "base/nearest.h"
#include "lang/resolve/deduce.h"
#include "lang/resolve/parser.h"

namespace saker::lang {
namespace {

std::size_t count(const Operand& operand) {
  std::size_t nodes = 1;
  for (const Operand& item : operand.items) nodes += count(item);
  return nodes;
}

}  // namespace

Resolver::Resolver(const Collector& collector, const Sources& sources, Report& report,
                   const LoadOptions& options, Checker& checker, const ResolveLimits& limits)
    : collector_(collector),
      sources_(sources),
      report_(report),
      options_(options),
      checker_(checker),
      limits_(limits),
      lists_(collector),
      macros_(collector.macros().size()) {}

void Resolver::fail(const Owner& owner, Code code, SourcePlace at, std::string message,
                    std::string hint) {
  std::vector<ContextItem> context = owner.context;
  context.push_back({"condition expression", "", at});
  report_.add({code, at, std::move(message), std::move(hint), std::move(context), {}});
}

bool Resolver::too_large(const Owner& owner, SourcePlace at, std::string what) {
  fail(owner, Code::compile_condition, at, std::move(what),
       "split the rule, or shorten its lists and macros");
  return false;
}

void Resolver::add_problems(std::vector<ConditionError>& problems, const MappedText& text,
                            const Owner& owner, Parsed& parsed) {
  for (ConditionError& problem : problems) {
    std::vector<ContextItem> context = owner.context;
    const SourcePlace at = text.origin(problem.offset);
    context.push_back(
        {problem.code == Code::compile_output ? "rule output expression" : "condition expression",
         "", at});
    if (is_error(problem.code)) parsed.note_error(problem.offset, problem.unknown_name);
    parsed.findings.push_back({problem.code, at, std::move(problem.message),
                               std::move(problem.hint), std::move(context),
                               std::move(problem.deprecated_field)});
  }
}

// Converts offsets in the text to places in the file. Constants get none: there are many and
// nothing uses their places.
void Resolver::place(Expr& expr, const MappedText& text) {
  const auto here = [&](Position& pos) { pos = sources_.position(text.origin(pos.offset)); };
  here(expr.pos);
  if (expr.kind == Expr::Kind::check) here(expr.left.pos);
  for (Expr& child : expr.children) place(child, text);
}

std::optional<Resolver::Parsed> Resolver::parse(const MappedText& text, const Owner& owner) {
  const std::optional<MappedText> expanded = lists_.substitute(text, limits_.condition_bytes);
  if (expanded) total_bytes_ += expanded->text().size();
  if (!expanded || total_bytes_ > limits_.total_bytes) {
    too_large(owner, text.origin(0), "the condition is too long after its lists are inserted");
    return std::nullopt;
  }
  ParsedCondition condition = parse_condition(expanded->text());
  if (condition.error) {
    fail(owner, Code::compile_condition, expanded->origin(condition.error->offset),
         std::move(condition.error->message), std::move(condition.error->hint));
    return std::nullopt;
  }
  Parsed parsed;
  parsed.expr = std::move(condition.expr);
  if (!options_.syntax_only) {
    std::vector<ConditionError> problems;
    checker_.check(parsed.expr, problems);
    add_problems(problems, *expanded, owner, parsed);
  }
  if (!splice(parsed.expr, 1, parsed, owner, *expanded)) {
    for (Report::Finding& finding : parsed.findings)
      if (is_error(finding.code)) report_.add(std::move(finding));
    return std::nullopt;
  }
  if (parsed.nodes > limits_.rule_nodes) {
    too_large(owner, text.origin(0), "the condition is too large after its lists are inserted");
    return std::nullopt;
  }
  total_nodes_ += parsed.nodes;
  if (total_nodes_ > limits_.total_nodes) {
    too_large(owner, text.origin(0), "all conditions together are too large");
    return std::nullopt;
  }
  place(parsed.expr, *expanded);
  return parsed;
}

bool Resolver::splice(Expr& expr, unsigned depth, Parsed& parsed, const Owner& owner,
                      const MappedText& text) {
  if (expr.kind == Expr::Kind::ident && !options_.syntax_only)
    return splice_macro(expr, depth, parsed, owner, text);
  parsed.depth = std::max(parsed.depth, depth);
  parsed.nodes += 2;
  if (expr.kind == Expr::Kind::check) parsed.nodes += count(expr.left) + count(expr.right);
  bool good = true;
  for (Expr& child : expr.children) good = splice(child, depth + 1, parsed, owner, text) && good;
  return good;
}

bool Resolver::splice_macro(Expr& expr, unsigned depth, Parsed& parsed, const Owner& owner,
                            const MappedText& text) {
  const SourcePlace at = text.origin(expr.pos.offset);
  const CollectedMacro* macro = collector_.find_macro(expr.name);
  if (macro == nullptr || macro->index >= owner.visibility) {
    if (macro == nullptr && (collector_.incomplete() || collector_.broken_macro(expr.name)))
      return false;
    Nearest nearest(expr.name);
    if (!report_.crowded())
      for (const CollectedMacro& other : collector_.macros()) nearest.offer(other.name.text);
    fail(owner, Code::validate, at, "undefined macro '" + expr.name + "' used in filter",
         macro != nullptr ? "it is defined further down: a macro can only use macros above it"
         : nearest.best().empty() ? "define it; if you mean a field, add its operator"
                                  : "did you mean '" + std::string(nearest.best()) + "'?");
    return false;
  }
  const std::size_t index = static_cast<std::size_t>(macro - collector_.macros().data());
  MacroState& state = macros_[index];
  if (state.stage == MacroState::Stage::active) {
    fail(owner, Code::validate, at, "reference loop in macro '" + expr.name + "'",
         "a macro cannot contain itself");
    return false;
  }
  if (!resolve_macro(index, owner.macro_depth + 1)) return false;
  state.used = true;
  parsed.nodes += state.parsed.nodes;
  parsed.depth = std::max(parsed.depth, depth + state.parsed.depth);
  if (parsed.nodes > limits_.rule_nodes)
    return too_large(owner, at, "the condition is too large after its macros are inserted");
  if (parsed.depth > limits_.tree_depth)
    return too_large(owner, at, "the condition is nested too deeply after its macros are inserted");
  // The error belongs to the item that uses the macro: the macro alone may be correct elsewhere.
  for (Report::Finding finding : state.parsed.findings) {
    finding.context = owner.context;
    finding.context.push_back({"condition expression", "", finding.origin});
    parsed.findings.push_back(std::move(finding));
  }
  if (state.parsed.errors) parsed.note_error(expr.pos.offset, state.parsed.first_unknown);
  std::string name = std::move(expr.name);
  expr = Expr(state.parsed.expr);
  expr.macros.insert(expr.macros.begin(), std::move(name));
  return true;
}

bool Resolver::resolve_macro(std::size_t index, unsigned macro_depth) {
  MacroState& state = macros_[index];
  if (state.stage == MacroState::Stage::done) return true;
  if (state.stage == MacroState::Stage::failed) return false;
  const CollectedMacro& macro = collector_.macros()[index];
  const Owner owner{{{"macro", macro.name.text, macro.origin},
                     {"macro condition", "", macro.condition.origin(0)}},
                    macro.visibility,
                    macro_depth};
  if (macro_depth > limits_.macro_depth)
    return too_large(owner, macro.origin, "macros are nested too deeply");
  state.stage = MacroState::Stage::active;
  std::optional<Parsed> parsed = parse(macro.condition, owner);
  state.stage = parsed ? MacroState::Stage::done : MacroState::Stage::failed;
  if (parsed) state.parsed = std::move(*parsed);
  return parsed.has_value();
}

// Whether something is unused is known only if every rule could be read.
void Resolver::collect_macros_and_lists() {
  for (std::size_t i = 0; i < macros_.size(); ++i) {
    const CollectedMacro& collected = collector_.macros()[i];
    Macro macro;
    macro.name = collected.name.text;
    macro.condition = collected.condition.text();
    macro.file = sources_.name(collected.origin.source);
    macro.pos = sources_.position(collected.origin);
    macro.expr = macros_[i].parsed.expr;
    macro.used = macros_[i].used;
    if (!macro.used && warnings_ && report_.ok())
      report_.add({Code::unused_macro,
                   collected.name.origin,
                   "macro '" + macro.name + "' is not referred to by any other rule or macro",
                   "",
                   {{"macro", macro.name, collected.origin}},
                   {}});
    result_.macros.push_back(std::move(macro));
  }
  for (std::size_t i = 0; i < collector_.lists().size(); ++i) {
    const CollectedList& collected = collector_.lists()[i];
    List list;
    list.name = collected.name.text;
    list.file = sources_.name(collected.origin.source);
    list.pos = sources_.position(collected.origin);
    for (const TextAt& item : collected.items) list.items.push_back(item.text);
    for (const TextAt& item : lists_.items(i)) list.compiled.push_back(item.text);
    list.used = lists_.used(i);
    if (!list.used && warnings_ && report_.ok())
      report_.add({Code::unused_list,
                   collected.name.origin,
                   "list '" + list.name + "' is not referred to by any other rule, macro or list",
                   "",
                   {{"list", list.name, collected.origin}},
                   {}});
    result_.lists.push_back(std::move(list));
  }
}

bool Resolver::overflowed() {
  if (!lists_.overflowed() || collector_.lists().empty()) return false;
  const CollectedList& last = collector_.lists().back();
  report_.add(
      {Code::validate,
       last.origin,
       "lists inside lists grow to more than " + std::to_string(ListTable::most_items) + " items",
       "shorten them",
       {{"list", last.name.text, last.origin}},
       {}});
  return true;
}

void Resolver::resolve_since(std::size_t since) {
  if (overflowed()) return;
  for (std::size_t i = 0; i < macros_.size(); ++i)
    if (collector_.macros()[i].visibility >= since) resolve_macro(i, 0);
  for (const CollectedRule& rule : collector_.rules())
    if (rule.changed >= since) resolve_rule(rule);
  check_plugins();
}

bool Resolver::resolve_all() {
  warnings_ = true;
  if (overflowed()) return false;
  resolve_since(0);
  collect_macros_and_lists();
  result_.required_engine_version = collector_.engine_version_required();
  for (const PluginVersionsEntry& entry : collector_.plugins_required())
    result_.required_plugins.insert(result_.required_plugins.end(), entry.requirements.begin(),
                                    entry.requirements.end());
  return true;
}

void Resolver::deduce() {
  if (options_.syntax_only) return;
  for (std::size_t i = 0; i < result_.rules.size(); ++i) {
    Rule& rule = result_.rules[i];
    rule.events = deduce_events(rule.expr);
    warn_events(*rule_sources_[i].rule, rule);
    warn_arguments(*rule_sources_[i].rule, rule_sources_[i].condition, rule);
  }
  for (Macro& macro : result_.macros) macro.events = deduce_events(macro.expr);
}

}  // namespace saker::lang
