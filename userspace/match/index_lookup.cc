// SPDX-License-Identifier: Apache-2.0
#include "match/index_lookup.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"
#include "match/compare.h"

namespace saker::match {

using lang::program::EdgeRow;
using lang::program::KeyRow;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::Slice;

IndexLookup::IndexLookup(const Sections& sections, std::uint32_t most_entries)
    : sections_(sections), seen_(most_entries) {
  list_.reserve(most_entries);
}

void IndexLookup::begin(std::uint32_t entry_count) {
  entry_count_ = entry_count;
  list_.clear();
  if (++stamp_ == 0) {
    std::fill(seen_.begin(), seen_.end(), 0);
    stamp_ = 1;
  }
}

void IndexLookup::add(Slice positions) {
  for (std::uint32_t position : Sections::rows(sections_.positions, positions)) {
    // The position is checked here, because a table does not say which event it belongs to.
    if (position >= entry_count_ || seen_[position] == stamp_) continue;
    seen_[position] = stamp_;
    list_.push_back(position);
  }
}

std::span<const std::uint32_t> IndexLookup::sorted() {
  if (!std::is_sorted(list_.begin(), list_.end())) std::sort(list_.begin(), list_.end());
  return list_;
}

void IndexLookup::probe(const ProbeRow& row, const Value& value, Scratch& scratch) {
  if (!value.set()) return;
  if (value.kind == Value::Kind::list) {
    // One element is enough. For other kinds, `count` has another meaning (fields/number.h).
    for (std::uint32_t i = 0; i < value.count; i++) probe(row, value.items[i], scratch);
    return;
  }
  if (row.kind == ProbeRow::equal) return equal(row.table, value);
  if (value.kind != Value::Kind::text) return;
  if (row.kind == ProbeRow::suffix) return walk(row.table, value.text, true);
  if (row.kind == ProbeRow::within) return within(row.table, value.text);
  walk(row.table, value.text, false);
  // The table contains the prefixes of pmatch in the form of clean_path.
  std::string_view clean = clean_path(value.text, scratch);
  if (clean.data() != value.text.data()) walk(row.table, clean, false);
}

void IndexLookup::equal(Slice table, const Value& value) {
  bool number = value.kind != Value::Kind::text;
  std::uint64_t hash = number ? hash_number(value.bits) : hash_bytes(value.text);
  std::uint32_t mask = table.count - 1;
  auto high = static_cast<std::uint32_t>(hash >> 32);
  for (std::uint32_t at = static_cast<std::uint32_t>(hash) & mask;; at = (at + 1) & mask) {
    const KeyRow& key = sections_.keys[table.at + at];
    if (key.positions.count == 0) return;
    if (key.hash != high || (key.number != 0) != number) continue;
    if (number ? key.value == value.bits : sections_.str(key.text) == value.text)
      return add(key.positions);
  }
}

void IndexLookup::walk(Slice table, std::string_view text, bool backward) {
  std::uint32_t at = table.at;
  for (std::size_t i = 0;; i++) {
    const lang::program::NodeRow& node = sections_.nodes[at];
    if (node.positions.count) add(node.positions);
    if (i == text.size()) return;
    auto byte = static_cast<unsigned char>(backward ? text[text.size() - 1 - i] : text[i]);
    std::span<const EdgeRow> edges = Sections::rows(sections_.edges, node.edges);
    const EdgeRow* edge = edges.data();
    const EdgeRow* end = edge + edges.size();
    if (edges.size() > 8) {
      edge = std::lower_bound(edge, end, byte,
                              [](const EdgeRow& e, unsigned char b) { return e.byte < b; });
    } else {
      while (edge != end && edge->byte < byte) edge++;
    }
    if (edge == end || edge->byte != byte) return;
    at = edge->node;
  }
}

void IndexLookup::within(Slice table, std::string_view text) {
  const auto slot_bits = static_cast<unsigned>(std::countr_zero(table.count));
  const lang::program::GramRow* const grams = sections_.grams.data() + table.at;
  for (std::size_t at = 0; at + 2 <= text.size(); at++) {
    std::uint16_t two;
    std::memcpy(&two, text.data() + at, 2);
    const Slice& finds = grams[lang::program::gram_slot(two, slot_bits)].finds;
    if (finds.count != 0) find(finds, text, at);
  }
}

// Adds the entries of those texts whose two bytes at their offset are at `at`.
void IndexLookup::find(Slice finds, std::string_view text, std::size_t at) {
  for (const lang::program::FindRow& row : Sections::rows(sections_.finds, finds)) {
    const std::string_view wanted = sections_.str(row.text);
    if (row.offset > at || wanted.size() > text.size() - (at - row.offset)) continue;
    if (std::memcmp(text.data() + at - row.offset, wanted.data(), wanted.size()) == 0)
      add(row.positions);
  }
}

}  // namespace saker::match
