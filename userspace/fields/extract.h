// SPDX-License-Identifier: Apache-2.0
// The value of a field at an event. Pure: reads the record, the process image with its ancestors,
// the container and the users; changes only the scratch. Any thread, each with its own scratch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fields/event.h"
#include "fields/field.h"
#include "fields/scratch.h"
#include "fields/value.h"

namespace saker::fields {

// A path has two views: as the caller named it (made absolute, normalised lexically), and as the
// kernel resolved it.
enum class View : std::uint8_t { named, resolved };

// A field with its argument, looked up once: `proc.aname[2]`, `evt.arg.flags`, `proc.env[PATH]`.
struct FieldRef {
  FieldId id = no_field;
  std::uint16_t slot = 0;  // its index in every Getters; 0: no field
  bool has_arg = false;
  bool has_index = false;  // the argument is a number
  std::uint32_t index = 0;
  std::string_view arg;  // must outlive the reference
};

constexpr std::uint16_t slot_of(FieldId id) {
  return id == no_field ? std::uint16_t{0} : static_cast<std::uint16_t>(id + 1);
}

// `id` is no_field if there is no such field.
FieldRef field_ref(std::string_view name, bool has_arg, std::string_view arg);
FieldRef field_ref(FieldId id, bool has_arg, std::string_view arg);

// Unset if the event has no such value, or nothing fills the field. Ancestor fields without an
// index give the values of all ancestors as a list.
inline Value extract(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return event.origin->getters()[field.slot](field, event, view, scratch);
}

// Whether the record has a resolved path that differs from the named one, so that View::resolved
// may differ.
bool views_differ(const Event& event, Scratch& scratch);

// Fields whose values are printed in hexadecimal, as text; or byte by byte, with a dot for a byte
// that is not ASCII.
bool prints_hex(FieldId field);
bool prints_bytes(FieldId field);

// The value as an output line shows it; `<NA>` for unset. Numbers decimal, modes octal, lists as
// (a,b).
void append_text(std::string& out, const FieldRef& field, const Value& value);

}  // namespace saker::fields
