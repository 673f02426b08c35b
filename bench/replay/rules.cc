// SPDX-License-Identifier: Apache-2.0
// Makes as many rules as large installations have: the conditions of real rules, with macros and
// lists expanded, with different names in each copy.
#include "lang/rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "commands.h"
#include "lang/print.h"

namespace saker::bench {
namespace {

using lang::Expr;
using lang::Operand;

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](std::string_view each) { return text.starts_with(each); });
}

// A field whose values are names that people choose.
bool names_something(const Operand& left) {
  if (left.kind == Operand::Kind::transform)
    return !left.items.empty() && names_something(left.items[0]);
  if (left.type != fields::FieldType::string && left.type != fields::FieldType::path) return false;
  if (begins_with_any(left.text, {"evt.arg"})) {
    constexpr std::array paths = {"path", "name", "oldpath", "newpath", "target", "linkpath"};
    return std::find(paths.begin(), paths.end(), left.arg) != paths.end();
  }
  return begins_with_any(
      left.text, {"proc.name", "proc.pname",   "proc.aname",      "proc.exe",       "proc.pexe",
                  "proc.aexe", "proc.cmdline", "proc.pcmdline",   "proc.acmdline",  "proc.args",
                  "proc.cwd",  "proc.env",     "fd.name",         "fd.filename",    "fd.directory",
                  "fs.path",   "user.name",    "container.image", "container.name", "k8s."});
}

// Replaces the names by those of the copy; false: there is none.
bool vary(Operand& right, std::string_view addition) {
  if (right.kind == Operand::Kind::list) {
    bool any = false;
    for (Operand& item : right.items) any = vary(item, addition) || any;
    return any;
  }
  if (right.kind != Operand::Kind::constant) return false;
  auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  const auto last = std::find_if(right.text.rbegin(), right.text.rend(), letter);
  if (last == right.text.rend() || right.text == "<NA>") return false;
  right.text.insert(static_cast<std::size_t>(right.text.rend() - last), addition);
  return true;
}

// True: the condition is true only for a name of this copy.
bool vary(Expr& expr, std::string_view addition) {
  if (expr.kind == Expr::Kind::check) {
    if (expr.op == lang::Op::exists || expr.op == lang::Op::regex || !names_something(expr.left))
      return false;
    return vary(expr.right, addition) && expr.op != lang::Op::ne;
  }
  bool all = true, any = false;
  for (Expr& child : expr.children) {
    const bool needed = vary(child, addition);
    all = all && needed;
    any = any || needed;
  }
  if (expr.kind == Expr::Kind::negate) return false;
  return expr.kind == Expr::Kind::all ? any : all;
}

Expr varied(const Expr& from, std::size_t copy, bool& named) {
  Expr expr = from;
  named = vary(expr, "q" + std::to_string(copy));
  return expr;
}

// In YAML: in single quotes, which are doubled inside.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

}  // namespace

Result<void> write_rules(std::size_t count, const std::string& to,
                         const std::vector<std::string>& files) {
  const lang::RuleSet set = lang::load_rules(files);
  for (const lang::Diagnostic& d : set.diagnostics()) {
    if (d.error()) return Error{lang::render(d)};
  }
  std::vector<const lang::Rule*> shapes;
  for (const lang::Rule& rule : set.rules) {
    bool named = false;
    varied(rule.expr, 1, named);
    if (named) shapes.push_back(&rule);
  }
  if (shapes.empty()) return Error{"no rule compares with a name"};
  std::ofstream out(to);
  for (std::size_t i = 0; i < count; i++) {
    const lang::Rule& rule = *shapes[i % shapes.size()];
    const std::size_t copy = i / shapes.size() + 1;
    bool named = false;
    out << "- rule: " << quoted(rule.name + " #" + std::to_string(copy)) << "\n  desc: copy"
        << "\n  condition: " << quoted(lang::print(varied(rule.expr, copy, named)))
        << "\n  output: '"
        << "A copy holds (command=%proc.cmdline file=%fd.name)'"
        << "\n  priority: WARNING\n";
  }
  if (!out.flush()) return Error{to + ": not written"};
  return {};
}

}  // namespace saker::bench
