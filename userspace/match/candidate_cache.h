// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its cache keys leave possible, remembered by these keys. For
// match/matcher alone; each thread its own.
#pragma once

#include <cstdint>
#include <vector>

#include "match/cache_key.h"
#include "match/candidate_set.h"
#include "match/content.h"
#include "match/index_lookup.h"
#include "match/key_cache.h"
#include "match/partial_eval.h"
#include "match/run.h"

namespace saker::match {

class CandidateCache {
 public:
  CandidateCache(const Program::Parts& parts, Run& run, IndexLookup& lookup);

  // Valid until the next call. `paths`: of the event, whether its views differ or not. Tells the
  // run which answers are kept with the event's values.
  CandidateSet left(const Event& event, const EventPaths& paths);
  // Other users: names that a key stood for may be others.
  void forget();

 private:
  // What the key leaves possible; null if nothing is known of it.
  std::uint64_t* look_up(CacheKind kind, std::string_view what, bool views);
  std::string_view process_key(const Event& event);
  std::uint64_t content_of(const Event& event);
  void fill(CacheKind kind, bool views, std::uint64_t* out);
  void seek(CacheKind kind, bool views, std::uint64_t* out);
  void pass_gates(CacheKind kind, bool views, std::uint64_t* out);
  void refine(CandidateSet& candidates, bool views);

  const Program::Parts& parts_;
  const lang::program::Sections& sections_;
  Run& run_;
  IndexLookup& lookup_;
  PartialEval partial_;
  CacheKey key_;
  std::vector<KeyCache> caches_;  // by kind
  // Of processes: which content an image has, and which number a content.
  KeyCache images_, contents_;
  ContentKey content_;
  std::uint64_t next_content_ = 1;
  // Of the event in hand.
  std::uint16_t type_ = 0;
  std::uint32_t count_ = 0;  // entries
  const lang::program::EventRow* plan_ = nullptr;
};

}  // namespace saker::match
