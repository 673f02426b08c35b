// SPDX-License-Identifier: Apache-2.0
#include "recording/bodies.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "recording/columns.h"
#include "recording/frame.h"

namespace saker::recording {

namespace {

// Size of all records of a block; writers stay far below.
constexpr std::size_t most_bytes = 64u << 20;
constexpr std::size_t longest_blob = 0xffff;

std::size_t rounded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

std::uint64_t& slot_of(saker_rec* record, unsigned slot) {
  return reinterpret_cast<std::uint64_t*>(record + 1)[slot];
}

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
  lengths_.resize(types_.size());
  bytes_ = 0;
  auto skipped = [&](const Group& group) {
    return group.type.ours == 0 || !wanted[group.type.ours];
  };
  for (Group& group : groups_) {
    if (!skipped(group) && (!read(group) || !measure(group, texts))) return false;
  }
  if (bytes_ / 8 > room_) {
    room_ = bytes_ / 8;
    words_ = std::make_unique_for_overwrite<std::uint64_t[]>(room_);
  }
  std::uint64_t* next = words_.get();
  for (const Group& group : groups_) {
    if (skipped(group)) continue;
    for (std::size_t body = group.first; body < group.first + group.rows; body++) {
      records_[body] = reinterpret_cast<saker_rec*>(next);
      next += lengths_[body] / 8;
    }
    make(group, texts);
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

std::size_t Bodies::Group::used_slots() const { return std::min<std::size_t>(slots, type.slots); }

bool Bodies::measure(const Group& group, const TextReader& texts) {
  const std::size_t slots = group.used_slots();
  const std::span<std::uint32_t> lengths = std::span(lengths_).subspan(group.first, group.rows);
  std::fill(lengths.begin(), lengths.end(), static_cast<std::uint32_t>(SAKER_REC_HEAD + 8 * slots));
  for (std::uint64_t left = group.type.blobs; left; left &= left - 1) {
    const unsigned slot = static_cast<unsigned>(std::countr_zero(left));
    if (slot >= slots) break;
    const ColumnView numbers = group.table.column(body_first + slot);
    for (std::size_t row = 0; row < group.rows; row++)
      lengths[row] += static_cast<std::uint32_t>(
          rounded(std::min(texts.at(numbers[row]).size(), longest_blob)));
  }
  for (std::uint32_t length : lengths) bytes_ += length;
  return bytes_ <= most_bytes;
}

// Column by column, for a few rows at a time, so that their records stay in the processor's cache.
void Bodies::make(const Group& group, const TextReader& texts) {
  constexpr std::size_t together = 64;
  const std::size_t slots = group.used_slots();
  const ColumnView ret = group.table.column(body_ret), flags = group.table.column(body_flags),
                   nparams = group.table.column(body_nparams);
  for (std::size_t begin = 0; begin < group.rows; begin += together) {
    const std::size_t end = std::min(begin + together, group.rows);
    for (std::size_t row = begin; row < end; row++) {
      saker_rec& to = *records_[group.first + row];
      to = {};
      to.type = group.type.ours;
      to.ret = static_cast<std::int64_t>(ret[row]);
      to.flags = flags.at32(row);
      to.nparams = static_cast<std::uint16_t>(std::min<std::uint64_t>(nparams[row], slots));
      to.len = static_cast<std::uint32_t>(SAKER_REC_HEAD + 8 * slots);  // without the blobs
    }
    std::size_t flags_column = body_first + group.slots;
    for (unsigned slot = 0; slot < slots; slot++) {
      if (group.type.blobs >> slot & 1)
        make_blobs(group, slot, group.table.column(flags_column++), begin, end, texts);
      else
        make_numbers(group, slot, begin, end);
    }
  }
}

void Bodies::make_numbers(const Group& group, unsigned slot, std::size_t begin, std::size_t end) {
  const ColumnView numbers = group.table.column(body_first + slot);
  for (std::size_t row = begin; row < end; row++)
    slot_of(records_[group.first + row], slot) = numbers[row];
}

// Appends the blobs to the records.
void Bodies::make_blobs(const Group& group, unsigned slot, const ColumnView& flags,
                        std::size_t begin, std::size_t end, const TextReader& texts) {
  const ColumnView numbers = group.table.column(body_first + slot);
  for (std::size_t row = begin; row < end; row++) {
    saker_rec* to = records_[group.first + row];
    const std::string_view text = texts.at(numbers[row]).substr(0, longest_blob);
    const bool there = !text.empty() || (flags[row] & body_blob_there);
    const saker_blob blob{there ? to->len : 0, static_cast<std::uint16_t>(text.size()),
                          static_cast<std::uint16_t>(flags[row])};
    std::memcpy(&slot_of(to, slot), &blob, sizeof blob);
    if (text.empty()) continue;
    char* into = reinterpret_cast<char*>(to) + to->len;
    to->len += static_cast<std::uint32_t>(rounded(text.size()));
    // The text may end within this word.
    std::memset(reinterpret_cast<char*>(to) + to->len - 8, 0, 8);
    std::memcpy(into, text.data(), text.size());
  }
}

}  // namespace saker::recording
