// SPDX-License-Identifier: Apache-2.0
#include "match/cached_tests.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "lang/compile.h"
#include "random_rules.h"

namespace saker::match {
namespace {

using lang::program::EntryRow;
using lang::program::Sections;
using lang::program::StepRow;
using lang::program::TestRow;

void reach(const Sections& sections, std::uint32_t test, std::set<std::uint32_t>& reached) {
  if (!reached.insert(test).second || sections.tests[test].kind != TestRow::code) return;
  for (const StepRow& step : Sections::rows(sections.steps, sections.tests[test].what))
    reach(sections, step.test, reached);
}

// The tests that an event can use, by the number of their result.
void check_apart(const Sections& sections, const CachedTests& kept, CacheKind kind,
                 std::size_t& count) {
  const std::uint16_t* slots = kept.slots(kind);
  if (!slots) return;
  for (const lang::program::EventRow& event : sections.events) {
    std::set<std::uint32_t> reached;
    for (const EntryRow& entry : Sections::rows(sections.entries, event.entries))
      reach(sections, entry.test, reached);
    std::map<std::uint16_t, std::uint32_t> by_slot;
    for (std::uint32_t test : reached) {
      if (slots[test] == CachedTests::not_kept) continue;
      count++;
      CHECK(slots[test] < kept.words(kind) * CachedAnswers::per_word);
      CHECK(by_slot.emplace(slots[test], test).second);
    }
  }
}

}  // namespace

TEST_CASE("kept tests: no two tests of one event share a slot") {
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= 40; seed++) {
    CAPTURE(seed);
    testing::Chance chance(seed);
    lang::SourceText text{"random.yaml", testing::random_rules(chance, 40)};
    Result<std::vector<std::byte>> bytes =
        lang::compile(lang::load_rule_texts({&text, 1}), lang::RuleMatching::all);
    REQUIRE(bool(bytes));
    Result<Sections> sections = lang::program::open(*bytes);
    REQUIRE(bool(sections));
    KeyCoverage cover(*sections);
    CachedTests kept(*sections, cover);
    for (CacheKind kind : {CacheKind::path, CacheKind::command, CacheKind::connection})
      check_apart(*sections, kept, kind, count);
  }
  CHECK(count > 10000);
}

TEST_CASE("kept answers: unknown until they are stored") {
  const std::uint16_t slots[] = {0, CachedTests::not_kept, 31, 32};
  std::uint64_t words[2] = {};
  CachedAnswers answers(slots, words);
  CHECK_FALSE(answers.keeps(1));
  for (std::uint32_t test : {0u, 2u, 3u}) {
    REQUIRE(answers.keeps(test));
    CHECK(answers.find(test) == CachedAnswers::Answer::unknown);
    answers.keep(test, test != 2);
  }
  CHECK(answers.find(0) == CachedAnswers::Answer::yes);
  CHECK(answers.find(2) == CachedAnswers::Answer::no);
  CHECK(answers.find(3) == CachedAnswers::Answer::yes);
  CHECK_FALSE(CachedAnswers().keeps(0));
}

}  // namespace saker::match
