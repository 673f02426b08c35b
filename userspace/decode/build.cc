// SPDX-License-Identifier: Apache-2.0
#include "decode/build.h"

#include <array>
#include <cstring>

namespace saker::decode {
namespace {

// Whether a slot with that type holds a blob.
constexpr bool type_FD = false, type_I64 = false, type_U64 = false, type_U32 = false,
               type_UID = false, type_FLAGS = false, type_MODE = false, type_STR = true,
               type_PATH = true, type_ARGV = true, type_SOCK = true, type_ADDR = true;

struct Layout {
  std::string_view family;
  unsigned slots = 0;
  std::uint64_t blobs = 0;
};

struct Row {
  std::string_view family;
  unsigned index;
  bool blob;
};

constexpr Row rows[] = {
#define SAKER_PARAM(family, index, name, type) {#family, index, type_##type},
#include <saker/events.def>
};

constexpr Layout layout_of(std::string_view family) {
  Layout out{family, 0, 0};
  for (const Row& row : rows) {
    if (row.family != family) continue;
    out.slots = out.slots > row.index + 1 ? out.slots : row.index + 1;
    if (row.blob) out.blobs |= std::uint64_t{1} << row.index;
  }
  return out;
}

constexpr std::array<Layout, SAKER_EV_MAX> layouts = [] {
  std::array<Layout, SAKER_EV_MAX> out{};
#define SAKER_EVENT(id, name, family, lane) out[id] = layout_of(#family);
#include <saker/events.def>
  return out;
}();

constexpr saker_blob absent{0, 0, SAKER_BLOB_ABSENT};

}  // namespace

unsigned slot_count(std::uint16_t type) { return type < SAKER_EV_MAX ? layouts[type].slots : 0; }

RecordBuilder& RecordBuilder::begin(std::uint16_t type) {
  const Layout& layout = layouts[type < SAKER_EV_MAX ? type : 0];
  words_.resize((SAKER_REC_MAX + 8) / 8);
  slot_count_ = layout.slots;
  blobs_ = layout.blobs;
  used_ = SAKER_REC_HEAD + 8 * std::size_t{slot_count_};
  std::memset(words_.data(), 0, used_);
  head().type = type;
  head().nparams = static_cast<std::uint16_t>(slot_count_);
  for (unsigned slot = 0; slot < slot_count_; slot++)
    if (blobs_ >> slot & 1) std::memcpy(slots() + slot, &absent, sizeof absent);
  return *this;
}

bool RecordBuilder::has(unsigned slot, bool is_blob) const {
  return slot < slot_count_ && (blobs_ >> slot & 1) == is_blob;
}

RecordBuilder& RecordBuilder::number(unsigned slot, std::uint64_t value) {
  if (has(slot, false)) slots()[slot] = value;
  return *this;
}

RecordBuilder& RecordBuilder::blob(unsigned slot, std::string_view bytes, std::uint16_t flags) {
  if (!has(slot, true)) return *this;
  std::size_t room = SAKER_REC_MAX - used_;
  if (bytes.size() > room) {
    bytes = bytes.substr(0, room);
    flags |= SAKER_BLOB_TRUNCATED;
  }
  saker_blob where{static_cast<std::uint32_t>(used_), static_cast<std::uint16_t>(bytes.size()),
                   flags};
  std::memcpy(slots() + slot, &where, sizeof where);
  if (!bytes.empty())
    std::memcpy(reinterpret_cast<char*>(words_.data()) + used_, bytes.data(), bytes.size());
  // The module aligns blobs to eight bytes too; the bytes in between are 0.
  std::size_t end = (used_ + bytes.size() + 7) & ~std::size_t{7};
  std::memset(reinterpret_cast<char*>(words_.data()) + used_ + bytes.size(), 0,
              end - used_ - bytes.size());
  used_ = end;
  return *this;
}

std::span<const std::byte> RecordBuilder::finish() {
  head().len = static_cast<std::uint32_t>(used_);
  return {reinterpret_cast<const std::byte*>(words_.data()), used_};
}

}  // namespace saker::decode
