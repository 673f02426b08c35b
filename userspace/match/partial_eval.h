// SPDX-License-Identifier: Apache-2.0
// Whether a test can still be true when only one key of the event is known. Evaluates the tests
// that the key decides through the Run, so that each is evaluated once. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "match/cache_key.h"
#include "match/parts.h"
#include "match/run.h"

namespace saker::match {

class PartialEval {
 public:
  PartialEval(const Program::Parts& parts, Run& run);

  // Call it before each kind, and again for the other view.
  void begin(CacheKind kind);
  bool possible(std::uint32_t test) { return answer(test) != Answer::no; }

 private:
  enum class Answer : std::uint8_t { no, yes, open };

  Answer answer(std::uint32_t test);
  Answer code(const lang::program::TestRow& row);

  const lang::program::Sections& sections_;
  const KeyCoverage& cover_;
  Run& run_;
  std::uint8_t kind_ = 0;
  std::uint32_t stamp_ = 0;
  std::vector<std::uint32_t> known_;   // by test: stamp
  std::vector<Answer> answers_;        // by test
  std::vector<std::uint8_t> reached_;  // of the codes being followed, one after the other
  std::size_t used_ = 0;
};

}  // namespace saker::match
