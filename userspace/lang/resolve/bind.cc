// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/bind.h"

#include <algorithm>

#include "base/nearest.h"
#include "lang/fields.h"
#include "lang/print.h"
#include "lang/value.h"

namespace saker::lang {
namespace {

bool complain(std::vector<ConditionError>& problems, const Operand& at, std::string message,
              std::string hint = {}) {
  ConditionError problem;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  problem.offset = at.pos.offset;
  problems.push_back(std::move(problem));
  return false;
}

bool complain_unknown(std::vector<ConditionError>& problems, const Operand& at, std::string message,
                      std::string_view nearest) {
  complain(problems, at, std::move(message),
           nearest.empty() ? "" : "did you mean '" + std::string(nearest) + "'?");
  problems.back().unknown_name = true;
  return false;
}

// Also marks the last problem as an unknown name, which skip-if-unknown-filter ignores.
bool complain_forgivable(std::vector<ConditionError>& problems, const Operand& at,
                         std::string message, std::string hint) {
  complain(problems, at, std::move(message), std::move(hint));
  problems.back().unknown_name = true;
  return false;
}

// The description of a missing argument, and how to write it.
struct ArgForm {
  std::string_view what, written;
};
ArgForm form_of(ArgKind kind) {
  switch (kind) {
    case ArgKind::index: return {"a number", "[NUMBER]"};
    case ArgKind::name:
    case ArgKind::index_or_name: return {"a name after a dot", ".NAME"};
    default: return {"a key", "[KEY]"};
  }
}

bool complain_missing_argument(const Operand& field, const FieldDef& row,
                               std::vector<ConditionError>& problems) {
  const ArgForm form = form_of(row.arg);
  const std::string name(row.name);
  std::string message =
      "field '" + name + "' needs " + std::string(form.what) + ", which is missing";
  if (field.text != name) message = "'" + field.text + "': " + message;
  std::string hint = "write " + name + std::string(form.written);
  // k8s.pod.label.role: the key was written as part of the name.
  const std::string_view rest = std::string_view(field.text).substr(name.size());
  if (rest.size() > 1 && rest[0] == '.' && form.what == "a key")
    hint = "write " + name + "[" + std::string(rest.substr(1)) + "]";
  return complain(problems, field, std::move(message), std::move(hint));
}

bool is_loaded(const FieldDef& row, const Scope& scope) {
  return row.plugin.empty() ||
         std::find(scope.plugins.begin(), scope.plugins.end(), row.plugin) != scope.plugins.end();
}

// Falco takes the longest known name at the front as the field. If that field needs an argument,
// the argument is wrong, not the name.
bool bind_unknown(const Operand& field, const Scope& scope, std::vector<ConditionError>& problems) {
  const FieldId front = longest_field_in(field.text);
  if (front != no_field && all_fields()[front].arg_required &&
      is_loaded(all_fields()[front], scope))
    return complain_missing_argument(field, all_fields()[front], problems);
  std::string_view nearest = nearest_field(field.text);
  complain_unknown(problems, field, "nonexistent field '" + field.text + "'", nearest);
  if (nearest.empty()) problems.back().hint = "'saker fields' lists all fields";
  return false;
}

bool bind_unloaded(const Operand& field, const FieldDef& row,
                   std::vector<ConditionError>& problems) {
  return complain_forgivable(
      problems, field, "nonexistent field '" + field.text + "'",
      row.kubernetes ? "kubernetes.enabled in the configuration gives it a value"
                     : "the plugin " + std::string(row.plugin) + " defines it, but is not loaded");
}

// The argument of evt.arg, evt.rawarg, evt.type.is, evt.abspath and static.
bool check_name_argument(Operand& field, const FieldDef& row, const Scope& scope,
                         std::vector<ConditionError>& problems) {
  if (row.name == "static") {
    const auto found = scope.static_fields.find(field.arg);
    if (found == scope.static_fields.end())
      return complain_unknown(
          problems, field,
          "nonexistent field '" + field.text + "': static_fields defines no such name", {});
    field.fixed = found->second;
    return true;
  }
  if (row.name == "evt.arg" || row.name == "evt.rawarg") {
    if (const EventParamDef* param = find_event_param(field.arg)) {
      if (row.name == "evt.rawarg") field.type = param->type;
      return true;
    }
    Nearest nearest(field.arg);
    for (const EventParamDef& param : event_params()) nearest.offer(param.name);
    complain(problems, field,
             "unknown event argument '" + field.text + "': no event has an argument with that name",
             nearest.best().empty() ? "" : "did you mean '" + std::string(nearest.best()) + "'?");
    return false;
  }
  if (row.name == "evt.type.is" && find_event_name(field.arg) == no_event_name)
    return complain_unknown(problems, field, "unknown event type '" + field.arg + "'", {});
  if (row.name == "evt.abspath" && field.arg != "src" && field.arg != "dst")
    return complain_unknown(problems, field, "nonexistent field '" + field.text + "'",
                            "evt.abspath.src");
  return true;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A negative number counts as no number (-1: any ancestor) or as 0, as in Falco. The name keeps it,
// for display.
void take_signed_index(Operand& field, std::int64_t index) {
  if (index >= 0) return;
  field.text += "[" + field.arg + "]";
  field.has_arg = index != -1;
  field.arg = index == -1 ? "" : "0";
}

bool check_index(Operand& field, const FieldDef& row, std::vector<ConditionError>& problems) {
  if (row.any_ancestor) {
    if (Result<std::uint64_t> index = parse_number(field.arg, FieldType::int64, 32)) {
      take_signed_index(field, static_cast<std::int64_t>(*index));
      return true;
    }
  } else if (is_digits(field.arg)) {
    return true;
  }
  const std::string name(row.name);
  complain(problems, field, "the argument of '" + name + "' must be a number",
           "as in " + name + "[1]");
  // In Falco there is no such field then.
  problems.back().unknown_name = row.any_ancestor;
  return false;
}

// For a built-in field of Falco, an argument too many makes the name unknown.
bool complain_unwanted(const Operand& field, const FieldDef& row,
                       std::vector<ConditionError>& problems) {
  complain(problems, field, "field '" + std::string(row.name) + "' takes no argument",
           "remove [" + field.arg + "]");
  problems.back().unknown_name =
      row.plugin.empty() && !row.name.starts_with("container.") && !row.name.starts_with("k8s.");
  return false;
}

bool check_argument(Operand& field, const FieldDef& row, bool suffix, const Scope& scope,
                    std::vector<ConditionError>& problems) {
  const std::string name(row.name);
  if (!field.has_arg) return !row.arg_required || complain_missing_argument(field, row, problems);
  switch (row.arg) {
    case ArgKind::none: return complain_unwanted(field, row, problems);
    case ArgKind::index: return check_index(field, row, problems);
    case ArgKind::key: return true;
    case ArgKind::index_or_key: return true;
    case ArgKind::index_or_name:
      if (!suffix && parse_number(field.arg, FieldType::int64, 32)) return true;
      if (!suffix) return check_index(field, row, problems);
      return check_name_argument(field, row, scope, problems);
    case ArgKind::name: break;
  }
  if (!suffix && row.name != "thread.cgroup")
    return complain(problems, field, "the argument of '" + name + "' is written after a dot",
                    "write " + name + "." + field.arg);
  return check_name_argument(field, row, scope, problems);
}

bool bind_field(Operand& field, const Scope& scope, std::vector<ConditionError>& problems) {
  const FieldName name = split_field_name(field.text);
  if (name.id == no_field) return bind_unknown(field, scope, problems);
  const FieldDef& row = all_fields()[name.id];
  if (!is_loaded(row, scope)) return bind_unloaded(field, row, problems);
  const bool suffix = !name.suffix.empty();
  if (suffix && field.has_arg)
    return complain(problems, field, "field '" + field.text + "' has two arguments",
                    "remove [" + field.arg + "]");
  if (suffix) {
    field.arg = name.suffix;
    field.has_arg = true;
  }
  field.field = name.id;
  field.type = row.type;
  field.is_list = row.list;
  return check_argument(field, row, suffix, scope, problems);
}

bool is_text(FieldType type) { return type == FieldType::string || type == FieldType::path; }

bool wrong_input(std::vector<ConditionError>& problems, const Operand& call,
                 const std::string& wanted) {
  return complain(problems, call,
                  std::string(transform_name(call.transform)) + "() takes " + wanted);
}

// The list that join() and getopt() take: a list field, or operands in parentheses.
bool is_list_input(const Operand& operand) {
  return operand.kind == Operand::Kind::list || operand.is_list;
}

bool type_one_argument(Operand& call, std::vector<ConditionError>& problems) {
  if (call.items.size() != 1) return wrong_input(problems, call, "exactly one argument");
  const Operand& input = call.items[0];
  if (input.kind == Operand::Kind::list && call.transform != Transform::len)
    return wrong_input(problems, call, "a field or a transformer, not a list in parentheses");
  call.type = input.type;
  call.is_list = input.is_list;
  switch (call.transform) {
    case Transform::len:
      if (!is_list_input(input) && !is_text(input.type) && input.type != FieldType::bytes)
        return wrong_input(problems, call, "text, bytes or a list");
      call.type = FieldType::uint64;
      call.is_list = false;
      return true;
    case Transform::b64:
      if (is_text(input.type) || input.type == FieldType::bytes) return true;
      return wrong_input(problems, call, "text or bytes");
    default:
      if (is_text(input.type)) return true;
      return wrong_input(problems, call, "text");
  }
}

bool type_join(Operand& call, std::vector<ConditionError>& problems) {
  if (call.items.size() != 2)
    return wrong_input(problems, call, "two arguments: a separator and a list");
  if (is_list_input(call.items[0]) || !is_text(call.items[0].type))
    return wrong_input(problems, call, "a text as its separator");
  if (!is_list_input(call.items[1]))
    return wrong_input(problems, call, "a list as its second argument: a list field or (a, b)");
  return true;
}

bool type_concat(Operand& call, std::vector<ConditionError>& problems) {
  if (call.items.size() < 2) return wrong_input(problems, call, "at least two arguments");
  for (const Operand& item : call.items)
    if (is_list_input(item) || !is_text(item.type))
      return wrong_input(problems, call, "texts only");
  return true;
}

bool type_getopt(Operand& call, std::vector<ConditionError>& problems) {
  if (call.items.size() != 2)
    return wrong_input(problems, call, "two arguments: a list and an option string");
  const Operand& list = call.items[0];
  if (!is_list_input(list))
    return wrong_input(problems, call, "a list as its first argument: a list field or (a, b)");
  for (const Operand& item : list.items)
    if (!is_text(item.type)) return wrong_input(problems, call, "a list of texts");
  if (list.kind != Operand::Kind::list && !is_text(list.type))
    return wrong_input(problems, call, "a list of texts");
  if (is_list_input(call.items[1]) || !is_text(call.items[1].type))
    return wrong_input(problems, call, "a text as its option string");
  if (call.has_arg && call.arg.size() != 1)
    return complain(problems, call, "the argument of getopt()[ ] must be one option letter");
  call.is_list = !call.has_arg;
  return true;
}

bool type_val(Operand& call, std::vector<ConditionError>& problems) {
  if (call.items.size() != 1) return wrong_input(problems, call, "exactly one field");
  call.type = call.items[0].type;
  call.is_list = call.items[0].is_list;
  return true;
}

bool check_transformable(const Operand& operand, const Operand& call,
                         std::vector<ConditionError>& problems) {
  if (operand.kind == Operand::Kind::list)
    return std::all_of(operand.items.begin(), operand.items.end(), [&](const Operand& item) {
      return check_transformable(item, call, problems);
    });
  if (operand.field == no_field || !all_fields()[operand.field].no_transform) return true;
  return complain(problems, operand,
                  "field '" + operand.text + "' cannot be used inside " +
                      std::string(transform_name(call.transform)) + "()");
}

bool bind_transform(Operand& call, const Scope& scope, std::vector<ConditionError>& problems) {
  bool good = true;
  for (Operand& item : call.items) good = bind_operand(item, scope, problems) && good;
  if (!good) return false;
  call.type = FieldType::string;
  if (call.has_arg && call.transform != Transform::getopt)
    return complain(problems, call,
                    std::string(transform_name(call.transform)) + "() takes no argument in [ ]");
  if (call.transform == Transform::val) return type_val(call, problems);
  for (const Operand& item : call.items)
    if (!check_transformable(item, call, problems)) return false;
  switch (call.transform) {
    case Transform::join: return type_join(call, problems);
    case Transform::concat: return type_concat(call, problems);
    case Transform::getopt: return type_getopt(call, problems);
    default: return type_one_argument(call, problems);
  }
}

}  // namespace

bool bind_operand(Operand& operand, const Scope& scope, std::vector<ConditionError>& problems) {
  switch (operand.kind) {
    case Operand::Kind::field: return bind_field(operand, scope, problems);
    case Operand::Kind::transform: return bind_transform(operand, scope, problems);
    case Operand::Kind::constant: return true;
    case Operand::Kind::list: break;
  }
  bool good = true;
  for (Operand& item : operand.items) good = bind_operand(item, scope, problems) && good;
  return good;
}

}  // namespace saker::lang
