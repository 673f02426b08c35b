// SPDX-License-Identifier: Apache-2.0
// The compiled program and the plain interpreter of the language agree, on random rules and random
// events. SAKER_PAIRS is the number of pairs of a rule and an event, SAKER_SEED the first seed:
// each set of rules has its own seed, which a failure reports.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lang/compile.h"
#include "match/matcher.h"
#include "plain.h"
#include "random_rules.h"

namespace saker::testing {
namespace {

// A sanitizer makes this about ten times slower.
#ifndef __has_feature  // clang's
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer)
constexpr std::uint64_t default_pairs = 400'000;
#else
constexpr std::uint64_t default_pairs = 10'000'000;
#endif
constexpr int events_of_a_set = 1000;
// Every eighth set is so large that an event's entries are searched by values, not tried one by
// one.
std::size_t rules_of(std::uint64_t seed) { return seed % 8 == 0 ? 400 : 40; }

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string condition_of(const lang::RuleSet& set, std::size_t rule) {
  return set.rules[rule].condition;
}

}  // namespace

TEST_CASE("compiled and plain verdicts agree on random rules and events") {
  std::uint64_t pairs = from_environment("SAKER_PAIRS", default_pairs),
                first = from_environment("SAKER_SEED", 1), seed = first;
  std::uint64_t done = 0, held = 0;
  for (; done < pairs; seed++) {
    CAPTURE(seed);
    Chance chance(seed);
    lang::SourceText text{"random.yaml", random_rules(chance, rules_of(seed))};
    lang::LoadOptions options;
    options.static_fields = random_static_fields();
    lang::RuleSet set = lang::load_rule_texts({&text, 1}, options);
    std::string problems;
    for (const lang::Diagnostic& d : set.diagnostics())
      problems += d.error() ? lang::render(d) : "";
    REQUIRE_MESSAGE(set.ok(), problems);
    Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::all);
    REQUIRE_MESSAGE(bool(bytes), (bytes ? "" : bytes.error().message));
    Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(*bytes));
    REQUIRE_MESSAGE(bool(program), (program ? "" : program.error().message));
    match::Matcher matcher(**program);
    fields::Scratch scratch;
    RandomEvents events(chance);
    for (int i = 0; i < events_of_a_set; i++) {
      const std::vector<std::uint64_t>& record = events.record(chance);
      fields::Event event{decode::Record(record.data()), events.process(chance),
                          1'700'000'000'000'000'000, 5};
      std::vector<int> compiled(set.rules.size(), 0);
      for (const match::Verdict& verdict : matcher.match(event)) {
        compiled[(*program)->rule(verdict.rule).index] = verdict.resolved_view ? 2 : 1;
      }
      scratch.reset();
      bool views = fields::views_differ(event, scratch);
      for (std::size_t rule = 0; rule < set.rules.size(); rule++) {
        int plain = plain_holds(set.rules[rule], event, fields::View::named, scratch) ? 1 : 0;
        if (!plain && views && plain_holds(set.rules[rule], event, fields::View::resolved, scratch))
          plain = 2;
        // Not for each pair: a check costs more than the pair.
        if (compiled[rule] != plain) FAIL(event.record.info().name, ": ", condition_of(set, rule));
        held += plain != 0;
        done++;
      }
    }
  }
  std::printf("%llu pairs of a rule and an event, from seed %llu on\n",
              static_cast<unsigned long long>(done), static_cast<unsigned long long>(first));
  // A generator whose rules never match, or always, would prove little.
  CHECK(held > done / 50);
  CHECK(held < done / 2);
}

}  // namespace saker::testing
