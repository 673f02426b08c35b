// SPDX-License-Identifier: Apache-2.0
// A typed view of one record in place: nothing is copied or allocated. `check` must have accepted
// the bytes before a Record is made from them; after that no accessor can read out of bounds,
// whatever the bytes contain. Valid as long as the bytes are: in a mapped ring until the tail is
// moved.
#pragma once

#include <saker/event.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace saker::decode {

enum class ParamType : std::uint8_t {
  FD,
  I64,
  U64,
  U32,
  UID,
  FLAGS,
  MODE,
  STR,
  PATH,
  ARGV,
  SOCK,
  ADDR
};
enum class Family : std::uint8_t {
  none,
#define SAKER_FAMILY(name, source) name,
#include <saker/events.def>
};

struct ParamInfo {
  std::string_view name;
  ParamType type;
};

struct EventInfo {
  std::string_view name;  // as in evt.type; empty: no such event
  Family family = Family::none;
  bool life = false;
  std::span<const ParamInfo> params;
};

inline constexpr auto event_families = [] {
  std::array<Family, SAKER_EV_MAX> families{};
#define SAKER_EVENT(id, name, family, lane) families[id] = Family::family;
#include <saker/events.def>
  return families;
}();

// The row of SAKER_EV_*; an empty row for a number without an event.
const EventInfo& event_info(std::uint16_t type);
// The SAKER_EV_* of a name as in evt.type; 0 if there is none.
std::uint16_t event_id(std::string_view name);

// The length of the record at the front of `bytes` if it is complete and every slot and blob is
// inside it; otherwise 0.
std::size_t check(std::span<const std::byte> bytes);

class Record {
 public:
  explicit Record(const void* at) : rec_(static_cast<const saker_rec*>(at)) {}

  const saker_rec& head() const { return *rec_; }
  std::uint16_t type() const { return rec_->type; }
  const EventInfo& info() const { return event_info(rec_->type); }
  Family family() const {
    return type() < event_families.size() ? event_families[type()] : Family::none;
  }

  bool has(unsigned slot) const { return slot < rec_->nparams; }
  // A slot's number; 0 if the record does not have it.
  std::uint64_t u64(unsigned slot) const { return has(slot) ? slots()[slot] : 0; }
  std::int64_t i64(unsigned slot) const { return static_cast<std::int64_t>(u64(slot)); }
  std::uint32_t u32(unsigned slot) const { return static_cast<std::uint32_t>(u64(slot)); }
  // A blob's bytes; empty if it is absent. blob_flags: SAKER_BLOB_*; ABSENT for a slot that the
  // record does not have.
  std::string_view str(unsigned slot) const {
    const saker_blob* b = blob(slot);
    return b ? std::string_view(reinterpret_cast<const char*>(rec_) + b->off, b->len)
             : std::string_view();
  }
  unsigned blob_flags(unsigned slot) const {
    const saker_blob* b = blob(slot);
    return b ? b->flags : SAKER_BLOB_ABSENT;
  }
  // Null if absent.
  const saker_sock* sock(unsigned slot) const {
    std::string_view bytes = str(slot);
    bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(saker_sock) == 0;
    return bytes.size() >= sizeof(saker_sock) && aligned
               ? reinterpret_cast<const saker_sock*>(bytes.data())
               : nullptr;
  }

 private:
  const std::uint64_t* slots() const { return reinterpret_cast<const std::uint64_t*>(rec_ + 1); }
  const saker_blob* blob(unsigned slot) const {
    if (!has(slot)) return nullptr;
    const saker_blob* b = reinterpret_cast<const saker_blob*>(slots() + slot);
    // Known blobs were checked already. This protects a caller that reads a number as a blob, or a
    // slot from a newer module.
    return std::uint64_t{b->off} + b->len <= rec_->len ? b : nullptr;
  }

  const saker_rec* rec_;
};

}  // namespace saker::decode
