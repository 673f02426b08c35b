// SPDX-License-Identifier: Apache-2.0
#include "fields/origin.h"

#include <fcntl.h>

#include "fields/cache_kind.h"
#include "fields/descriptor.h"
#include "fields/event_paths.h"
#include "fields/getters.h"
#include "fields/key_buffer.h"

namespace saker::fields {
namespace {

Value unset(const FieldRef&, const Event&, View, Scratch&) { return {}; }

// The getter column of fields.def.
const Getter own_getters[] = {
#define GET(getter) get::getter
#define NONE(why) nullptr
#define SAKER_FIELD(name, type, arg, flags, getter, keys, slot, description) getter,
#include "fields/fields.def"
#undef GET
#undef NONE
};

constexpr std::uint8_t every_cache_kind = (1u << cache_kind_count) - 1;

}  // namespace

Getters::Getters(std::initializer_list<std::span<const GetterRow>> tables, const Getters* rest) {
  if (rest)
    by_slot_ = rest->by_slot_;
  else
    by_slot_.assign(all_fields().size() + 1, unset);
  std::vector<bool> taken(by_slot_.size());
  for (std::span<const GetterRow> table : tables) {
    for (const GetterRow& row : table) {
      const std::uint16_t slot = slot_of(row.field);
      if (taken[slot]) continue;
      by_slot_[slot] = row.get;
      taken[slot] = true;
    }
  }
}

Getters::Getters(std::span<const Getter> by_field) : by_slot_{unset} {
  for (Getter get : by_field) by_slot_.push_back(get ? get : unset);
}

bool Getters::fills(FieldId field) const { return by_slot_[slot_of(field)] != unset; }

EventKind Origin::kind(const decode::Record& record) const {
  return find_kind(record.str(SAKER_P_foreign_name));
}

std::string_view Origin::path_key(KeyBuffer&, const Event&, const EventPaths&, Scratch&) const {
  return {};
}

OwnOrigin::OwnOrigin() : Origin(own_, every_cache_kind, 2), own_(own_getters) {}

// The inputs of the fields of CacheKind::path: the paths in both views, and the call's result.
std::string_view OwnOrigin::path_key(KeyBuffer& key, const Event& event, const EventPaths& paths,
                                     Scratch& scratch) const {
  const decode::Record& record = event.record;
  decode::Family family = record.family();
  bool opens = family == decode::Family::open;
  const Descriptor& fd = descriptor_of(event, scratch);
  // The name of a directory's descriptor is not a path of the call.
  bool own = record.type() == SAKER_EV_fchmod || record.type() == SAKER_EV_fchown;
  if (family == decode::Family::path && fd.known && !own) return {};
  std::uint64_t mode = opens ? record.u64(SAKER_P_open_flags) & O_ACCMODE : 0;
  std::uint64_t head = event.kind() | std::uint64_t{static_cast<unsigned char>(fd.type)} << 16 |
                       mode << 24 | std::uint64_t{fd.used} << 32 | std::uint64_t{fd.known} << 33;
  key.begin();
  key.put(head);
  key.put_sign(record.head().ret);
  key.put_sign(fd.number);
  for (const EventPaths::Path& path : paths.paths()) {
    // The lengths show which texts are present; two equal texts are stored once.
    std::string_view resolved = path.same ? std::string_view() : path.resolved;
    std::uint64_t shape = path.name.size() | std::uint64_t{path.base.size()} << 16 |
                          std::uint64_t{resolved.size()} << 32 |
                          std::uint64_t{path.is_named} << 48 | std::uint64_t{path.same} << 49;
    std::size_t size = path.name.size() + path.base.size() + resolved.size();
    if (!key.fits(sizeof(shape) + size, KeyBuffer::path_room)) return {};
    key.put(shape);
    key.put(path.name.data(), path.name.size());
    key.put(path.base.data(), path.base.size());
    key.put(resolved.data(), resolved.size());
  }
  return key.whole();
}

const OwnOrigin own_origin;

}  // namespace saker::fields
