// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/output_format.h"

#include <algorithm>
#include <optional>

#include "lang/fields.h"
#include "lang/print.h"
#include "lang/resolve/bind.h"
#include "lang/resolve/parser.h"

namespace saker::lang {
namespace {

constexpr std::size_t most_errors = 100;   // after these the rest is taken as text
constexpr std::size_t longest_name = 256;  // longer than any field with its argument

// The value after a % and its width.
struct NamedValue {
  Operand operand;
  std::size_t length = 0;  // length in bytes; 0: unknown name
  std::vector<ConditionError> problems;
};

// Called for every shorter prefix of a name, so it must be fast; bind_operand() then says whether
// the field is allowed there.
bool names_something(std::string_view name) {
  const FieldName field = split_field_name(name);
  if (field.id == no_field) return false;
  const std::string_view row = all_fields()[field.id].name;
  if (row == "evt.arg" || row == "evt.rawarg")
    return field.suffix.empty() || find_event_param(field.suffix) != nullptr;
  return true;
}

// A field after % ends where the longest known name ends: "%proc.name's" is proc.name and "'s". An
// argument that the field does not take is text as well.
NamedValue longest_known(std::string_view text, const Scope& scope) {
  NamedValue value;
  OperandPrefix prefix = parse_operand_prefix(text);
  if (prefix.length == 0) return value;
  value.operand = prefix.operand;
  if (bind_operand(value.operand, scope, value.problems)) {
    value.length = prefix.length;
    return value;
  }
  if (prefix.operand.kind != Operand::Kind::field) return value;
  const std::string_view name = std::string_view(prefix.operand.text).substr(0, longest_name);
  for (std::size_t length = name.size(); length > 0; --length) {
    if (!names_something(name.substr(0, length))) continue;
    Operand shorter;
    shorter.kind = Operand::Kind::field;
    shorter.text = name.substr(0, length);
    std::vector<ConditionError> ignored;
    if (!bind_operand(shorter, scope, ignored)) continue;
    value.operand = std::move(shorter);
    value.length = length;
    value.problems.clear();
    return value;
  }
  return value;
}

// Positions relative to the % become positions in the whole text.
void shift(Operand& operand, std::size_t by) {
  operand.pos.offset += static_cast<std::uint32_t>(by);
  for (Operand& item : operand.items) shift(item, by);
}

class OutputParser {
 public:
  OutputParser(std::string_view text, const Scope& scope) : text_(text), scope_(scope) {}

  OutputParse run() {
    if (!text_.empty() && text_[0] == '*') at_ = 1;
    while (at_ < text_.size()) {
      const std::size_t percent = std::min(text_.find('%', at_), text_.size());
      literal(text_.substr(at_, percent - at_));
      at_ = percent;
      if (at_ == text_.size()) break;
      if (result_.errors.size() >= most_errors) {
        literal(text_.substr(at_));
        break;
      }
      value();
    }
    result_.format.text = text_;
    return std::move(result_);
  }

 private:
  void literal(std::string_view text) {
    if (text.empty()) return;
    std::vector<OutputToken>& tokens = result_.format.tokens;
    if (tokens.empty() || tokens.back().kind != OutputToken::Kind::literal) tokens.emplace_back();
    tokens.back().text += text;
  }

  void fail(std::size_t at, std::string message, std::string hint, bool unknown) {
    result_.errors.push_back({std::move(message), std::move(hint), at, unknown});
  }

  // Called at a '%'. Always advances.
  void value() {
    const std::size_t percent = at_++;
    std::uint32_t width = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; at_++)
      width = std::min(width * 10 + static_cast<std::uint32_t>(text_[at_] - '0'), widest_output);
    if (at_ == text_.size())
      return fail(percent, "invalid formatting syntax: nothing follows the '%'",
                  "there is no escape for '%'; remove it", false);
    NamedValue found = longest_known(text_.substr(at_), scope_);
    if (found.length == 0) return unknown(percent, found);
    OutputToken& token = result_.format.tokens.emplace_back();
    token.kind = OutputToken::Kind::value;
    token.text = text_.substr(at_, found.length);
    token.value = std::move(found.operand);
    shift(token.value, at_);
    token.width = width;
    at_ += found.length;
  }

  void unknown(std::size_t percent, NamedValue& found) {
    if (found.problems.empty())
      return fail(percent, "unknown filter: no field or transformer follows the '%'",
                  "there is no escape for '%': write the word percent, or name a field", true);
    for (ConditionError& problem : found.problems)
      fail(at_ + problem.offset, "unknown filter: " + problem.message, std::move(problem.hint),
           true);
  }

  std::string_view text_;
  const Scope& scope_;
  std::size_t at_ = 0;
  OutputParse result_;
};

void add_fields(const Operand& operand, std::vector<Operand>& found) {
  if (operand.kind != Operand::Kind::field) {
    for (const Operand& item : operand.items) add_fields(item, found);
    return;
  }
  const auto known = [&](const Operand& other) { return same(operand, other); };
  if (std::none_of(found.begin(), found.end(), known)) found.push_back(operand);
}

}  // namespace

OutputParse parse_output(std::string_view text, const Scope& scope) {
  return OutputParser(text, scope).run();
}

OutputParse parse_output(std::string_view text,
                         const std::map<std::string, std::string>& static_fields) {
  return parse_output(text, Scope{static_fields, {}});
}

std::vector<Operand> output_fields(const OutputFormat& format) {
  std::vector<Operand> found;
  for (const OutputToken& token : format.tokens)
    if (token.kind == OutputToken::Kind::value) add_fields(token.value, found);
  return found;
}

}  // namespace saker::lang
