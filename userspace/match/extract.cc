// SPDX-License-Identifier: Apache-2.0
#include "match/extract.h"

#include <charconv>
#include <initializer_list>
#include <span>
#include <vector>

#include "match/fillers.h"
#include "match/transform.h"

namespace saker::match {
namespace {

// By field.
using Getters = std::vector<FieldRef::Get>;

Getters join(std::initializer_list<std::span<const Filler>> tables) {
  Getters getters(lang::fields().size());
  for (std::span<const Filler> table : tables) {
    for (const Filler& filler : table) {
      lang::FieldId id = lang::find_field(filler.name);
      if (id != lang::no_field && !getters[id]) getters[id] = filler.get;
    }
  }
  return getters;
}

}  // namespace

FieldRef field_ref(lang::FieldId id, bool has_arg, std::string_view arg) {
  static const Getters getters = join({event_fillers(), argument_fillers(), process_fillers(), ancestor_fillers(),
                                       user_fillers(), descriptor_fillers(), socket_fillers(), path_fillers(),
                                       container_fillers()}),
                       of_captures = join({capture_event_fillers(), capture_fd_fillers(), capture_path_fillers(),
                                           capture_list_fillers(), capture_container_fillers()});
  FieldRef ref;
  ref.id = id;
  if (id == lang::no_field) return ref;
  ref.get = getters[id];
  ref.of_capture = of_captures[id];
  ref.has_arg = has_arg;
  ref.arg = arg;
  auto [end, error] = std::from_chars(arg.data(), arg.data() + arg.size(), ref.index);
  ref.has_index = has_arg && error == std::errc{} && end == arg.data() + arg.size();
  return ref;
}

FieldRef field_ref(std::string_view name, bool has_arg, std::string_view arg) {
  return field_ref(lang::find_field(name), has_arg, arg);
}

bool prints_hex(lang::FieldId field) {
  static const lang::FieldId device = lang::find_field("fd.dev");
  return field == device;
}

bool prints_bytes(lang::FieldId field) {
  static const lang::FieldId buffer = lang::find_field("evt.buffer");
  return field == buffer;
}

void append_text(std::string& out, const FieldRef& field, const Value& value) {
  if (value.kind == Value::Kind::unset) {
    out += "<NA>";
  } else if (value.kind == Value::Kind::list) {
    bool ancestors = field.id != lang::no_field && lang::fields()[field.id].any_ancestor;
    if (!ancestors) out += '(';
    for (std::uint32_t i = 0; i < value.count; i++) {
      if (i > 0) out += ancestors ? ' ' : ',';
      append_text(out, field, value.items[i]);
    }
    if (!ancestors) out += ')';
  } else if (prints_hex(field.id) && value.kind == Value::Kind::number) {
    char text[32];
    char* end = std::to_chars(text, text + sizeof text, static_cast<std::uint32_t>(value.bits), 16).ptr;
    for (const char* c = text; c != end; c++) out += *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
  } else if (prints_bytes(field.id) && value.kind == Value::Kind::text) {
    for (char c : value.text) out += c >= ' ' && c <= '~' ? c : '.';
  } else {
    Scratch scratch;
    out += as_text(value, scratch);
  }
}

}  // namespace saker::match
