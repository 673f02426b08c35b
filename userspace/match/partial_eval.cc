// SPDX-License-Identifier: Apache-2.0
#include "match/partial_eval.h"

#include <algorithm>

namespace saker::match {

using lang::program::Sections;
using lang::program::StepRow;
using lang::program::TestRow;

PartialEval::PartialEval(const Program::Parts& parts, Run& run)
    : sections_(parts.sections),
      cover_(*parts.cover),
      run_(run),
      known_(parts.sections.tests.size()),
      answers_(parts.sections.tests.size()),
      reached_(std::min(parts.cover->deepest, KeyCoverage::most_steps)) {}

void PartialEval::begin(CacheKind kind) {
  kind_ = bit(kind);
  if (++stamp_ == 0) {
    std::fill(known_.begin(), known_.end(), 0);
    stamp_ = 1;
  }
}

PartialEval::Answer PartialEval::answer(std::uint32_t test) {
  if (!(cover_.partly_decided[test] & kind_)) return Answer::open;
  if (cover_.tests[test] & kind_) return run_.ask(test) ? Answer::yes : Answer::no;
  const TestRow& row = sections_.tests[test];
  if (row.kind == TestRow::predicate) return Answer::open;
  if (known_[test] != stamp_) {
    answers_[test] = code(row);
    known_[test] = stamp_;
  }
  return answers_[test];
}

// A test with an unknown result is followed both ways. Jumps lead forward, so one pass reaches
// every reachable step.
PartialEval::Answer PartialEval::code(const TestRow& row) {
  std::span<const StepRow> steps = Sections::rows(sections_.steps, row.what);
  std::uint8_t* reached = reached_.data() + used_;
  std::fill(reached, reached + steps.size(), 0);
  used_ += steps.size();
  bool holds = steps.empty(), fails = false;
  auto go = [&](std::uint32_t to) {
    if (to == StepRow::hold) {
      holds = true;
    } else if (to == StepRow::fail) {
      fails = true;
    } else {
      reached[to] = 1;
    }
  };
  if (!steps.empty()) reached[0] = 1;
  for (std::size_t at = 0; at < steps.size() && !(holds && fails); at++) {
    if (!reached[at]) continue;
    Answer result = answer(steps[at].test);
    if (result != Answer::no) go(steps[at].yes);
    if (result != Answer::yes) go(steps[at].no);
  }
  used_ -= steps.size();
  return holds && fails ? Answer::open : holds ? Answer::yes : Answer::no;
}

}  // namespace saker::match
