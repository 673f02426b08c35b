// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its facets leave possible, cached by the facets' values. Only for
// match/matcher; one per thread.
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

  // Valid until the next call. `paths`: of the event, whether its views differ or not. Also tells
  // the run which results are cached with the event's values.
  Remains left(const Event& event, const EventPaths& paths);
  // Call it when the users have changed: a facet's value may now stand for other names.
  void forget();

 private:
  // The entries that the facet's value, as a key, leaves possible; null if the value is not cached.
  std::uint64_t* look_up(Facet facet, std::string_view what, bool views);
  std::string_view process_key(const Event& event);
  std::uint64_t content_of(const Event& event);
  void fill(Facet facet, bool views, std::uint64_t* out);
  void seek(Facet facet, bool views, std::uint64_t* out);
  void pass_gates(Facet facet, bool views, std::uint64_t* out);
  void refine(Remains& remains, bool views);

  const Program::Parts& parts_;
  const lang::program::Sections& sections_;
  Run& run_;
  Candidates& candidates_;
  Residue residue_;
  FacetKey key_;
  std::vector<Memo> memos_;  // by facet
  // For processes: from an image to its content, and from a content to its number.
  Memo images_, contents_;
  ContentKey content_;
  std::uint64_t next_content_ = 1;
  // Of the current event.
  std::uint16_t type_ = 0;
  std::uint32_t count_ = 0;  // entries
  const lang::program::EventRow* plan_ = nullptr;
};

}  // namespace saker::match
