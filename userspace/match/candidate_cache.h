// SPDX-License-Identifier: Apache-2.0
// The entries of an event that its cache keys leave possible, cached by these keys. Only for
// match/matcher; one per thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "match/cache_key.h"
#include "match/candidate_set.h"
#include "match/content.h"
#include "match/index_lookup.h"
#include "match/key_cache.h"
#include "match/partial_eval.h"
#include "match/run.h"

namespace saker::match {

// For this few entries, trying each is cheaper than searching for those that can match.
constexpr std::size_t few_left = 8;

class CandidateCache {
 public:
  struct Left {
    CandidateSet set;
    // The set's list, if it has at most few_left entries.
    std::array<std::uint32_t, few_left> few;
    std::size_t count = 0;  // more than few_left: not listed
  };

  CandidateCache(const Program::Parts& parts, Run& run, IndexLookup& lookup);

  // Valid until the next call. `paths`: of the event, whether its views differ or not. Also tells
  // the run which results are cached with the event's values.
  Left left(const Event& event, const EventPaths& paths);
  // Call it when the users have changed: a key may now stand for other names.
  void forget();

 private:
  // The entries that the key leaves possible; null if the key is not cached.
  std::uint64_t* look_up(CacheKind kind, std::string_view what, bool views);
  std::uint64_t* admit(CacheKind kind, std::string_view what, std::uint64_t hash, bool views);
  std::uint64_t* process_set(const Event& event);
  std::uint64_t content_number(const Event& event);
  std::uint64_t content_of(const Event& event);
  bool fills_containers_as_ours(const fields::Getters& getters);
  void fill(CacheKind kind, bool views, std::uint64_t* out);
  void seek(CacheKind kind, bool views, std::uint64_t* out);
  void pass_gates(CacheKind kind, bool views, std::uint64_t* out);
  void refine(Left& left, bool views);
  void test(CandidateSet& candidates, std::size_t index, std::span<const std::uint32_t> positions,
            bool views);

  const Program::Parts& parts_;
  const lang::program::Sections& sections_;
  Run& run_;
  IndexLookup& lookup_;
  PartialEval partial_;
  CacheKey key_;
  std::vector<KeyCache> caches_;  // by kind
  // For processes: from an image to its content, and from a content to its number.
  KeyCache images_, contents_;
  ContentKey content_;
  std::uint64_t next_content_ = 1;
  const fields::Getters* known_getters_ = nullptr;
  bool as_ours_ = false;
  // Of the current event.
  std::uint16_t type_ = 0;
  std::uint32_t count_ = 0;  // entries
  const lang::program::EventRow* plan_ = nullptr;
};

}  // namespace saker::match
