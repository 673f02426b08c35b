// SPDX-License-Identifier: Apache-2.0
#include "fields/extract.h"

#include <charconv>

#include "fields/number.h"
#include "fields/shown.h"
#include "fields/text/transform.h"

namespace saker::fields {

FieldRef field_ref(FieldId id, bool has_arg, std::string_view arg) {
  FieldRef ref;
  ref.id = id;
  if (id == no_field) return ref;
  ref.slot = slot_of(id);
  ref.has_arg = has_arg;
  ref.arg = arg;
  auto [end, error] = std::from_chars(arg.data(), arg.data() + arg.size(), ref.index);
  ref.has_index = has_arg && error == std::errc{} && end == arg.data() + arg.size();
  return ref;
}

FieldRef field_ref(std::string_view name, bool has_arg, std::string_view arg) {
  return field_ref(find_field(name), has_arg, arg);
}

namespace {

Shown shown_of(FieldId field) { return field == no_field ? Shown{} : all_fields()[field].shown; }

bool prints_real(FieldId field) {
  return field != no_field && all_fields()[field].type == FieldType::double_;
}

void append_raw(std::string& out, const Value& value) {
  const std::uint64_t bits = fitted(value, value.bits);
  if (base_of(value) == 10) {
    out += value.kind == Value::Kind::number ? std::to_string(static_cast<std::int64_t>(bits))
                                             : std::to_string(bits);
    return;
  }
  // A negative number of fewer than 32 bits is shown with 32 bits.
  const std::uint64_t shown =
      value.kind == Value::Kind::number && width_of(value) < 64 ? bits & 0xffffffff : bits;
  char text[32];
  char* end = std::to_chars(text, text + sizeof text, shown, static_cast<int>(base_of(value))).ptr;
  for (const char* c = text; c != end; c++)
    out += *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
}

}  // namespace

bool prints_nothing(FieldId field, const Value& value) {
  const bool none = value.kind == Value::Kind::list
                        ? value.count == 0
                        : value.kind == Value::Kind::text && value.text.empty();
  return none && shown_of(field).na;
}

bool prints_time(FieldId field) { return shown_of(field).time; }
bool prints_no_delta(FieldId field) { return shown_of(field).delta; }
bool prints_hex(FieldId field) { return shown_of(field).hex; }
bool prints_bytes(FieldId field) { return shown_of(field).bytes; }

void append_text(std::string& out, const FieldRef& field, const Value& value) {
  if (value.kind == Value::Kind::unset || prints_nothing(field.id, value)) {
    out += "<NA>";
  } else if (value.kind == Value::Kind::list) {
    bool ancestors = field.id != no_field && all_fields()[field.id].any_ancestor;
    if (!ancestors) out += '(';
    for (std::uint32_t i = 0; i < value.count; i++) {
      if (i > 0) out += ancestors ? ' ' : ',';
      append_text(out, field, value.items[i]);
    }
    if (!ancestors) out += ')';
  } else if (prints_real(field.id)) {
    char text[64];
    out.append(
        text,
        std::to_chars(text, text + sizeof text, real_of(value), std::chars_format::fixed, 1).ptr);
  } else if (base_of(value)) {
    append_raw(out, value);
  } else if (shown_of(field.id).padded && value.kind == Value::Kind::natural) {
    const std::string digits = std::to_string(value.bits);
    out.append(digits.size() < 9 ? 9 - digits.size() : 0, '0').append(digits);
  } else if (shown_of(field.id).net) {
    out += "<IPNET>";
  } else if (prints_hex(field.id) && value.kind == Value::Kind::number) {
    char text[32];
    char* end =
        std::to_chars(text, text + sizeof text, static_cast<std::uint32_t>(value.bits), 16).ptr;
    for (const char* c = text; c != end; c++)
      out += *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
  } else if (value.kind == Value::Kind::text && (prints_bytes(field.id) || is_bytes(value))) {
    for (char c : value.text) out += c >= ' ' && c <= '~' ? c : '.';
  } else {
    Scratch scratch;
    out += as_text(value, scratch);
  }
}

}  // namespace saker::fields
