// SPDX-License-Identifier: Apache-2.0
#include "recording/bodies.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "recording/columns.h"
#include "recording/frame.h"

namespace saker::recording {

namespace {

// Size of all records of a block; writers stay far below.
constexpr std::size_t most_bytes = 64u << 20;
constexpr std::size_t longest_blob = 0xffff;

std::size_t rounded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

}  // namespace

void Bodies::clear() {
  groups_.clear();
  types_.clear();
  records_.clear();
}

bool Bodies::add(std::string_view section, const Schema& schema) {
  ByteReader from(section);
  Group group;
  const std::uint64_t type = from.number();
  group.slots = from.number();
  group.first = types_.size();
  group.rows = TableReader::count_rows(from);
  if (!from.ok() || group.slots > 64 || group.rows > most_events - types_.size()) return false;
  group.bytes = from.bytes(from.left());
  if (type < SAKER_EV_MAX) group.type = schema.types[type];
  types_.resize(group.first + group.rows, group.type.ours);
  groups_.push_back(std::move(group));
  return true;
}

bool Bodies::build(const std::bitset<SAKER_EV_MAX>& wanted, const TextReader& texts) {
  records_.assign(types_.size(), nullptr);
  std::size_t bytes = 0;
  for (Group& group : groups_) {
    if (group.type.ours == 0 || !wanted[group.type.ours]) continue;
    if (!read(group)) return false;
    for (std::size_t row = 0; row < group.rows; row++) {
      bytes += length(group, row, texts);
      if (bytes > most_bytes) return false;
    }
  }
  words_.resize(bytes / 8);
  std::uint64_t* at = words_.data();
  for (const Group& group : groups_) {
    if (group.type.ours == 0 || !wanted[group.type.ours]) continue;
    for (std::size_t row = 0; row < group.rows; row++) {
      saker_rec* record = reinterpret_cast<saker_rec*>(at);
      make(group, row, record, texts);
      records_[group.first + row] = record;
      at += record->len / 8;
    }
  }
  return true;
}

// Types that nobody requested are never read.
bool Bodies::read(Group& group) const {
  if (group.bytes.empty()) return true;
  ByteReader from(group.bytes);
  group.bytes = {};
  return group.table.get(from) && group.table.rows() == group.rows;
}

std::size_t Bodies::length(const Group& group, std::size_t row, const TextReader& texts) const {
  const std::size_t slots = std::min<std::size_t>(group.slots, group.type.slots);
  std::size_t bytes = SAKER_REC_HEAD + 8 * slots;
  for (std::uint64_t left = group.type.blobs; left; left &= left - 1) {
    const unsigned slot = static_cast<unsigned>(std::countr_zero(left));
    if (slot >= slots) break;
    bytes +=
        rounded(std::min(texts.at(group.table.at(row, body_first + slot)).size(), longest_blob));
  }
  return bytes;
}

void Bodies::make(const Group& group, std::size_t row, saker_rec* to,
                  const TextReader& texts) const {
  const TableReader& table = group.table;
  const std::size_t slots = std::min<std::size_t>(group.slots, group.type.slots);
  *to = {};
  to->type = group.type.ours;
  to->ret = static_cast<std::int64_t>(table.at(row, body_ret));
  to->flags = table.at32(row, body_flags);
  to->nparams =
      static_cast<std::uint16_t>(std::min<std::uint64_t>(table.at(row, body_nparams), slots));
  std::uint64_t* values = reinterpret_cast<std::uint64_t*>(to + 1);
  std::size_t end = SAKER_REC_HEAD + 8 * slots;
  std::size_t flags_column = body_first + group.slots;
  for (unsigned slot = 0; slot < slots; slot++) {
    values[slot] = table.at(row, body_first + slot);
    if (!(group.type.blobs >> slot & 1)) continue;
    const std::string_view text = texts.at(values[slot]).substr(0, longest_blob);
    const std::uint64_t flags = table.at(row, flags_column++);
    const bool there = !text.empty() || (flags & body_blob_there);
    saker_blob blob{there ? static_cast<std::uint32_t>(end) : 0,
                    static_cast<std::uint16_t>(text.size()), static_cast<std::uint16_t>(flags)};
    std::memcpy(&values[slot], &blob, sizeof blob);
    char* into = reinterpret_cast<char*>(to) + end;
    if (!text.empty()) std::memcpy(into, text.data(), text.size());
    std::memset(into + text.size(), 0, rounded(text.size()) - text.size());
    end += rounded(text.size());
  }
  to->len = static_cast<std::uint32_t>(end);
}

}  // namespace saker::recording
