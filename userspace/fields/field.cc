// SPDX-License-Identifier: Apache-2.0
#include "fields/field.h"

#include <array>
#include <unordered_map>

#include "base/nearest.h"
#include "fields/cache_kind.h"

namespace saker::fields {
namespace {

// The values in the flags column of fields.def.
enum Flag : unsigned {
  required = 1,
  list = 2,
  ancestor = 4,
  no_rhs = 8,
  no_transform = 16,
  filter_only = 32,
  deprecated = 64,
  suggested = 128,
  b16 = 256,
  b32 = 512,
  extension = 1024,
  sign = 2048,
  views = 4096,
  each = 8192,
  any_end = 16384,
  ends = 32768,
  shown_hex = 1 << 16,
  shown_bytes = 1 << 17,
  shown_padded = 1 << 18,
  shown_net = 1 << 19,
  shown_na = 1 << 20,
  shown_time = 1 << 21,
  shown_delta = 1 << 22,
  kubernetes = 1 << 23
};

// The values in the keys column; cache_kind.h says what each key contains.
enum KeysColumn : unsigned {
  none = 0,
  process = bit(CacheKind::process),
  path = bit(CacheKind::path),
  command = bit(CacheKind::command),
  program = bit(CacheKind::program) | bit(CacheKind::command),
  connection = bit(CacheKind::connection),
  socket = bit(CacheKind::socket) | bit(CacheKind::connection),
  call = path | socket
};

enum class Why : std::uint8_t {
  not_yet,
  only_captured,
  needs_plugin,
  not_sampled,
  table_only,
  no_io,
  no_poll,
  gone_in_falco,
  not_on_disk,
  not_asked,
  not_configured
};

constexpr std::string_view reason(Why why) {
  switch (why) {
    case Why::not_yet: return "Saker's records do not carry it";
    case Why::only_captured: return "only captures carry it";
    case Why::needs_plugin: return "comes from a plugin that is not loaded";
    case Why::not_sampled:
      return "would require sampling every process; Saker only uses the data of events";
    case Why::table_only: return "Falco itself gives it no value in rules";
    case Why::no_io: return "reads and writes are not recorded";
    case Why::no_poll: return "poll and ppoll are not recorded";
    case Why::gone_in_falco: return "Falco no longer gives it a value either";
    case Why::not_on_disk: return "the container runtime keeps it in memory only";
    case Why::not_asked: return "Saker does not ask the API server of Kubernetes for it";
    case Why::not_configured: return "static_fields in the configuration defines none";
  }
  return {};
}

// The plugin that a name's family belongs to. The fields of the core and of the container plugin
// always exist.
constexpr std::string_view plugin_of(std::string_view name) {
  constexpr std::string_view families[][2] = {
      {"k8smeta.", "k8smeta"}, {"krsi.", "krsi"}, {"json.", "json"}, {"jevt.", "json"}};
  for (const auto& [family, plugin] : families)
    if (name.starts_with(family)) return plugin;
  return {};
}

// The getter column: a field is supported if and only if it has a getter.
struct GetterColumn {
  bool supported;
  std::string_view why_unset;
};

constexpr Shown shown_by(unsigned flags) {
  Shown shown;
  shown.hex = flags & shown_hex;
  shown.bytes = flags & shown_bytes;
  shown.padded = flags & shown_padded;
  shown.net = flags & shown_net;
  shown.na = flags & shown_na;
  shown.time = flags & shown_time;
  shown.delta = flags & shown_delta;
  return shown;
}

constexpr FieldDef row(std::string_view name, FieldType type, ArgKind arg, unsigned flags,
                       GetterColumn getter, unsigned keys, RecordSlot slot,
                       std::string_view description) {
  FieldDef field{.name = name,
                 .type = type,
                 .plugin = plugin_of(name),
                 .why_unset = {},
                 .description = description};
  field.arg = arg;
  field.arg_required = flags & required;
  field.list = flags & list;
  field.any_ancestor = flags & ancestor;
  field.no_rhs = flags & no_rhs;
  field.no_transform = flags & no_transform;
  field.filter_only = flags & filter_only;
  field.supported = getter.supported;
  field.deprecated = flags & deprecated;
  field.bits = flags & b16 ? 16 : flags & b32 ? 32 : 64;
  field.suggested = flags & suggested;
  field.extension = flags & extension;
  field.why_unset = getter.why_unset;
  field.keys = static_cast<std::uint8_t>(keys);
  field.sign_only = flags & sign;
  field.views = flags & views;
  field.each = flags & each;
  field.any_end = flags & any_end;
  field.ends = flags & ends;
  field.shown = shown_by(flags);
  field.slot = slot;
  field.kubernetes = flags & kubernetes;
  return field;
}

#define GET(getter) \
  GetterColumn {    \
    true, {}        \
  }
#define NONE(why) \
  GetterColumn { false, reason(Why::why) }
constexpr FieldDef table[] = {
#define SAKER_FIELD(name, type, arg, flags, getter, keys, slot, description) \
  row(name, FieldType::type, ArgKind::arg, flags, getter, keys, RecordSlot::slot, description),
#include "fields/fields.def"
};
#undef GET
#undef NONE
static_assert(std::size(table) < no_field);

constexpr EventParamDef params[] = {
#define SAKER_EVENT_PARAM(name, type, bits) {#name, FieldType::type, bits},
#include "fields/event_params.def"
};

template <typename Row>
std::unordered_map<std::string_view, std::uint16_t> index_by_name(std::span<const Row> rows) {
  std::unordered_map<std::string_view, std::uint16_t> index;
  index.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    index.emplace(rows[i].name, static_cast<std::uint16_t>(i));
  return index;
}

}  // namespace

std::span<const FieldDef> all_fields() { return table; }

FieldId find_field(std::string_view name) {
  static const std::unordered_map<std::string_view, std::uint16_t> index =
      index_by_name(all_fields());
  const auto found = index.find(name);
  return found == index.end() ? no_field : found->second;
}

FieldName split_field_name(std::string_view written) {
  const FieldId whole = find_field(written);
  if (whole != no_field) return {whole, {}};
  for (std::size_t dot = written.rfind('.'); dot != written.npos && dot > 0;
       dot = written.rfind('.', dot - 1)) {
    const FieldId id = find_field(written.substr(0, dot));
    if (id == no_field) continue;
    const ArgKind kind = table[id].arg;
    if (kind == ArgKind::name || kind == ArgKind::index_or_name)
      return {id, written.substr(dot + 1)};
    return {};
  }
  return {};
}

std::string_view nearest_field(std::string_view name) {
  Nearest nearest(name);
  for (const FieldDef& field : table)
    if (field.plugin.empty()) nearest.offer(field.name);
  return nearest.best();
}

FieldId longest_field_in(std::string_view name) {
  FieldId longest = no_field;
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (name.starts_with(table[i].name) &&
        (longest == no_field || table[i].name.size() > table[longest].name.size()))
      longest = static_cast<FieldId>(i);
  return longest;
}

std::string_view type_name(FieldType type) {
  constexpr std::array<std::string_view, 16> names = {
      "string", "path",  "bytes",   "int64",   "uint64", "bool", "double", "port",
      "ipaddr", "ipnet", "abstime", "reltime", "fd",     "pid",  "flags",  "mode"};
  return names[static_cast<std::size_t>(type)];
}

bool is_number(FieldType type) {
  switch (type) {
    case FieldType::string:
    case FieldType::path:
    case FieldType::bytes:
    case FieldType::bool_:
    case FieldType::ipaddr:
    case FieldType::ipnet: return false;
    default: return true;
  }
}

std::span<const EventParamDef> event_params() { return params; }

const EventParamDef* find_event_param(std::string_view name) {
  static const std::unordered_map<std::string_view, std::uint16_t> index =
      index_by_name(event_params());
  const auto found = index.find(name);
  return found == index.end() ? nullptr : &params[found->second];
}

}  // namespace saker::fields
