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

// For a program: the facets, as bits, that decide a predicate or a test by themselves, and those
// that decide a part of a test.
struct FacetCover {
  std::vector<std::uint8_t> sources, predicates, tests, touched;
  static constexpr std::size_t most_steps = 1 << 20;
  std::size_t deepest = 0;  // maximum number of steps of a test and of the tests that it uses

  explicit FacetCover(const lang::program::Sections& sections);
};

// What the facets decide about the entries of one type of event.
struct FacetPlan {
  std::uint8_t useful = 0;  // facets worth evaluating, as bits
  std::array<std::vector<std::uint64_t>, facet_count>
      unsought;  // if there are many entries: those that no probe of the facet finds

  // `type`: of the event.
  FacetPlan(const lang::program::Sections& sections, const FacetCover& cover, std::uint16_t type);
};
constexpr std::uint32_t many_entries = 64;

// The key of a facet at an event. Empty if it has none, or one longer than `room`. The event's
// origin makes the key of Facet::path.
class FacetKey : public fields::KeyBuffer {
 public:
  std::string_view process(const Event& event);
  std::string_view program(const Event& event);
  std::string_view command(const Event& event);
  std::string_view socket(const Event& event, Scratch& scratch);
  std::string_view connection(const Event& event, Scratch& scratch);

 private:
  bool put_program(const Event& event, std::size_t room);

  std::uint32_t ancestors_ = 0;  // number of ancestors in the program key
};

}  // namespace saker::match
