// SPDX-License-Identifier: Apache-2.0
#include "fields/text/transform.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>

#include "fields/text/text_ops.h"

namespace saker::fields {
namespace {

Value each_text(const Value& input, Scratch& scratch, auto change) {
  if (input.kind == Value::Kind::text) return change(input.text);
  if (input.kind != Value::Kind::list) return {};
  auto* items = new (scratch.take(input.count * sizeof(Value))) Value[input.count];
  for (std::uint32_t i = 0; i < input.count; i++) {
    items[i] = change(input.items[i].text);
    if (!items[i].set()) return {};
  }
  return Value::of_list(items, input.count);
}

Value change_case(const Value& input, Scratch& scratch, char (*letter)(char)) {
  return each_text(input, scratch, [&](std::string_view text) {
    char* out = scratch.take(text.size());
    for (std::size_t i = 0; i < text.size(); i++) out[i] = letter(text[i]);
    return Value::of_text({out, text.size()});
  });
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Unset if it is not base64, that is, if one character is left over or unused bits are not zero.
// The padding may be missing.
Value decode_base64(std::string_view text, Scratch& scratch) {
  bool empty = text.empty();
  for (int most = 2; most > 0 && !text.empty() && text.back() == '='; most--) text.remove_suffix(1);
  if (text.size() % 4 == 1 || text.empty() != empty) return {};
  char* out = scratch.take(text.size());
  std::size_t length = 0;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); i++) {
    int digit = base64_digit(text[i]);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 0) out[length++] = static_cast<char>(bits >> (6 - 2 * (i % 4)));
  }
  std::uint32_t left_over = text.size() % 4 == 2 ? 0xf : text.size() % 4 == 3 ? 0x3 : 0;
  return (bits & left_over) == 0 ? Value::of_text({out, length}) : Value{};
}

Value length_of(const Value& input) {
  if (input.kind == Value::Kind::list) return Value::of_natural(input.count);
  if (input.kind == Value::Kind::text) return Value::of_natural(input.text.size());
  return {};
}

// The texts one after the other, with `between` them.
Value glue(std::span<const Value> pieces, std::string_view between, Scratch& scratch) {
  std::size_t size = 0;
  for (const Value& piece : pieces) size += as_text(piece, scratch).size() + between.size();
  if (size > max_made_text) return {};
  char* out = scratch.take(size);
  std::size_t length = 0;
  for (std::size_t i = 0; i < pieces.size(); i++) {
    std::string_view text = as_text(pieces[i], scratch);
    if (i > 0) {
      std::memcpy(out + length, between.data(), between.size());
      length += between.size();
    }
    std::memcpy(out + length, text.data(), text.size());
    length += text.size();
  }
  return Value::of_text({out, length});
}

Value join(std::span<const Value> inputs, Scratch& scratch) {
  if (inputs.size() != 2 || inputs[1].kind != Value::Kind::list) return {};
  return glue({inputs[1].items, inputs[1].count}, inputs[0].text, scratch);
}

// The kind of option `c` in an option string: 0 unknown, 1 without an argument, 2 with an argument.
// One occurrence with a colon after the letter is enough for an argument.
int option_kind(std::string_view options, char c) {
  int kind = 0;
  for (std::size_t at = 0; c != ':' && (at = options.find(c, at)) != options.npos; at++)
    kind = std::max(kind, options.substr(at + 1, 1) == ":" ? 2 : 1);
  return kind;
}

// Reads options like getopt(3), without long ones.
class OptionReader {
 public:
  // `wanted`: the letter of one option, or '\0' for all.
  OptionReader(std::span<const Value> words, std::string_view options, char wanted,
               Scratch& scratch)
      : words_(words), options_(options), wanted_(wanted) {
    std::size_t most = 0;
    for (const Value& word : words) most += 2 * word.text.size() + 2;
    found_ = reinterpret_cast<Value*>(scratch.take(most * sizeof(Value)));
    while (at_ < words_.size()) {
      std::string_view word = words_[at_].text;
      if (word == "--" || word.size() < 2 || word[0] != '-') break;
      at_++;
      if (word[1] != '-') cluster(word.substr(1));
    }
  }

  // Letters and arguments in their order.
  Value all() const { return Value::of_list(found_, count_); }
  // The last value of the wanted option: its argument, or the letter if it takes none.
  const Value& last() const { return last_; }

 private:
  void add(std::string_view text) { found_[count_++] = Value::of_text(text); }
  void found(char letter, std::string_view value) {
    if (letter == wanted_) last_ = Value::of_text(value);
  }
  void cluster(std::string_view letters) {
    for (std::size_t i = 0; i < letters.size(); i++) {
      int kind = option_kind(options_, letters[i]);
      if (kind == 2) return argument(letters[i], letters.substr(i, 1), letters.substr(i + 1));
      add(kind == 0 ? std::string_view("?") : letters.substr(i, 1));
      if (kind == 1) found(letters[i], letters.substr(i, 1));
    }
  }
  // An option whose argument is missing yields an empty text and no letter.
  void argument(char letter, std::string_view name, std::string_view rest) {
    if (rest.empty() && at_ < words_.size()) {
      rest = words_[at_++].text;
      add(name);
    } else if (!rest.empty()) {
      add(name);
    }
    add(rest);
    found(letter, rest);
  }

  std::span<const Value> words_;
  std::string_view options_;
  char wanted_;
  std::size_t at_ = 0;
  Value* found_;
  std::uint32_t count_ = 0;
  Value last_;
};

Value getopt(std::span<const Value> inputs, std::string_view arg, Scratch& scratch) {
  if (inputs.size() != 2 || inputs[0].kind != Value::Kind::list) return {};
  char wanted = arg.empty() ? '\0' : arg[0];
  OptionReader reader({inputs[0].items, inputs[0].count}, inputs[1].text, wanted, scratch);
  return arg.empty() ? reader.all() : reader.last();
}

std::string_view basename(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

template <typename Number>
std::string_view decimal(Number n, Scratch& scratch) {
  char* out = scratch.take(24);
  return {out, static_cast<std::size_t>(std::to_chars(out, out + 24, n).ptr - out)};
}

}  // namespace

std::string_view as_text(const Value& value, Scratch& scratch) {
  switch (value.kind) {
    case Value::Kind::text: return value.text;
    case Value::Kind::number: return decimal(value.number(), scratch);
    case Value::Kind::natural: return decimal(value.bits, scratch);
    case Value::Kind::boolean: return value.bits ? "true" : "false";
    case Value::Kind::address: {
      char* out = scratch.take(INET6_ADDRSTRLEN);
      int family = value.text.size() == 4 ? AF_INET : AF_INET6;
      return inet_ntop(family, value.text.data(), out, INET6_ADDRSTRLEN) ? std::string_view(out)
                                                                         : "";
    }
    default: return {};
  }
}

Value transform(Transform kind, std::span<const Value> inputs, std::string_view arg,
                Scratch& scratch) {
  if (inputs.empty()) return {};
  for (const Value& input : inputs) {
    if (!input.set()) return {};
  }
  switch (kind) {
    case Transform::tolower: return change_case(inputs[0], scratch, lower);
    case Transform::toupper: return change_case(inputs[0], scratch, upper);
    case Transform::basename:
      return each_text(inputs[0], scratch,
                       [](std::string_view text) { return Value::of_text(basename(text)); });
    case Transform::b64:
      return each_text(inputs[0], scratch,
                       [&](std::string_view text) { return decode_base64(text, scratch); });
    case Transform::len: return length_of(inputs[0]);
    case Transform::join: return join(inputs, scratch);
    case Transform::concat: return glue(inputs, {}, scratch);
    case Transform::getopt: return getopt(inputs, arg, scratch);
    default: return inputs[0];
  }
}

}  // namespace saker::fields
