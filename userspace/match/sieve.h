// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its facets leave possible, remembered by the facets' values. For
// match/matcher alone; each thread its own.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "match/facet.h"
#include "match/memo.h"
#include "match/probe.h"
#include "match/residue.h"
#include "match/run.h"

namespace saker::match {

class Sieve {
 public:
  Sieve(const Program::Parts& parts, Run& run, Candidates& candidates);

  // A bit for each entry; valid until the next call. `paths`: of the event, whether its views
  // differ or not.
  std::span<const std::uint64_t> left(const Event& event, const EventPaths& paths);
  // Other users: names that a facet's value stood for may be others.
  void forget();

 private:
  std::string_view key(Facet facet, const Event& event, const EventPaths& paths);
  // False if nothing is known of the facet's value.
  bool narrow(Facet facet, const Event& event, const EventPaths& paths);
  void fill(Facet facet, std::uint16_t type, bool views, std::uint64_t* out);
  void seek(Facet facet, const lang::program::Event& plan, bool views, std::uint64_t* out);
  void test(Facet facet, const lang::program::Event& plan, bool views, std::uint64_t* out);

  const Program::Parts& parts_;
  const lang::program::Image& image_;
  Run& run_;
  Candidates& candidates_;
  Residue residue_;
  FacetKey key_;
  std::vector<Memo> memos_;  // by facet
  std::vector<std::uint64_t> bits_, possible_;
  std::size_t words_ = 0;  // of the event in hand
};

// Calls `use` with the number of each bit, ascending, until it returns false.
template <typename Use>
void each_bit(std::span<const std::uint64_t> words, Use use) {
  for (std::size_t i = 0; i < words.size(); i++) {
    for (std::uint64_t word = words[i]; word; word &= word - 1) {
      if (!use(static_cast<std::uint32_t>(i * 64 + static_cast<unsigned>(std::countr_zero(word)))))
        return;
    }
  }
}

}  // namespace saker::match
