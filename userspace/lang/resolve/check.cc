// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/check.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/nearest.h"
#include "lang/fields.h"
#include "lang/print.h"
#include "lang/program.h"
#include "lang/resolve/deduce.h"
#include "lang/resolve/parser.h"
#include "lang/value.h"

namespace saker::lang {
namespace {

constexpr std::size_t longest_text = 255;
// Limit for one condition: searching for similar names is too expensive to do without a limit.
constexpr std::size_t most_problems = 1000;

ConditionError& complain(std::vector<ConditionError>& problems, const Position& at,
                         std::string message, std::string hint = {}) {
  ConditionError& problem = problems.emplace_back();
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  problem.offset = at.offset;
  return problem;
}

bool is_text(FieldType type) { return type == FieldType::string || type == FieldType::path; }

bool in_set(Op op, std::initializer_list<Op> set) {
  return std::find(set.begin(), set.end(), op) != set.end();
}

// The operators that a type allows.
bool accepts(FieldType type, bool list, Op op) {
  if (list) return in_set(op, {Op::in, Op::intersects, Op::exists});
  if (in_set(op, {Op::eq, Op::ne, Op::in, Op::intersects, Op::exists})) return true;
  if (is_text(type)) return op != Op::bcontains && op != Op::bstartswith;
  if (type == FieldType::bytes)
    return in_set(op, {Op::contains, Op::startswith, Op::endswith, Op::bcontains, Op::bstartswith});
  return is_number(type) && in_set(op, {Op::lt, Op::le, Op::gt, Op::ge});
}

std::string accepted(FieldType type, bool list) {
  std::string names;
  for (int op = 0; op <= static_cast<int>(Op::pmatch); ++op)
    if (accepts(type, list, static_cast<Op>(op)))
      names += " " + std::string(op_name(static_cast<Op>(op)));
  return names;
}

std::string type_text(const Operand& operand) {
  return (operand.is_list ? "a list of " : "") + std::string(type_name(operand.type));
}

bool has_no_rhs(const Operand& operand) {
  if (operand.field != no_field && all_fields()[operand.field].no_rhs) return true;
  return std::any_of(operand.items.begin(), operand.items.end(), has_no_rhs);
}

// Raw arguments for which Falco reads no constants: bytes, and arguments without a type of their
// own (lists of descriptors, socket tuples, sets of signals, arguments whose type depends on the
// event).
bool takes_no_constant(const Operand& operand) {
  static const FieldId raw = find_field("evt.rawarg");
  if (operand.field == no_field || operand.field != raw) return false;
  constexpr std::string_view untyped[] = {"arg2",      "arg3",    "arg4", "arg5",  "argv", "fds",
                                          "res_or_fd", "sigmask", "tags", "tuple", "val"};
  return operand.type == FieldType::bytes ||
         std::find(std::begin(untyped), std::end(untyped), operand.arg) != std::end(untyped);
}

// The last part of an operand is evt.type or syscall.type.
bool ends_in_event_type(const Operand& operand) {
  if (operand.kind == Operand::Kind::list)
    return !operand.items.empty() && ends_in_event_type(operand.items.back());
  return is_event_type(operand);
}

// Falco finds no events in such an operand, and refuses it where it looks for events. A list hides
// everything except its last item.
bool hides_events(const Operand& operand) {
  const bool transform = operand.kind == Operand::Kind::transform;
  return std::any_of(operand.items.begin(), operand.items.end(), [&](const Operand& item) {
    return hides_events(item) || (transform && ends_in_event_type(item));
  });
}

// Operators for which events are searched.
bool names_events(Op op) { return in_set(op, {Op::eq, Op::ne, Op::in, Op::exists}); }

void warn_deprecated(const Operand& operand, std::vector<ConditionError>& problems) {
  for (const Operand& item : operand.items) warn_deprecated(item, problems);
  if (operand.field == no_field || operand.kind != Operand::Kind::field ||
      !all_fields()[operand.field].deprecated)
    return;
  ConditionError& problem =
      complain(problems, operand.pos, "field '" + operand.text + "' is deprecated",
               "it has a constant value; remove the check");
  problem.code = Code::deprecated_item;
  problem.deprecated_field = operand.text;
}

// If a regular expression is only a literal text, perhaps with anything before or after it, a
// simpler operator is clearer: returns that operator. Anchors mean nothing, because the whole value
// must match.
std::string simpler_operator(std::string_view pattern) {
  constexpr std::string_view special = ".+*?^$()[]{}|\\", repeated = "+*?";
  const std::size_t size = pattern.size();
  bool front = false, back = false;
  for (std::size_t i = 0; i < size; ++i) {
    if ((i == 0 && pattern[i] == '^') || (i + 1 == size && pattern[i] == '$')) continue;
    const bool at_end = i == 0 || i + 2 == size;
    if (at_end && pattern[i] == '.' && i + 1 < size &&
        repeated.find(pattern[i + 1]) != repeated.npos) {
      (i == 0 ? front : back) = true;
      ++i;
      continue;
    }
    if (special.find(pattern[i]) != special.npos) return {};
  }
  if (size == 2 && front) return "exists";
  return front && back ? "contains" : front ? "endswith" : back ? "startswith" : "=";
}

std::string without_blanks(std::string_view text) {
  std::string kept;
  for (const char c : text)
    if (std::string_view(" \t\n\v\f\r").find(c) == std::string_view::npos) kept += c;
  return kept;
}

bool looks_like_transformer(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == text.npos || text.back() != ')') return false;
  for (int t = 1; t <= static_cast<int>(Transform::val); ++t)
    if (text.substr(0, open) == transform_name(static_cast<Transform>(t))) return true;
  return false;
}

// A valid field with its argument.
bool looks_like_field(std::string_view text, const Scope& scope) {
  Operand field;
  field.kind = Operand::Kind::field;
  const std::size_t open = text.find('[');
  field.text = text.substr(0, open);
  if (open != text.npos) {
    if (text.back() != ']') return false;
    field.has_arg = true;
    field.arg = text.substr(open + 1, text.size() - open - 2);
  }
  if (split_field_name(field.text).id == no_field) return false;
  std::vector<ConditionError> problems;
  return bind_operand(field, scope, problems);
}

// Spaces are removed first: a text with spaces is just as easily misread.
void warn_constant(const Operand& constant, const Scope& scope,
                   std::vector<ConditionError>& problems) {
  const std::string text = without_blanks(constant.text);
  if (text.empty()) return;
  if (looks_like_field(text, scope))
    complain(problems, constant.pos,
             "'" + constant.text + "' is compared as a text, but it is the name of a field",
             "write val(" + text + ") if the field is meant")
        .code = Code::warn_compile_condition;
  else if (looks_like_transformer(text))
    complain(problems, constant.pos,
             "'" + constant.text + "' is compared as a text, but it looks like a transformer",
             "remove the quotes if the transformer is meant")
        .code = Code::warn_compile_condition;
}

void check_event_name(const Operand& constant, std::vector<ConditionError>& problems) {
  if (find_event_name(constant.text) != no_event_name) return;
  Nearest nearest(constant.text);
  for (const EventNameDef& event : event_names()) nearest.offer(event.name);
  complain(problems, constant.pos, "unknown event type '" + constant.text + "'",
           nearest.best().empty() ? "'saker events-list' lists all names"
                                  : "did you mean '" + std::string(nearest.best()) + "'?")
      .unknown_name = true;
}

template <typename T>
void expect(const Result<T>& result, const Operand& constant, const Operand& left, std::string hint,
            std::vector<ConditionError>& problems) {
  if (result) return;
  complain(problems, constant.pos,
           result.error().message + " (field '" + print(left) + "' is of type " +
               std::string(type_name(left.type)) + ")",
           std::move(hint));
}

}  // namespace

std::uint8_t operand_bits(const Operand& operand) {
  if (operand.kind == Operand::Kind::transform && operand.transform == Transform::val)
    return operand_bits(operand.items[0]);
  if (operand.kind != Operand::Kind::field || operand.field == no_field) return 64;
  const FieldDef& row = all_fields()[operand.field];
  if (row.name != "evt.rawarg") return row.bits;
  const EventParamDef* param = find_event_param(operand.arg);
  return param == nullptr ? 64 : param->bits;
}

void Checker::check(Expr& expr, std::vector<ConditionError>& problems) {
  if (problems.size() >= most_problems) return;
  if (expr.kind == Expr::Kind::check) check_comparison(expr, problems);
  for (Expr& child : expr.children) check(child, problems);
}

void Checker::check_comparison(Expr& comparison, std::vector<ConditionError>& problems) {
  const bool left = bind_operand(comparison.left, scope_, problems);
  warn_deprecated(comparison.left, problems);
  if (left && names_events(comparison.op) && hides_events(comparison.left)) {
    complain(problems, comparison.left.pos,
             "evt.type and syscall.type cannot be inside a transformer with the operator '" +
                 std::string(op_name(comparison.op)) + "'",
             "the event types of a rule must be known before any event is seen");
    return;
  }
  if (comparison.op == Op::exists) return;
  const bool computed = comparison.right.kind == Operand::Kind::transform;
  const bool right = !computed || bind_operand(comparison.right, scope_, problems);
  if (computed) warn_deprecated(comparison.right, problems);
  if (!left || !right) return;
  if (computed && is_event_type(comparison.left) && names_events(comparison.op)) {
    complain(problems, comparison.pos,
             "evt.type and syscall.type can only be compared with names: no transformer, no field "
             "on the right",
             "the event types of a rule must be known before any event is seen");
    return;
  }
  if (!check_operator(comparison, problems)) return;
  if (computed)
    check_right_field(comparison, problems);
  else
    check_constants(comparison, problems);
}

bool Checker::check_operator(const Expr& comparison, std::vector<ConditionError>& problems) {
  const Operand& left = comparison.left;
  static const FieldId around = find_field("evt.around");
  if (left.field == around && left.kind == Operand::Kind::field && comparison.op != Op::eq) {
    complain(problems, comparison.pos,
             "operator '" + std::string(op_name(comparison.op)) + "' cannot be used with '" +
                 print(left) + "'",
             "it takes = with a number of milliseconds, and exists");
    return false;
  }
  if (accepts(left.type, left.is_list, comparison.op)) return true;
  complain(problems, comparison.pos,
           "operator '" + std::string(op_name(comparison.op)) + "' cannot be used with '" +
               print(left) + "', which is " + type_text(left),
           "it takes" + accepted(left.type, left.is_list));
  return false;
}

void Checker::check_right_field(const Expr& comparison, std::vector<ConditionError>& problems) {
  const Operand &left = comparison.left, &right = comparison.right;
  if (in_set(comparison.op, {Op::pmatch, Op::regex}) || left.type == FieldType::ipnet) {
    complain(problems, right.pos,
             "operator '" + std::string(op_name(comparison.op)) + "' on '" + print(left) +
                 "' needs constants on its right",
             "val() and transformers are not allowed there");
    return;
  }
  if (has_no_rhs(right)) {
    complain(problems, right.pos,
             "'" + print(right) + "' is not allowed on the right side of a comparison",
             "swap the two sides if the other field is allowed there");
    return;
  }
  const bool same_type = left.type == right.type && operand_bits(left) == operand_bits(right);
  if (same_type && left.is_list == right.is_list) return;
  complain(problems, right.pos,
           "'" + print(left) + "' is " + type_text(left) + " but '" + print(right) + "' is " +
               type_text(right),
           "only fields of the same type can be compared");
}

void Checker::check_constants(const Expr& comparison, std::vector<ConditionError>& problems) {
  const Operand& right = comparison.right;
  if (right.kind == Operand::Kind::constant) check_constant(comparison, right, problems);
  for (const Operand& item : right.items) check_constant(comparison, item, problems);
}

void Checker::check_constant(const Expr& comparison, const Operand& constant,
                             std::vector<ConditionError>& problems) {
  const Operand& left = comparison.left;
  const std::string& text = constant.text;
  warn_constant(constant, scope_, problems);
  if (left.kind == Operand::Kind::field && takes_no_constant(left)) {
    complain(problems, constant.pos,
             "'" + print(left) + "' cannot be compared with a value: its bytes have no such type",
             left.arg == "data" ? "write evt.buffer, which has the same bytes"
                                : "write evt.arg." + left.arg + ", its text");
    return;
  }
  if (left.type != FieldType::bytes && text.find('\0') != std::string::npos) {
    complain(problems, constant.pos, "the value contains a NUL byte",
             "only fields of type bytes can contain one");
    return;
  }
  if (comparison.op == Op::regex) return check_regex(constant, problems);
  if (in_set(comparison.op, {Op::bcontains, Op::bstartswith}))
    return expect(parse_hex_bytes(text), constant, left,
                  "write two hex digits per byte, as in 7f454c46", problems);
  switch (left.type) {
    case FieldType::string:
    case FieldType::path:
      if (text.size() > longest_text)
        complain(problems, constant.pos,
                 "the value is " + std::to_string(text.size()) + " bytes long; the limit is 255");
      if (left.field != no_field && left.field == find_field("evt.type"))
        check_event_name(constant, problems);
      return;
    case FieldType::bytes: return;
    case FieldType::bool_:
      return expect(parse_bool(text), constant, left, "write true or false", problems);
    case FieldType::port:
      return expect(parse_port(text), constant, left, "write a number from 0 to 65535", problems);
    case FieldType::ipaddr:
      return expect(parse_ip(text), constant, left, "for networks use fd.net, fd.snet, ...",
                    problems);
    case FieldType::ipnet:
      return expect(parse_net(text), constant, left, "write ADDRESS/LENGTH, as in 10.0.0.0/8",
                    problems);
    default:
      return expect(parse_number(text, left.type, operand_bits(left)), constant, left,
                    "write a whole decimal number", problems);
  }
}

void Checker::check_regex(const Operand& constant, std::vector<ConditionError>& problems) {
  const auto known = regex_errors_.find(constant.text);
  std::string error;
  if (known != regex_errors_.end()) {
    error = known->second;
  } else {
    if (regex_steps_ <= program::max_regex_steps) {
      re2::RE2::Options options(re2::RE2::POSIX);
      options.set_log_errors(false);
      const re2::RE2 compiled(constant.text, options);
      if (compiled.ok())
        regex_steps_ += static_cast<std::size_t>(compiled.ProgramSize());
      else
        error = compiled.error();
    }
    if (regex_steps_ > program::max_regex_steps)
      error = "all of them together are too large: shorten the repetitions in them";
    regex_errors_.emplace(constant.text, error);
  }
  if (!error.empty()) {
    complain(problems, constant.pos, "invalid regular expression: " + error,
             "the syntax is RE2's, in POSIX form; the expression must match the whole value");
    return;
  }
  const std::string simpler = simpler_operator(constant.text);
  if (simpler.empty()) return;
  complain(problems, constant.pos,
           "a simpler operator such as '" + simpler + "' can replace this regular expression",
           "it would be faster")
      .code = Code::warn_compile_condition;
}

}  // namespace saker::lang
