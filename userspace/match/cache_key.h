// SPDX-License-Identifier: Apache-2.0
// Parts of an event that decide tests by themselves and repeat often: the process, the path, the
// peer, and the program being executed. For each part: the sources that it decides, and its value
// as a key. Constant once made; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lang/program.h"
#include "match/fields.h"

namespace saker::match {

// For a program: the kinds of keys, as bits, that decide a predicate or a test by themselves, and
// those that decide a part of a test.
struct KeyCoverage {
  std::vector<std::uint8_t> sources, predicates, tests, partly_decided;
  static constexpr std::size_t most_steps = 1 << 20;
  std::size_t deepest = 0;  // maximum number of steps of a test and of the tests that it uses

  explicit KeyCoverage(const lang::program::Sections& sections);
};

// What the keys decide about the entries of one type of event.
struct CachePlan {
  std::uint8_t useful = 0;  // kinds worth evaluating, as bits
  std::array<std::vector<std::uint64_t>, cache_kind_count>
      not_indexed;  // if there are many entries: those that no probe of the kind finds

  // `type`: of the event.
  CachePlan(const lang::program::Sections& sections, const KeyCoverage& cover, std::uint16_t type);
};
constexpr std::uint32_t many_entries = 64;

// The key of a kind at an event. Empty if it has none, or one longer than `room`. The event's
// origin makes the key of CacheKind::path, the CandidateCache that of CacheKind::process.
class CacheKey : public fields::KeyBuffer {
 public:
  std::string_view program(const Event& event);
  std::string_view command(const Event& event);
  std::string_view socket(const Event& event, Scratch& scratch);
  std::string_view connection(const Event& event, Scratch& scratch);

 private:
  bool put_program(const Event& event, std::size_t room);

  std::uint32_t ancestors_ = 0;  // number of ancestors in the program key
};

}  // namespace saker::match
