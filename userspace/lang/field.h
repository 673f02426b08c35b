// SPDX-License-Identifier: Apache-2.0
// The fields a condition or an output may name, as a table: the language knows their names, types and arguments, never
// how they are filled (match/extract does). Ids are indices into the table and hold only within one build; a compiled
// program names its fields by text as well.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace saker::lang {

enum class FieldType : std::uint8_t {
  string, path, bytes, int64, uint64, bool_, double_, port, ipaddr, ipnet, abstime, reltime, fd, pid, flags, mode
};

enum class ArgKind : std::uint8_t { none, index, key, index_or_key, name, name_required };

struct FieldDef {
  std::string_view name;
  FieldType type;
  ArgKind arg = ArgKind::none;
  bool arg_required = false;
  bool list = false;           // yields a list of values (in, intersects, exists only)
  bool any_ancestor = false;   // without argument a condition tests every ancestor
  bool no_rhs = false;         // may not stand on the right side
  bool no_transform = false;
  bool filter_only = false;    // may not be printed
  bool filled = false;         // Saker's events and state can give it a value
  bool deprecated = false;
  std::uint8_t bits = 64;      // width of a number: constants are cut to it (user.uid = -1 is 4294967295)
  bool suggested = false;      // append_output's suggested_output adds it
  bool extension = false;      // ours, unknown to Falco
  std::string_view why_unset;  // where !filled: the reason, for `saker fields`
  std::string_view description;
};

using FieldId = std::uint16_t;
constexpr FieldId no_field = 0xffff;

std::span<const FieldDef> fields();
// no_field if there is none of that name.
FieldId find_field(std::string_view name);

}  // namespace saker::lang
