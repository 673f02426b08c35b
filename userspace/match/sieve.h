// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its facets leave possible, remembered by the facets' values. For
// match/matcher alone; each thread its own.
#pragma once

#include <cstdint>
#include <vector>

#include "match/facet.h"
#include "match/memo.h"
#include "match/probe.h"
#include "match/remains.h"
#include "match/residue.h"
#include "match/run.h"

namespace saker::match {

class Sieve {
 public:
  Sieve(const Program::Parts& parts, Run& run, Candidates& candidates);

  // Valid until the next call. `paths`: of the event, whether its views differ or not. Tells the
  // run which answers are kept with the event's values.
  Remains left(const Event& event, const EventPaths& paths);
  // Other users: names that a facet's value stood for may be others.
  void forget();

 private:
  // What the facet's value, as a key, leaves possible; null if nothing is known of it.
  const std::uint64_t* look_up(Facet facet, std::string_view what, std::uint16_t type, bool views);
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
  std::vector<std::uint64_t> possible_;
  std::uint32_t count_ = 0;  // of the entries of the event in hand
};

}  // namespace saker::match
