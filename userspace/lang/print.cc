// SPDX-License-Identifier: Apache-2.0
#include "lang/print.h"

#include <array>
#include <cstdio>

#include "lang/fields.h"

namespace saker::lang {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value)
    if (is_space(c) || static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
        std::string_view("()\"'=,\\").find(c) != std::string_view::npos)
      return true;
  return false;
}

void append_escaped(std::string& out, char c, bool last) {
  switch (c) {
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '"': out += "\\\""; return;
    // A backslash directly before the closing quote, even a doubled one, would escape the quote.
    case '\\': out += last ? "\\x5c" : "\\\\"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
    out += c;
    return;
  }
  char hex[5];
  std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
  out += hex;
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (std::size_t i = 0; i < value.size(); ++i)
    append_escaped(out, value[i], i + 1 == value.size());
  return out + '"';
}

// Whether `arg` is already part of the name, as in evt.arg.flags.
bool suffixed(const Operand& field) {
  return field.field != no_field && field.text.size() != all_fields()[field.field].name.size();
}

void append(std::string& out, const Operand& operand);

void append_argument(std::string& out, const Operand& operand) {
  if (!operand.has_arg || suffixed(operand)) return;
  bool bare = !operand.arg.empty();
  for (const char c : operand.arg)
    bare = bare && !is_space(c) && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f &&
           std::string_view("[]\"'").find(c) == std::string_view::npos;
  out += '[';
  out += bare ? operand.arg : quoted(operand.arg);
  out += ']';
}

// Inside a transformer a constant that is not a number must be quoted, and a quoted constant must
// stay quoted.
void append_transform(std::string& out, const Operand& call) {
  out += transform_name(call.transform);
  out += '(';
  for (std::size_t i = 0; i < call.items.size(); ++i) {
    if (i != 0) out += ',';
    const Operand& item = call.items[i];
    if (item.kind == Operand::Kind::list) {
      out += '(';
      for (std::size_t j = 0; j < item.items.size(); ++j) {
        if (j != 0) out += ", ";
        const Operand& member = item.items[j];
        if (member.kind == Operand::Kind::constant && member.quoted)
          out += quoted(member.text);
        else
          append(out, member);
      }
      out += ')';
    } else if (item.kind == Operand::Kind::constant && item.quoted) {
      out += quoted(item.text);
    } else {
      append(out, item);
    }
  }
  out += ')';
  append_argument(out, call);
}

void append(std::string& out, const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::field:
      out += operand.text;
      append_argument(out, operand);
      return;
    case Operand::Kind::constant: out += print_constant(operand.text); return;
    case Operand::Kind::transform: append_transform(out, operand); return;
    case Operand::Kind::list: break;
  }
  out += '(';
  for (std::size_t i = 0; i < operand.items.size(); ++i) {
    if (i != 0) out += ", ";
    append(out, operand.items[i]);
  }
  out += ')';
}

void append_check(std::string& out, const Expr& check) {
  append(out, check.left);
  out += ' ';
  out += op_name(check.op);
  if (check.op == Op::exists) return;
  out += ' ';
  if (check.modifier != Modifier::none) {
    out += modifier_name(check.modifier);
    out += ' ';
  }
  append(out, check.right);
}

void append(std::string& out, const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::ident: out += expr.name; return;
    case Expr::Kind::check: append_check(out, expr); return;
    case Expr::Kind::negate:
      out += "not ";
      append(out, expr.children.front());
      return;
    case Expr::Kind::all:
    case Expr::Kind::any: break;
  }
  out += '(';
  for (std::size_t i = 0; i < expr.children.size(); ++i) {
    if (i != 0) out += expr.kind == Expr::Kind::all ? " and " : " or ";
    append(out, expr.children[i]);
  }
  out += ')';
}

template <typename Node>
bool same_all(const std::vector<Node>& a, const std::vector<Node>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i])) return false;
  return true;
}

}  // namespace

std::string print(const Expr& expr) {
  std::string out;
  append(out, expr);
  return out;
}

std::string print(const Operand& operand) {
  std::string out;
  append(out, operand);
  return out;
}

std::string print_constant(std::string_view value) {
  return needs_quotes(value) ? quoted(value) : std::string(value);
}

std::string_view op_name(Op op) {
  constexpr std::array<std::string_view, 19> names = {
      "exists",   "=",         "!=",        "<",          "<=",          ">",        ">=",
      "contains", "icontains", "bcontains", "startswith", "bstartswith", "endswith", "glob",
      "iglob",    "regex",     "in",        "intersects", "pmatch"};
  return names[static_cast<std::size_t>(op)];
}

std::string_view modifier_name(Modifier modifier) {
  constexpr std::array<std::string_view, 4> names = {"", "oneof", "anyof", "allof"};
  return names[static_cast<std::size_t>(modifier)];
}

std::string_view transform_name(Transform transform) {
  constexpr std::array<std::string_view, 10> names = {
      "", "tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt", "val"};
  return names[static_cast<std::size_t>(transform)];
}

bool same(const Operand& a, const Operand& b) {
  return a.kind == b.kind && a.text == b.text && a.arg == b.arg && a.has_arg == b.has_arg &&
         a.transform == b.transform && same_all(a.items, b.items);
}

bool same(const Expr& a, const Expr& b) {
  if (a.kind != b.kind || a.name != b.name || !same_all(a.children, b.children)) return false;
  if (a.kind != Expr::Kind::check) return true;
  return a.op == b.op && a.modifier == b.modifier && same(a.left, b.left) && same(a.right, b.right);
}

}  // namespace saker::lang
