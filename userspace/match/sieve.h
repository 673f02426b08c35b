// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its facets leave possible, remembered by the facets' values. For
// match/matcher alone; each thread its own.
#pragma once

#include <cstdint>
#include <vector>

#include "match/content.h"
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
  std::uint64_t* look_up(Facet facet, std::string_view what, bool views);
  std::string_view process_key(const Event& event);
  std::uint64_t content_of(const Event& event);
  void fill(Facet facet, bool views, std::uint64_t* out);
  void seek(Facet facet, bool views, std::uint64_t* out);
  void pass_gates(Facet facet, bool views, std::uint64_t* out);
  void refine(Remains& remains, bool views);

  const Program::Parts& parts_;
  const lang::program::Image& image_;
  Run& run_;
  Candidates& candidates_;
  Residue residue_;
  FacetKey key_;
  std::vector<Memo> memos_;  // by facet
  // Of processes: which content an image has, and which number a content.
  Memo images_, contents_;
  ContentKey content_;
  std::uint64_t next_content_ = 1;
  // Of the event in hand.
  std::uint16_t type_ = 0;
  std::uint32_t count_ = 0;  // entries
  const lang::program::Event* plan_ = nullptr;
};

}  // namespace saker::match
