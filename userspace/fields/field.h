// SPDX-License-Identifier: Apache-2.0
// The fields that a condition or an output may name, as a table. The language knows their names,
// types and arguments, but not how they are filled (get/*.cc do that). Ids are indices into the
// table and are stable only within one build, so a compiled program names its fields by text as
// well.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace saker::fields {

enum class FieldType : std::uint8_t {
  string,
  path,
  bytes,
  int64,
  uint64,
  bool_,
  double_,
  port,
  ipaddr,
  ipnet,
  abstime,
  reltime,
  fd,
  pid,
  flags,
  mode
};

// The place in a record that holds the value (slots.h).
enum class RecordSlot : std::uint8_t {
  none,
  result,
  cpu,
  pid,
  tid,
  uid,
  fd_number,
  path,
  argument
};

// How an output prints the value if not according to its type.
struct Shown {
  bool hex = false;     // a number in hexadecimal
  bool bytes = false;   // byte by byte, with a dot for a byte that is not ASCII
  bool padded = false;  // nine digits, like the fraction of a second
  bool net = false;     // <IPNET>
  bool na = false;      // <NA> if it is empty
  bool time = false;    // in the time format of the configuration
  bool delta = false;   // always 0
};

// How a field takes its argument: index [3], key [text], either; name: a suffix .text;
// index_or_name: [3] or .text.
enum class ArgKind : std::uint8_t { none, index, key, index_or_key, name, index_or_name };

struct FieldDef {
  std::string_view name;
  FieldType type;
  ArgKind arg = ArgKind::none;
  bool arg_required = false;
  bool list = false;          // has a list of values (in, intersects, exists only)
  bool any_ancestor = false;  // without an argument a condition tests every ancestor
  bool no_rhs = false;        // not allowed on the right side
  bool no_transform = false;
  bool filter_only = false;  // not allowed in an output
  bool supported = false;    // it has a getter: our own events give it a value
  bool deprecated = false;
  std::uint8_t bits =
      64;  // width of a number: constants are truncated to it (user.uid = -1 is 4294967295)
  bool suggested = false;  // append_output's suggested_output adds it
  bool extension = false;  // ours, unknown to Falco
  // the plugin of the field, if the field exists only while the plugin is loaded
  std::string_view plugin;
  std::string_view why_unset;  // if !supported: the reason, for `saker fields`

  // parts of an event that decide the value, each by itself, as bits of CacheKind
  std::uint8_t keys = 0;
  // if it is only compared with numbers up to zero, the call's result decides it too
  bool sign_only = false;
  bool views = false;       // may differ between the named and the resolved view of a path
  bool each = false;        // may have several values; one match is enough
  bool any_end = false;     // has a value for each end of a connection; `!=` must be true for both
  bool ends = false;        // made from the ends of a socket
  bool kubernetes = false;  // set only if the configuration enables [kubernetes]
  Shown shown = {};
  RecordSlot slot = RecordSlot::none;
  std::string_view description;
};

using FieldId = std::uint16_t;
constexpr FieldId no_field = 0xffff;

std::span<const FieldDef> all_fields();
// no_field if there is no field with that name.
FieldId find_field(std::string_view name);

// A name as written in a rule, split into the field and an argument written as a suffix:
// evt.arg.flags is evt.arg and flags.
struct FieldName {
  FieldId id = no_field;
  std::string_view suffix;  // without its dot; empty: none
};
FieldName split_field_name(std::string_view written);

// The known name most like `name`, or empty if none is near; names of plugins are not offered.
std::string_view nearest_field(std::string_view name);

// The longest field name that is a prefix of `name`, whatever follows it; no_field if none.
FieldId longest_field_in(std::string_view name);

std::string_view type_name(FieldType type);  // as `saker fields` prints it
bool is_number(
    FieldType type);  // compared by value: all types except text, bytes, bool and addresses

// A parameter of some event: a name allowed in evt.arg.NAME and evt.rawarg.NAME.
struct EventParamDef {
  std::string_view name;
  FieldType type;  // of evt.rawarg.NAME
  std::uint8_t bits;
};
std::span<const EventParamDef> event_params();
const EventParamDef* find_event_param(std::string_view name);  // nullptr if there is none

}  // namespace saker::fields
