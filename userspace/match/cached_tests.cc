// SPDX-License-Identifier: Apache-2.0
#include "match/cached_tests.h"

#include <algorithm>
#include <map>

namespace saker::match {

using lang::program::EntryRow;
using lang::program::Sections;
using lang::program::StepRow;
using lang::program::TestRow;

namespace {

// An event has one key at a time of each of these kinds. Results for the process are cached
// elsewhere.
constexpr std::size_t most_looked_at = 4096;  // tests that may get a number
constexpr CacheKind keeping[] = {CacheKind::path, CacheKind::command, CacheKind::connection};

// The tests that a kind of key decides and that the entries of one event type use.
class Reach {
 public:
  Reach(const Sections& sections, const KeyCoverage& cover, CacheKind kind)
      : sections_(sections), cover_(cover), kind_(bit(kind)), seen_(sections.tests.size()) {}

  // All of them, each once. For those used by a test that the kind does not decide, `asked` counts
  // how often.
  const std::vector<std::uint32_t>& of(const lang::program::EventRow& event,
                                       std::vector<std::uint32_t>& asked) {
    stamp_++;
    found_.clear();
    for (const EntryRow& entry : Sections::rows(sections_.entries, event.entries))
      visit(entry.test, &asked);
    while (!open_.empty()) {
      std::uint32_t test = open_.back();
      open_.pop_back();
      for (const StepRow& step : Sections::rows(sections_.steps, sections_.tests[test].what))
        visit(step.test, decides(test) ? nullptr : &asked);
    }
    return found_;
  }

 private:
  bool decides(std::uint32_t test) const { return cover_.tests[test] & kind_; }

  void visit(std::uint32_t test, std::vector<std::uint32_t>* asked) {
    if (asked && decides(test)) (*asked)[test]++;
    if (seen_[test] == stamp_) return;
    seen_[test] = stamp_;
    if (decides(test)) found_.push_back(test);
    if (sections_.tests[test].kind == TestRow::code && (cover_.partly_decided[test] & kind_))
      open_.push_back(test);
  }

  const Sections& sections_;
  const KeyCoverage& cover_;
  std::uint8_t kind_;
  std::uint32_t stamp_ = 0;
  std::vector<std::uint32_t> seen_, open_, found_;
};

}  // namespace

CachedTests::CachedTests(const Sections& sections, const KeyCoverage& cover) {
  for (CacheKind kind : keeping) number(sections, cover, kind);
}

// Tests that no event can use together may share a number.
void CachedTests::number(const Sections& sections, const KeyCoverage& cover, CacheKind kind) {
  Reach reach(sections, cover, kind);
  std::vector<std::uint32_t> asked(sections.tests.size()), all;
  for (const lang::program::EventRow& event : sections.events) reach.of(event, asked);
  for (std::uint32_t test = 0; test < sections.tests.size(); test++) {
    if (asked[test]) all.push_back(test);
  }
  if (all.empty()) return;
  auto more = [&](std::uint32_t a, std::uint32_t b) { return asked[a] > asked[b]; };
  std::stable_sort(all.begin(), all.end(), more);
  all.resize(std::min(all.size(), most_looked_at));
  std::map<std::uint32_t, std::vector<std::uint32_t>> events_of;
  for (std::uint32_t test : all) events_of[test];
  for (std::uint32_t event = 0; event < sections.events.size(); event++) {
    for (std::uint32_t test : reach.of(sections.events[event], asked)) {
      auto at = events_of.find(test);
      if (at != events_of.end()) at->second.push_back(event);
    }
  }
  std::vector<std::uint16_t>& slots = slots_[static_cast<std::size_t>(kind)];
  slots.assign(sections.tests.size(), not_kept);
  std::vector<std::uint16_t> next(sections.events.size());
  std::uint16_t count = 0;
  for (std::uint32_t test : all) {
    std::uint16_t slot = 0;
    for (std::uint32_t event : events_of[test]) slot = std::max(slot, next[event]);
    if (slot >= most) continue;
    slots[test] = slot;
    for (std::uint32_t event : events_of[test]) next[event] = static_cast<std::uint16_t>(slot + 1);
    count = std::max<std::uint16_t>(count, static_cast<std::uint16_t>(slot + 1));
  }
  words_[static_cast<std::size_t>(kind)] =
      (count + CachedAnswers::per_word - 1) / CachedAnswers::per_word;
}

}  // namespace saker::match
