// SPDX-License-Identifier: Apache-2.0
#include "true_conditions.h"

#include <algorithm>
#include <cmath>

#include "fields/event_names.h"
#include "fields/number.h"
#include "fields/text/transform.h"

namespace saker::testing {
namespace {

using fields::FieldType;
using fields::Value;

constexpr std::size_t longest = 255;

std::string hex(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : text) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '/' || c == '.' || c == '_' || c == '-';
    out += plain ? std::string(1, c) : "\\x" + hex({&c, 1});
  }
  return out + "\"";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

class Maker {
 public:
  explicit Maker(const std::string& written) : written_(written) {}

  void add(const std::string& op, const std::string& right) {
    made.push_back({op, written_ + " " + op + " " + right});
  }
  void add_equality(const std::string& value, const std::string& other) {
    add("=", value);
    add("!=", other);
    add("in", "(" + other + ", " + value + ")");
    add("intersects", "(" + value + ")");
  }
  void add_exists() { made.push_back({"exists", written_ + " exists"}); }

  std::vector<TrueCondition> made;

 private:
  std::string written_;
};

void add_texts(Maker& maker, std::string_view text) {
  std::size_t half = text.size() / 2;
  std::string_view begin = text.substr(0, half), end = text.substr(half);
  std::string other = std::string(end) + "#" + std::string(begin);
  if (text.size() < longest) {
    maker.add_equality(quoted(text), quoted(other));
    maker.add("= anyof", "(" + quoted(other) + ", " + quoted(text) + ")");
    maker.add("!= allof", "(" + quoted(other) + ", " + quoted("#" + other) + ")");
    maker.add("icontains", quoted(text));
  }
  begin = begin.substr(0, longest / 2 - 1);
  end = end.substr(end.size() > longest / 2 ? end.size() - longest / 2 : 0);
  maker.add("contains", quoted(end));
  maker.add("startswith", quoted(begin));
  maker.add("endswith", quoted(end));
  if (text.size() < longest / 2) maker.add("glob", quoted(escaped(begin) + "*"));
  if (text.size() < longest / 2) maker.add("iglob", quoted("*" + escaped(end)));
  maker.add("regex", quoted("(.|\n)*"));
  bool pattern = text.find_first_of("*?[\\") != text.npos;
  if (text.starts_with('/') && text.size() < longest && !pattern)
    maker.add("pmatch", "(/other, " + quoted(text) + ")");
}

// `bits` as fields of that type hold them, whatever their width.
void add_numbers(Maker& maker, std::uint64_t bits, bool is_signed) {
  auto text = [&](std::uint64_t n) {
    return is_signed ? std::to_string(static_cast<std::int64_t>(n)) : std::to_string(n);
  };
  std::string number = text(bits);
  maker.add_equality(number, text(bits ^ 1));
  maker.add("<=", number);
  maker.add(">=", number);
  // A constant is truncated to the field's width, so it must not cross the limits of any width.
  if ((bits & 0x7f) != 0x7f) maker.add("<", text(bits + 1));
  if ((bits & 0x7f) != 0 || (bits == 0 && is_signed)) maker.add(">", text(bits - 1));
}

void add_addresses(Maker& maker, const Value& value, bool network) {
  fields::Scratch scratch;
  std::string text(fields::as_text(value, scratch));
  std::string other = value.text.size() == 4 ? "9.9.9.9" : "9::9";
  if (text == other) return;
  if (network) text += value.text.size() == 4 ? "/32" : "/128";
  if (network) other += "/31";
  maker.add_equality(text, other);
}

void add_value(Maker& maker, FieldType type, const Value& value) {
  if (fields::is_real(value)) {
    const auto below = static_cast<std::int64_t>(std::floor(fields::real_of(value)));
    maker.add(">", std::to_string(below));
    maker.add("<", std::to_string(below + 1));
    maker.add("!=", std::to_string(below));
    return;
  }
  switch (type) {
    case FieldType::string:
    case FieldType::path:
      if (value.text.find('\0') == value.text.npos) add_texts(maker, value.text);
      return;
    case FieldType::bytes:
      if (value.text.empty()) return;
      if (value.text.size() < longest) maker.add_equality(quoted(value.text), quoted("#"));
      maker.add("bstartswith", hex(value.text.substr(0, 20)));
      maker.add("bcontains", hex(value.text.substr(value.text.size() / 2).substr(0, 20)));
      maker.add("startswith", quoted(value.text.substr(0, 20)));
      return;
    case FieldType::bool_:
      return maker.add_equality(value.bits ? "true" : "false", value.bits ? "false" : "true");
    case FieldType::ipaddr: return add_addresses(maker, value, false);
    case FieldType::ipnet: return add_addresses(maker, value, true);
    case FieldType::port:
      return maker.add_equality(std::to_string(value.bits), std::to_string(value.bits ^ 1));
    default:
      return add_numbers(
          maker, value.bits,
          type == FieldType::int64 || type == FieldType::fd || type == FieldType::pid);
  }
}

}  // namespace

bool fits(FieldType type, const Value& value) {
  if (value.kind == Value::Kind::list)
    return std::all_of(value.items, value.items + value.count,
                       [&](const Value& item) { return fits(type, item); });
  switch (type) {
    case FieldType::string:
    case FieldType::path:
    case FieldType::bytes: return value.kind == Value::Kind::text;
    case FieldType::bool_: return value.kind == Value::Kind::boolean;
    case FieldType::ipaddr:
    case FieldType::ipnet: return value.kind == Value::Kind::address;
    default: return value.kind == Value::Kind::number || value.kind == Value::Kind::natural;
  }
}

std::vector<TrueCondition> true_conditions(const std::string& written, FieldType type,
                                           const Value& value) {
  Maker maker(written);
  maker.add_exists();
  if (written == "evt.type") {  // only compared with names of events
    if (fields::find_event_name(value.text) == fields::no_event_name) return maker.made;
    std::string name = quoted(value.text);
    maker.add_equality(name, name == "\"open\"" ? "read" : "open");
    for (const char* op : {"contains", "icontains", "startswith", "endswith", "regex"})
      maker.add(op, name);
    return maker.made;
  }
  if (value.kind != Value::Kind::list) {
    add_value(maker, type, value);
    return maker.made;
  }
  // If there are several values, one is enough, except for `!=`, where all may be needed.
  if (value.count == 0) return maker.made;
  add_value(maker, type, value.items[value.count - 1]);
  std::erase_if(maker.made, [](const TrueCondition& made) { return made.op.starts_with("!="); });
  return maker.made;
}

}  // namespace saker::testing
