// SPDX-License-Identifier: Apache-2.0
// A damaged program is refused, and a forged one does no harm; a warm matcher allocates nothing.
#include "lang/program.h"

#include <doctest/doctest.h>

#include <cstring>

#include "../base/count_allocations.h"
#include "lang/compile.h"
#include "match/matcher.h"
#include "random_rules.h"

namespace saker::testing {
namespace {

std::vector<std::byte> compiled(Chance& chance, std::size_t rules) {
  lang::SourceText text{"random.yaml", random_rules(chance, rules)};
  lang::LoadOptions options;
  options.static_fields = random_static_fields();
  lang::RuleSet set = lang::load_rule_texts({&text, 1}, options);
  REQUIRE(set.ok());
  Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::all);
  REQUIRE(bool(bytes));
  return std::move(*bytes);
}

void fix_checksum(std::vector<std::byte>& bytes) {
  std::uint64_t sum = lang::program::checksum(bytes);
  std::memcpy(bytes.data() + offsetof(lang::program::Header, checksum), &sum, sizeof(sum));
}

void match_some(const match::Program& program, Chance& chance, int events) {
  match::Matcher matcher(program);
  RandomEvents random(chance);
  for (int i = 0; i < events; i++) {
    const std::vector<std::uint64_t>& record = random.record(chance);
    matcher.match({decode::Record(record.data()), random.process(chance), 1, 1});
  }
}

}  // namespace

TEST_CASE("a truncated, damaged or incompatible program is refused with a reason") {
  Chance chance(7);
  std::vector<std::byte> good = compiled(chance, 5);
  CHECK(bool(match::Program::load(good)));
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, sizeof(lang::program::Header) - 1,
                           good.size() - 1, good.size() / 2}) {
    Result<std::unique_ptr<match::Program>> cut =
        match::Program::load({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
    REQUIRE_FALSE(bool(cut));
    CHECK(cut.error().message.find("compiled program: ") == 0);
  }
  std::vector<std::byte> bad = good;
  bad[bad.size() - 3] ^= std::byte{1};
  CHECK(match::Program::load(bad).error().message.find("checksum") != std::string::npos);
  bad = good;
  bad[8] = std::byte{99};
  CHECK(match::Program::load(bad).error().message.find("form 99") != std::string::npos);
}

TEST_CASE("a program is the same if each condition is taken out of the set once it is compiled") {
  lang::SourceText text{
      "taken.yaml",
      "- rule: one\n  desc: d\n  condition: evt.type = open and fd.name in (a, b)\n"
      "  output: o\n  priority: INFO\n"
      "- rule: off\n  desc: d\n  condition: evt.type = open\n  output: o\n"
      "  priority: INFO\n  enabled: false\n"};
  lang::RuleSet set = lang::load_rule_texts({&text, 1});
  const std::vector<std::byte> bytes = *lang::compile(set, lang::RuleMatching::all);
  CHECK(*lang::compile_conditions_of(set, lang::RuleMatching::all) == bytes);
  CHECK(set.rules[0].expr.children.empty());
  CHECK(set.rules[0].name == "one");
}

TEST_CASE("a program knows which rules ask for a recording, and its length") {
  lang::SourceText text{"capture.yaml",
                        "- rule: wants one\n  desc: d\n  condition: evt.type = open\n  output: o\n"
                        "  priority: INFO\n  capture: true\n  capture_duration: 2500\n"
                        "- rule: wants none\n  desc: d\n  condition: evt.type = open\n  output: o\n"
                        "  priority: INFO\n"};
  std::vector<std::byte> bytes = *lang::compile(lang::load_rule_texts({&text, 1}));
  auto program = match::Program::load(bytes);
  REQUIRE(bool(program));
  CHECK((*program)->rule(0).capture);
  CHECK((*program)->rule(0).capture_ms == 2500);
  CHECK_FALSE((*program)->rule(1).capture);
  CHECK((*program)->rule(1).capture_ms == 0);

  lang::program::Header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  auto rules = header.sections[static_cast<std::size_t>(lang::program::SectionId::rules)];
  bytes[rules.at + offsetof(lang::program::RuleRow, capture)] = std::byte{2};
  fix_checksum(bytes);
  CHECK(match::Program::load(bytes).error().message.find("capture is neither 0 nor 1") !=
        std::string::npos);
}

TEST_CASE("a forged program with a right checksum is refused or harmless") {
  std::uint64_t loaded = 0;
  for (std::uint64_t seed = 1; seed <= 6; seed++) {
    Chance chance(seed);
    const std::vector<std::byte> good = compiled(chance, 10);
    for (int i = 0; i < 150; i++) {
      std::vector<std::byte> forged = good;
      for (std::size_t flips = 1 + chance.below(3); flips > 0; flips--) {
        std::size_t at = chance.below(forged.size());
        if (chance.one_in(2)) {
          forged[at] ^= static_cast<std::byte>(1 << chance.below(8));
        } else {
          forged[at] = static_cast<std::byte>(chance.below(256));
        }
      }
      fix_checksum(forged);
      Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(forged));
      if (!program) continue;
      loaded++;
      match_some(**program, chance, 20);
    }
  }
  // Most flips hit texts or numbers; they get another meaning and do no harm.
  CHECK(loaded > 0);
}

TEST_CASE("a warm matcher allocates nothing") {
  Chance chance(3);
  Result<std::unique_ptr<match::Program>> program = match::Program::load(compiled(chance, 60));
  REQUIRE(bool(program));
  match::Matcher matcher(**program);
  RandomEvents random(chance);
  std::vector<std::vector<std::uint64_t>> records;
  for (int i = 0; i < 500; i++) records.push_back(random.record(chance));
  std::size_t verdicts = 0;
  auto round = [&] {
    for (const std::vector<std::uint64_t>& record : records) {
      verdicts +=
          matcher.match({decode::Record(record.data()), random.process(chance), 1, 1}).size();
    }
  };
  round();
  round();
  test::count_allocations(true);
  round();
  CHECK(test::count_allocations(false) == 0);
  CHECK(verdicts > 0);
}

}  // namespace saker::testing
