// SPDX-License-Identifier: Apache-2.0
// Which tests' results are cached with the keys of a kind: tests that the kind decides and that are
// used by tests which it does not decide. Constant once made; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lang/program.h"
#include "match/cache_key.h"

namespace saker::match {

class CachedTests {
 public:
  static constexpr std::uint16_t not_kept = 0xffff;
  static constexpr std::uint16_t most =
      256;  // results cached with one value; those used by most other tests come first

  CachedTests(const lang::program::Sections& sections, const KeyCoverage& cover);

  // By test: the number of its result, or not_kept. Null for a kind with which none is cached.
  const std::uint16_t* slots(CacheKind kind) const {
    const std::vector<std::uint16_t>& slots = slots_[static_cast<std::size_t>(kind)];
    return slots.empty() ? nullptr : slots.data();
  }
  // Size of the results of one value, two bits each.
  std::size_t words(CacheKind kind) const { return words_[static_cast<std::size_t>(kind)]; }

 private:
  void number(const lang::program::Sections& sections, const KeyCoverage& cover, CacheKind kind);

  std::array<std::vector<std::uint16_t>, cache_kind_count> slots_;
  std::array<std::size_t, cache_kind_count> words_{};
};

// Results stored in the words of a value, by the numbers of their tests.
class CachedAnswers {
 public:
  enum class Answer : std::uint8_t { unknown = 0, no = 2, yes = 3 };

  CachedAnswers() = default;
  CachedAnswers(const std::uint16_t* slots, std::uint64_t* words) : slots_(slots), words_(words) {}

  bool keeps(std::uint32_t test) const { return slots_ && slots_[test] != CachedTests::not_kept; }
  Answer find(std::uint32_t test) const {
    std::uint16_t slot = slots_[test];
    return static_cast<Answer>(words_[slot / per_word] >> slot % per_word * 2 & 3);
  }
  // Stores a result that is still unknown.
  void keep(std::uint32_t test, bool yes) {
    std::uint16_t slot = slots_[test];
    words_[slot / per_word] |= (std::uint64_t{2} | yes) << slot % per_word * 2;
  }
  static constexpr unsigned per_word = 32;

 private:
  const std::uint16_t* slots_ = nullptr;  // null: nothing is cached
  std::uint64_t* words_ = nullptr;
};

}  // namespace saker::match
