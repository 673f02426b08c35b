// SPDX-License-Identifier: Apache-2.0
#include "match/kept_tests.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "lang/compile.h"
#include "random_rules.h"

namespace saker::match {
namespace {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Step;
using lang::program::Test;

void reach(const Image& image, std::uint32_t test, std::set<std::uint32_t>& reached) {
  if (!reached.insert(test).second || image.tests[test].kind != Test::code) return;
  for (const Step& step : Image::rows(image.steps, image.tests[test].what))
    reach(image, step.test, reached);
}

// What an event can ask, and by the number of its answer.
void check_apart(const Image& image, const KeptTests& kept, Facet facet, std::size_t& count) {
  const std::uint16_t* slots = kept.slots(facet);
  if (!slots) return;
  for (const lang::program::Event& event : image.events) {
    std::set<std::uint32_t> reached;
    for (const Entry& entry : Image::rows(image.entries, event.entries))
      reach(image, entry.test, reached);
    std::map<std::uint16_t, std::uint32_t> by_slot;
    for (std::uint32_t test : reached) {
      if (slots[test] == KeptTests::not_kept) continue;
      count++;
      CHECK(slots[test] < kept.words(facet) * KeptAnswers::per_word);
      CHECK(by_slot.emplace(slots[test], test).second);
    }
  }
}

}  // namespace

TEST_CASE("kept tests: no two that one event can ask share an answer") {
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= 40; seed++) {
    CAPTURE(seed);
    testing::Chance chance(seed);
    lang::SourceText text{"random.yaml", testing::random_rules(chance, 40)};
    Result<std::vector<std::byte>> bytes =
        lang::compile(lang::load_rule_texts({&text, 1}), lang::RuleMatching::all);
    REQUIRE(bool(bytes));
    Result<Image> image = lang::program::open(*bytes);
    REQUIRE(bool(image));
    FacetCover cover(*image);
    KeptTests kept(*image, cover);
    for (Facet facet : {Facet::path, Facet::command, Facet::connection})
      check_apart(*image, kept, facet, count);
  }
  CHECK(count > 10000);
}

TEST_CASE("kept answers: unknown until they are kept") {
  const std::uint16_t slots[] = {0, KeptTests::not_kept, 31, 32};
  std::uint64_t words[2] = {};
  KeptAnswers answers(slots, words);
  CHECK_FALSE(answers.keeps(1));
  for (std::uint32_t test : {0u, 2u, 3u}) {
    REQUIRE(answers.keeps(test));
    CHECK(answers.find(test) == KeptAnswers::Answer::unknown);
    answers.keep(test, test != 2);
  }
  CHECK(answers.find(0) == KeptAnswers::Answer::yes);
  CHECK(answers.find(2) == KeptAnswers::Answer::no);
  CHECK(answers.find(3) == KeptAnswers::Answer::yes);
  CHECK_FALSE(KeptAnswers().keeps(0));
}

}  // namespace saker::match
