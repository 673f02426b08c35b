// SPDX-License-Identifier: Apache-2.0
// Recursive descent, with alternatives in the order of the grammar (docs/rule-language.md). A
// method that returns nothing has either set error_ or, if its comment says so, found something
// else.
#include "lang/resolve/parser.h"

#include <array>
#include <utility>

#include "lang/operators.h"
#include "lang/resolve/lexer.h"

namespace saker::lang {
namespace {

struct TransformWord {
  std::string_view word;
  Transform transform;
};
constexpr std::array<TransformWord, 8> transforms = {{{"tolower(", Transform::tolower},
                                                      {"toupper(", Transform::toupper},
                                                      {"b64(", Transform::b64},
                                                      {"basename(", Transform::basename},
                                                      {"len(", Transform::len},
                                                      {"join(", Transform::join},
                                                      {"concat(", Transform::concat},
                                                      {"getopt(", Transform::getopt}}};

constexpr std::string_view operators_hint =
    "an operator is one of = != < <= > >= contains icontains startswith endswith glob iglob regex "
    "bcontains bstartswith "
    "in intersects pmatch exists; a word needs a space after it";

class Parser {
 public:
  Parser(std::string_view text, unsigned max_depth) : lex_(text), max_depth_(max_depth) {}

  ParsedCondition condition();
  ParsedOperand whole_operand();
  OperandPrefix operand_prefix();

 private:
  // Counts one level while it exists; too_deep() has reported the error.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  bool too_deep();
  std::nullopt_t fail(std::string message, std::string_view hint, std::size_t at);
  std::nullopt_t fail(std::string message, std::string_view hint = {}) {
    return fail(std::move(message), hint, lex_.at());
  }
  std::nullopt_t expected(const std::string& what, std::string_view hint = {});
  void fail_quote();
  static Position place(std::size_t at) { return {0, 0, static_cast<std::uint32_t>(at)}; }

  std::optional<Expr> parse_any();
  std::optional<Expr> parse_all();
  std::optional<Expr> parse_not();
  std::optional<Expr> parse_check();
  std::optional<Expr> parse_group_rest();
  std::optional<Expr> parse_chain(Expr::Kind kind, std::string_view word,
                                  std::optional<Expr> (Parser::*part)());
  std::optional<Expr> parse_comparison(Operand left, std::size_t begin);
  bool parse_right(Expr& check);
  std::optional<Op> take_op(bool& word_op);
  std::optional<Modifier> take_modifier();

  std::optional<Operand> parse_number_value();
  std::optional<Operand> parse_text_value();
  std::optional<Operand> parse_list_value(bool computed);
  std::optional<Operand> parse_list_rest(std::size_t begin);
  std::optional<Operand> parse_left();
  std::optional<Operand> parse_computed(bool right);
  std::optional<Operand> parse_transform(Transform transform, std::size_t begin);
  std::optional<Operand> parse_transform_argument();
  std::optional<Operand> parse_transform_list(std::size_t begin);
  std::optional<Operand> parse_val(std::size_t begin);
  std::optional<Operand> parse_field();
  std::optional<Operand> parse_string();
  bool parse_argument(Operand& operand);
  Operand constant(std::size_t begin, std::string text, bool quoted) const;

  Lexer lex_;
  unsigned depth_ = 0, max_depth_;
  std::optional<ParseError> error_;
};

std::nullopt_t Parser::fail(std::string message, std::string_view hint, std::size_t at) {
  if (!error_) error_ = ParseError{std::move(message), std::string(hint), at};
  return std::nullopt;
}

std::nullopt_t Parser::expected(const std::string& what, std::string_view hint) {
  return fail("expected " + what + " but found " + lex_.found(), hint);
}

void Parser::fail_quote() {
  const auto& quote = lex_.quote_error();
  if (!quote) return;
  fail(quote->message,
       quote->unclosed ? "add the closing quote; a backslash directly before it would escape it: "
                         "write \\x5c instead"
                       : "escapes are \\b \\f \\n \\r \\t \\\\ \\/ \\xHH and the quote itself",
       quote->offset);
}

bool Parser::too_deep() {
  if (depth_ < max_depth_) return false;
  fail("nested too deeply: the limit is " + std::to_string(max_depth_) +
           " levels; a pair of parentheses counts as five",
       "move parts of the condition into macros");
  return true;
}

ParsedCondition Parser::condition() {
  ParsedCondition result;
  std::optional<Expr> expr = parse_any();
  if (expr && !lex_.done()) {
    fail("unexpected " + lex_.found() + " after the condition, expected 'and', 'or' or its end",
         lex_.rest()[0] == ')' ? "there is one closing parenthesis too many"
         : lex_.rest()[0] == ','
             ? "lists need parentheses: in (a, b); so does a list's name: in (my_list)"
             : "");
    expr.reset();
  }
  if (expr)
    result.expr = std::move(*expr);
  else
    result.error = std::move(error_);
  return result;
}

std::optional<Expr> Parser::parse_chain(Expr::Kind kind, std::string_view word,
                                        std::optional<Expr> (Parser::*part)()) {
  lex_.skip_blank();
  const std::size_t begin = lex_.at();
  std::optional<Expr> first = (this->*part)();
  if (!first) return std::nullopt;
  Expr group;
  lex_.skip_blank();
  while (lex_.take(word)) {
    std::optional<Expr> next;
    if (lex_.skip_blank())
      next = (this->*part)();
    else if (lex_.take("("))
      next = parse_group_rest();
    else
      return expected("a space or '(' after '" + std::string(word) + "'");
    if (!next) return std::nullopt;
    if (group.children.empty()) group.children.push_back(std::move(*first));
    group.children.push_back(std::move(*next));
    lex_.skip_blank();
  }
  if (group.children.empty()) return first;
  group.children.shrink_to_fit();
  group.kind = kind;
  group.pos = place(begin);
  return group;
}

std::optional<Expr> Parser::parse_any() {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  return parse_chain(Expr::Kind::any, "or", &Parser::parse_all);
}

std::optional<Expr> Parser::parse_all() {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  return parse_chain(Expr::Kind::all, "and", &Parser::parse_not);
}

std::optional<Expr> Parser::parse_not() {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  lex_.skip_blank();
  const std::size_t begin = lex_.at();
  bool negated = false;
  std::optional<Expr> child;
  for (std::size_t before = begin; lex_.take("not"); before = lex_.at()) {
    if (lex_.skip_blank()) {
      negated = !negated;
    } else if (lex_.take("(")) {
      negated = !negated;
      child = parse_group_rest();
      if (!child) return std::nullopt;
      break;
    } else {
      lex_.rewind(before);  // a macro whose name begins with "not"
      break;
    }
  }
  if (!child) child = parse_check();
  if (!child || !negated) return child;
  Expr negation;
  negation.kind = Expr::Kind::negate;
  negation.pos = place(begin);
  negation.children.push_back(std::move(*child));
  return negation;
}

// After a '('.
std::optional<Expr> Parser::parse_group_rest() {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  const std::size_t open = lex_.at() - 1;
  std::optional<Expr> inner = parse_any();
  if (!inner) return std::nullopt;
  lex_.skip_blank();
  if (lex_.take(")")) return inner;
  if (lex_.done()) return fail("this parenthesis is never closed", "add the missing ')'", open);
  return expected("'and', 'or' or ')'");
}

std::optional<Expr> Parser::parse_check() {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  lex_.skip_blank();
  const std::size_t begin = lex_.at();
  if (lex_.take("(")) return parse_group_rest();
  if (std::optional<Operand> left = parse_left()) return parse_comparison(std::move(*left), begin);
  if (error_) return std::nullopt;
  const std::string_view name = lex_.take_identifier();
  if (name.empty()) return expected("a field, a macro or '('");
  if (name == "val" && lex_.take("("))
    return fail("val() is only allowed on the right side of an operator",
                "write the field itself here", begin);
  Expr macro;
  macro.kind = Expr::Kind::ident;
  macro.name = name;
  macro.pos = place(begin);
  return macro;
}

// A field or a transformer; nothing and no error if neither begins here.
std::optional<Operand> Parser::parse_left() {
  if (std::optional<Operand> field = parse_field()) return field;
  if (error_) return std::nullopt;
  return parse_computed(false);
}

std::optional<Op> Parser::take_op(bool& word_op) {
  word_op = false;
  if (lex_.take("exists")) return Op::exists;
  for (const OpWord& candidate : number_ops)
    if (lex_.take(candidate.word)) return candidate.op;
  for (const OpWord& candidate : equal_ops)
    if (lex_.take(candidate.word)) return candidate.op;
  for (const OpWord& candidate : word_ops) {
    const std::size_t before = lex_.at();
    if (!lex_.take(candidate.word)) continue;
    word_op = true;
    if (lex_.skip_blank()) return candidate.op;
    lex_.rewind(before);
  }
  word_op = false;
  for (const OpWord& candidate : list_ops)
    if (lex_.take(candidate.word)) return candidate.op;
  return std::nullopt;
}

std::optional<Expr> Parser::parse_comparison(Operand left, std::size_t begin) {
  lex_.skip_blank();
  Expr check;
  check.kind = Expr::Kind::check;
  check.pos = place(begin);
  bool blank = false;
  const std::optional<Op> op = take_op(blank);
  if (!op) return expected("an operator after '" + std::string(left.text) + "'", operators_hint);
  check.left = std::move(left);
  check.op = *op;
  if (*op == Op::exists) return check;
  const bool blank_before = lex_.skip_blank() || blank;
  if (is_text_op(*op) && blank_before)
    if (const std::optional<Modifier> modifier = take_modifier()) check.modifier = *modifier;
  if (!parse_right(check)) return std::nullopt;
  return check;
}

bool Parser::parse_right(Expr& check) {
  std::optional<Operand> right;
  if (check.modifier != Modifier::none)
    right = parse_list_value(false);
  else if (is_list_op(check.op))
    right = parse_list_value(true);
  else if (is_text_op(check.op))
    right = parse_text_value();
  else
    right = parse_number_value();
  if (!right) return false;
  check.right = std::move(*right);
  return true;
}

// After a space. A modifier's word is a modifier only before a list; elsewhere it is an ordinary
// value.
std::optional<Modifier> Parser::take_modifier() {
  const std::size_t before = lex_.at();
  for (const std::string_view word : {"oneof", "anyof", "allof"}) {
    if (!lex_.take(word)) continue;
    if (lex_.skip_blank()) {
      const std::size_t list = lex_.at();
      const bool parenthesis = lex_.take("(");
      const std::string_view name = parenthesis ? std::string_view{} : lex_.take_identifier();
      lex_.rewind(list);
      if (parenthesis || (!name.empty() && name != "and" && name != "or" && name != "not"))
        return find_modifier(word);
    }
    lex_.rewind(before);
  }
  return std::nullopt;
}

Operand Parser::constant(std::size_t begin, std::string text, bool quoted) const {
  Operand value;
  value.kind = Operand::Kind::constant;
  value.text = std::move(text);
  value.quoted = quoted;
  value.pos = place(begin);
  return value;
}

std::optional<Operand> Parser::parse_number_value() {
  if (std::optional<Operand> computed = parse_computed(true)) return computed;
  if (error_) return std::nullopt;
  const std::size_t begin = lex_.at();
  std::string_view number = lex_.take_hex();
  if (number.empty()) number = lex_.take_number();
  if (number.empty())
    return expected("a number", "< <= > >= compare with a number, val(field) or a transformer");
  return constant(begin, std::string(number), false);
}

std::optional<Operand> Parser::parse_text_value() {
  if (std::optional<Operand> computed = parse_computed(true)) return computed;
  if (error_) return std::nullopt;
  if (std::optional<Operand> value = parse_string()) return value;
  if (error_) return std::nullopt;
  return expected("a value",
                  "a value with a space or one of ( ) \" ' = , must be in quotes; for several "
                  "values use in (a, b)");
}

// A quoted or bare text; nothing and no error if neither begins here.
std::optional<Operand> Parser::parse_string() {
  const std::size_t begin = lex_.at();
  if (std::optional<std::string> quoted = lex_.take_quoted())
    return constant(begin, std::move(*quoted), true);
  fail_quote();
  if (error_) return std::nullopt;
  const std::string_view bare = lex_.take_bare();
  if (bare.empty()) return std::nullopt;
  return constant(begin, std::string(bare), false);
}

std::optional<Operand> Parser::parse_list_value(bool computed) {
  const std::size_t begin = lex_.at();
  if (lex_.take("(")) return parse_list_rest(begin);
  if (computed) {
    if (std::optional<Operand> value = parse_computed(true)) return value;
    if (error_) return std::nullopt;
  }
  const std::string_view name = lex_.take_identifier();
  if (name.empty()) return expected("a list in parentheses", "write (a, b) or (name_of_a_list)");
  Operand list;
  list.kind = Operand::Kind::list;
  list.pos = place(begin);
  list.items.push_back(constant(begin, std::string(name), false));
  return list;
}

// After the '(' of a list of plain values.
std::optional<Operand> Parser::parse_list_rest(std::size_t begin) {
  Operand list;
  list.kind = Operand::Kind::list;
  list.pos = place(begin);
  lex_.skip_blank();
  if (lex_.take(")")) return list;
  while (true) {
    lex_.skip_blank();
    std::optional<Operand> item = parse_string();
    if (error_) return std::nullopt;
    if (!item)
      return expected("a value in the list",
                      "values are separated by single commas; quote a value that contains "
                      "parentheses, '=' or spaces");
    list.items.push_back(std::move(*item));
    lex_.skip_blank();
    if (lex_.take(")")) break;
    if (!lex_.take(","))
      return expected("',' or ')' in the list", "quote values that contain spaces");
  }
  list.items.shrink_to_fit();
  return list;
}

// A transformer, on the right also val(); nothing and no error if none begins here.
std::optional<Operand> Parser::parse_computed(bool right) {
  const std::size_t begin = lex_.at();
  for (const TransformWord& candidate : transforms)
    if (lex_.take(candidate.word)) return parse_transform(candidate.transform, begin);
  if (right && lex_.take("val(")) return parse_val(begin);
  return std::nullopt;
}

std::optional<Operand> Parser::parse_transform(Transform transform, std::size_t begin) {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  Operand call;
  call.kind = Operand::Kind::transform;
  call.transform = transform;
  call.pos = place(begin);
  do {
    lex_.skip_blank();
    std::optional<Operand> argument = parse_transform_argument();
    if (!argument) return std::nullopt;
    call.items.push_back(std::move(*argument));
    lex_.skip_blank();
  } while (lex_.take(","));
  if (!lex_.take(")")) return expected("',' or ')' in the transformer's arguments");
  if (!parse_argument(call)) return std::nullopt;
  return call;
}

std::optional<Operand> Parser::parse_transform_argument() {
  const std::size_t begin = lex_.at();
  std::string_view number = lex_.take_hex();
  if (number.empty()) number = lex_.take_number();
  if (!number.empty()) return constant(begin, std::string(number), false);
  if (std::optional<std::string> quoted = lex_.take_quoted())
    return constant(begin, std::move(*quoted), true);
  fail_quote();
  if (error_) return std::nullopt;
  if (lex_.take("(")) return parse_transform_list(begin);
  if (std::optional<Operand> operand = parse_left()) return operand;
  return expected("a field, a transformer, a number or a quoted text",
                  "texts inside transformers need quotes");
}

std::optional<Operand> Parser::parse_transform_list(std::size_t begin) {
  const Level level(*this);
  if (too_deep()) return std::nullopt;
  Operand list;
  list.kind = Operand::Kind::list;
  list.pos = place(begin);
  lex_.skip_blank();
  if (lex_.take(")")) return list;
  do {
    lex_.skip_blank();
    const std::size_t item_begin = lex_.at();
    if (lex_.take("(")) return fail("a list inside a list is not allowed", {}, item_begin);
    std::optional<Operand> item = parse_transform_argument();
    if (!item) return std::nullopt;
    list.items.push_back(std::move(*item));
    lex_.skip_blank();
  } while (lex_.take(","));
  if (!lex_.take(")")) return expected("',' or ')' in the list");
  return list;
}

// After "val(".
std::optional<Operand> Parser::parse_val(std::size_t begin) {
  lex_.skip_blank();
  std::optional<Operand> field = parse_field();
  if (error_) return std::nullopt;
  if (!field) return expected("a field in val()");
  lex_.skip_blank();
  if (!lex_.take(")")) return expected("')' after the field in val()");
  Operand call;
  call.kind = Operand::Kind::transform;
  call.transform = Transform::val;
  call.pos = place(begin);
  call.items.push_back(std::move(*field));
  if (!parse_argument(call)) return std::nullopt;
  return call;
}

// Nothing and no error if no field begins here.
std::optional<Operand> Parser::parse_field() {
  const std::size_t begin = lex_.at();
  const std::string_view name = lex_.take_field_name();
  if (name.empty()) return std::nullopt;
  Operand field;
  field.kind = Operand::Kind::field;
  field.text = name;
  field.pos = place(begin);
  if (!parse_argument(field)) return std::nullopt;
  return field;
}

// An argument in [ ], if one follows.
bool Parser::parse_argument(Operand& operand) {
  const std::size_t begin = lex_.at();
  if (!lex_.take("[")) return true;
  operand.has_arg = true;
  if (std::optional<std::string> quoted = lex_.take_quoted()) {
    operand.arg = std::move(*quoted);
  } else {
    fail_quote();
    if (error_) return false;
    operand.arg = lex_.take_bare_argument();
    if (operand.arg.empty()) {
      fail("expected an argument in [ ] but found " + lex_.found(),
           "no spaces in [ ]; an empty argument is [\"\"]");
      return false;
    }
  }
  if (lex_.take("]")) return true;
  if (lex_.done())
    fail("this '[' is never closed", "add the missing ']'", begin);
  else
    expected("']' after the argument",
             "no spaces in [ ]; quote an argument that contains [ ] \" ' or a space");
  return false;
}

ParsedOperand Parser::whole_operand() {
  ParsedOperand result;
  std::optional<Operand> operand = parse_left();
  if (!operand && !error_) expected("a field or a transformer");
  if (operand && !lex_.done()) expected("the end of the field");
  if (error_)
    result.error = std::move(error_);
  else
    result.operand = std::move(*operand);
  return result;
}

OperandPrefix Parser::operand_prefix() {
  std::optional<Operand> operand = parse_left();
  if (operand) return {std::move(*operand), lex_.at()};
  // A field followed by an invalid [ ] is still the field.
  lex_.rewind(0);
  const std::string_view name = lex_.take_field_name();
  if (name.empty()) return {};
  OperandPrefix prefix;
  prefix.operand.kind = Operand::Kind::field;
  prefix.operand.text = name;
  prefix.length = name.size();
  return prefix;
}

}  // namespace

ParsedCondition parse_condition(std::string_view text, unsigned max_depth) {
  return Parser(text, max_depth).condition();
}

ParsedOperand parse_field_or_transform(std::string_view text) {
  return Parser(text, max_condition_depth).whole_operand();
}

OperandPrefix parse_operand_prefix(std::string_view text) {
  return Parser(text, max_condition_depth).operand_prefix();
}

}  // namespace saker::lang
