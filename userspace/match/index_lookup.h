// SPDX-License-Identifier: Apache-2.0
// Finds the entries of an event that a value makes possible. Only for match/matcher; each thread
// has its own IndexLookup.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lang/program.h"
#include "match/fields.h"

namespace saker::match {

// Positions of entries, each once.
class IndexLookup {
 public:
  IndexLookup(const lang::program::Sections& sections, std::uint32_t most_entries);

  void begin(std::uint32_t entry_count);
  // Adds all entries that the probe finds for the value; for a list, for any of its elements.
  void probe(const lang::program::ProbeRow& row, const Value& value, Scratch& scratch);
  void add(lang::program::Slice positions);
  // Ascending.
  std::span<const std::uint32_t> sorted();

 private:
  void equal(lang::program::Slice table, const Value& value);
  void walk(lang::program::Slice table, std::string_view text, bool backward);
  void within(lang::program::Slice table, std::string_view text);
  void find(lang::program::Slice finds, std::string_view text, std::size_t at);

  const lang::program::Sections& sections_;
  std::uint32_t entry_count_ = 0;
  std::uint32_t stamp_ = 0;
  std::vector<std::uint32_t> seen_;  // by position: stamp
  std::vector<std::uint32_t>
      list_;  // never longer than the number of entries; its capacity is reserved from the start
};

}  // namespace saker::match
