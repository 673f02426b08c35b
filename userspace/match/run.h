// SPDX-License-Identifier: Apache-2.0
// The tests of a program at one event: each is evaluated at most once, by its predicate or its
// code, or taken from the cache of the process image. One thread; reused from event to event
// without allocating.
#pragma once

#include <cstdint>
#include <vector>

#include "match/parts.h"

namespace saker::match {

class Run {
 public:
  Run(const Program::Parts& parts, const enrich::Users* users);

  void begin(const Event& event);
  void use_view(View view) { view_ = view; }
  // Results of this event are looked up and stored here.
  void keep_with(CachedAnswers answers) { kept_ = answers; }
  bool ask(std::uint32_t index) {
    const lang::program::TestRow& test = sections_.tests[index];
    std::uint32_t now = stamp(test.views != 0);
    std::uint32_t known = answers_[index];
    if (known >> 1 == now) return known & 1;
    bool yes = answer(test, index);
    answers_[index] = now << 1 | static_cast<std::uint32_t>(yes);
    return yes;
  }
  // The value of a source, computed on first use and kept until the next event.
  const Value& value(std::uint32_t source) {
    std::uint32_t now = stamp(sections_.sources[source].flags & lang::program::SourceRow::views);
    if (made_[source] != now) {
      values_[source] = make(source);
      made_[source] = now;
    }
    return values_[source];
  }
  Scratch& scratch() { return scratch_; }

 private:
  std::uint32_t stamp(bool views) const {
    return stamp_ + (views ? static_cast<std::uint32_t>(view_) : 0);
  }
  bool answer(const lang::program::TestRow& test, std::uint32_t index);
  bool work_out(const lang::program::TestRow& test) {
    return test.kind == lang::program::TestRow::predicate ? predicate(test.what.at)
                                                          : follow(test.what);
  }
  bool follow(lang::program::Slice steps);
  bool predicate(std::uint32_t index);
  bool compare(std::uint32_t index, const Value& left);
  bool each_of(std::uint32_t index, const Value& left, bool ne_all);
  Value make(std::uint32_t source);
  Value make_list(const lang::program::SourceRow& row);

  const Program::Parts& parts_;
  const lang::program::Sections& sections_;
  const Event* event_ = nullptr;
  enrich::ProcessCache* keep_ =
      nullptr;  // null: the image is new with this event, so there is no cache
  std::uint32_t tag_ = 0;
  CachedAnswers kept_;
  View view_ = View::named;
  std::uint32_t stamp_ = 0;  // of this event; even; the resolved view's stamp is one more
  std::vector<std::uint32_t> answers_;  // by test: stamp, with the result in the lowest bit
  std::vector<std::uint32_t> made_;     // by source: stamp
  std::vector<Value> values_;           // by source
  Scratch scratch_;
};

}  // namespace saker::match
