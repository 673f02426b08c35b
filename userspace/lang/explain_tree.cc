// SPDX-License-Identifier: Apache-2.0
#include "lang/explain_tree.h"

#include <algorithm>

#include "lang/print.h"
#include "lang/resolve/deduce.h"

namespace saker::lang {
namespace {

constexpr std::size_t shown_values = 6;

bool names(std::string_view condition, std::string_view list) {
  constexpr std::string_view delimiters = " \t\n\r(),=";
  auto bounds = [&](std::size_t at) {
    return at >= condition.size() || delimiters.find(condition[at]) != delimiters.npos;
  };
  for (std::size_t at = condition.find(list); at != condition.npos;
       at = condition.find(list, at + 1))
    if ((at == 0 || bounds(at - 1)) && bounds(at + list.size())) return true;
  return false;
}

std::string_view unquoted(std::string_view item) {
  bool quoted = item.size() > 1 && (item[0] == '"' || item[0] == '\'') && item.back() == item[0];
  return quoted ? item.substr(1, item.size() - 2) : item;
}

bool stands_at(const std::vector<Operand>& items, std::size_t at, const List& list) {
  if (list.compiled.empty() || items.size() - at < list.compiled.size()) return false;
  return std::equal(
      list.compiled.begin(), list.compiled.end(), items.begin() + static_cast<std::ptrdiff_t>(at),
      [](const std::string& wanted, const Operand& item) { return unquoted(wanted) == item.text; });
}

// The exceptions that were appended to the condition: those with values.
std::vector<std::string> exceptions_with_values(const Rule& rule) {
  std::vector<std::string> found;
  for (const Exception& exception : rule.exceptions)
    if (!exception.values.empty()) found.push_back(exception.name);
  return found;
}

}  // namespace

// The text in which to look for names of lists: that of the innermost macro, otherwise the rule's
// own.
const std::string& ExplainForest::condition_of(const Expr& expr, const std::string& written) const {
  if (expr.macros.empty()) return written;
  for (const Macro& macro : rules_.macros)
    if (macro.name == expr.macros.back()) return macro.condition;
  return written;
}

std::string ExplainForest::readable(const Expr& check, const std::string& written) const {
  if (check.op == Op::exists || check.right.kind != Operand::Kind::list) return print(check);
  std::string text = print(check.left) + " " + std::string(op_name(check.op)) + " ";
  if (check.modifier != Modifier::none) text += std::string(modifier_name(check.modifier)) + " ";
  const std::vector<Operand>& items = check.right.items;
  std::vector<std::string> parts;
  std::size_t plain = 0, cut = 0;
  for (std::size_t at = 0; at < items.size();) {
    const List* best = nullptr;
    for (const List& list : rules_.lists)
      if (stands_at(items, at, list) && names(written, list.name) &&
          (!best || list.compiled.size() > best->compiled.size()))
        best = &list;
    if (best) {
      parts.push_back(best->name + ": " + std::to_string(best->compiled.size()) +
                      (best->compiled.size() == 1 ? " value" : " values"));
      at += best->compiled.size();
      continue;
    }
    if (plain++ < shown_values)
      parts.push_back(print(items[at]));
    else
      cut++;
    at++;
  }
  if (cut) parts.push_back("... " + std::to_string(cut) + " more");
  text += "(";
  for (std::size_t i = 0; i < parts.size(); i++) text += (i ? ", " : "") + parts[i];
  return text + ")";
}

std::uint32_t ExplainForest::add_test(const Expr& check, const std::string& written) {
  std::string whole = print(check);
  auto [at, fresh] = by_text_.try_emplace(whole, static_cast<std::uint32_t>(tests_.size()));
  if (fresh) {
    ExplainTest& test = tests_.emplace_back();
    test.check = &check;
    test.text = readable(check, written);
    test.whole = std::move(whole);
    test.event_type = is_event_type(check.left);
    test.fixed = test.event_type || check.left.text == "evt.num";
  }
  return at->second;
}

std::uint32_t ExplainForest::add_node(ExplainTree& tree, const Expr& expr,
                                      const std::string& written) {
  const std::string& here = condition_of(expr, written);
  auto number = static_cast<std::uint32_t>(tree.nodes.size());
  tree.nodes.emplace_back();
  tree.nodes[number].macros = expr.macros;
  switch (expr.kind) {
    case Expr::Kind::all: tree.nodes[number].kind = ExplainNode::Kind::all; break;
    case Expr::Kind::any: tree.nodes[number].kind = ExplainNode::Kind::any; break;
    case Expr::Kind::negate: tree.nodes[number].kind = ExplainNode::Kind::negate; break;
    case Expr::Kind::check:
    case Expr::Kind::ident: tree.nodes[number].test = add_test(expr, here); break;
  }
  for (const Expr& child : expr.children) {
    std::uint32_t added = add_node(tree, child, here);
    tree.nodes[number].children.push_back(added);
  }
  return number;
}

const ExplainTree& ExplainForest::add(const Rule& rule) {
  ExplainTree& tree = trees_.emplace_back();
  tree.rule = &rule;
  std::string written = rule.condition;
  for (const Exception& exception : rule.exceptions)
    for (const std::vector<Exception::Value>& tuple : exception.values)
      for (const Exception::Value& value : tuple)
        for (const std::string& item : value.items) written += " " + item;
  add_node(tree, rule.expr, written);
  // (CONDITION) and not EXCEPTION and not ...: the last children of the root.
  std::vector<std::string> exceptions = exceptions_with_values(rule);
  std::vector<std::uint32_t> parts = tree.nodes[0].children;
  if (exceptions.size() < parts.size()) {
    for (std::size_t i = 0; i < exceptions.size(); i++)
      tree.nodes[parts[parts.size() - exceptions.size() + i]].exception = exceptions[i];
  }
  return tree;
}

}  // namespace saker::lang
