// SPDX-License-Identifier: Apache-2.0
#include "match/extract.h"

#include <charconv>
#include <unordered_map>

#include "match/fillers.h"
#include "match/transform.h"

namespace saker::match {
namespace {

using Table = std::unordered_map<std::string_view, FieldRef::Get>;

Table captures_table() {
  Table table;
  for (std::span<const Filler> fillers :
       {capture_event_fillers(), capture_fd_fillers(), capture_path_fillers(), capture_list_fillers(),
        capture_container_fillers()}) {
    for (const Filler& filler : fillers) table.emplace(filler.name, filler.get);
  }
  return table;
}

Table join_tables() {
  Table table;
  for (std::span<const Filler> fillers :
       {event_fillers(), argument_fillers(), process_fillers(), ancestor_fillers(), user_fillers(),
        descriptor_fillers(), socket_fillers(), path_fillers(), container_fillers()}) {
    for (const Filler& filler : fillers) table.emplace(filler.name, filler.get);
  }
  return table;
}

}  // namespace

FieldRef field_ref(std::string_view name, bool has_arg, std::string_view arg) {
  static const Table table = join_tables(), of_captures = captures_table();
  FieldRef ref;
  ref.id = lang::find_field(name);
  auto found = table.find(name);
  if (ref.id == lang::no_field) return ref;
  if (found != table.end()) ref.get = found->second;
  if (auto other = of_captures.find(name); other != of_captures.end()) ref.of_capture = other->second;
  ref.has_arg = has_arg;
  ref.arg = arg;
  auto [end, error] = std::from_chars(arg.data(), arg.data() + arg.size(), ref.index);
  ref.has_index = has_arg && error == std::errc{} && end == arg.data() + arg.size();
  return ref;
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
