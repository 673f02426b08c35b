// SPDX-License-Identifier: Apache-2.0
#include "run/noise.h"

#include <doctest/doctest.h>

#include "lang/rules.h"

namespace saker::run {
namespace {

constexpr std::uint64_t minute = 60'000'000'000;

output::Alert alert(const std::string& rule, const std::string& exepath,
                    const std::string& image = "") {
  output::Alert out;
  out.rule = 0;
  out.rule_name = rule;
  out.exepath = exepath;
  out.image = image;
  return out;
}

TEST_CASE("noise: a rule over its budget is named with its largest sources, and an exception") {
  Noise noise;
  noise.use({.max_alerts_per_hour = 100, .rules = {{"loud", 1000}, {"never", 0}}});
  for (int i = 0; i < 100; i++) noise.note(alert("a", "/bin/a"), minute);
  CHECK(noise.rows(minute).empty());
  CHECK(noise.news(minute).empty());
  for (int i = 0; i < 60; i++) noise.note(alert("a", "/bin/b"), 2 * minute);
  for (int i = 0; i < 20; i++) noise.note(alert("a", "/bin/it's \x1b here"), 2 * minute);
  for (int i = 0; i < 19; i++) noise.note(alert("a", "/bin/c" + std::to_string(i)), 2 * minute);
  for (int i = 0; i < 900; i++) noise.note(alert("loud", "/bin/a"), 2 * minute);
  for (int i = 0; i < 900; i++) noise.note(alert("never", "/bin/a"), 2 * minute);
  const std::vector<Noise::Row> rows = noise.rows(2 * minute);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].rule == "a");
  CHECK(rows[0].alerts == 199);
  CHECK(rows[0].budget == 100);
  REQUIRE(rows[0].sources.size() == 3);
  CHECK(rows[0].sources[0].exepath == "/bin/a");
  CHECK(rows[0].sources[0].percent == 50);
  CHECK(rows[0].sources[1].exepath == "/bin/b");
  const std::vector<std::string> news = noise.news(2 * minute);
  REQUIRE(news.size() == 1);
  CHECK(
      news[0].starts_with("rule \"a\" made 199 alerts within an hour, over its budget of 100; "
                          "most are of /bin/a (50 %), /bin/b (30 %), /bin/it's \\u001b here"));
  CHECK(noise.news(3 * minute).empty());
  CHECK(noise.rows(61 * minute).size() == 0);
}

TEST_CASE("noise: the exception it proposes is one that rules can have") {
  Noise noise;
  noise.use({.max_alerts_per_hour = 1, .rules = {}});
  for (int i = 0; i < 9; i++) noise.note(alert("a", "/bin/it's \" odd", "img:1"), minute);
  for (int i = 0; i < 5; i++) noise.note(alert("a", "/bin/b", "other"), minute);
  const std::string yaml = noise.rows(minute).at(0).proposal;
  const lang::SourceText texts[] = {{"rules.yaml",
                                     "- rule: a\n  desc: d\n  condition: evt.type = openat\n"
                                     "  output: o\n  priority: NOTICE\n"},
                                    {"exception.yaml", yaml}};
  INFO(yaml);
  const lang::RuleSet set = lang::load_rule_texts(texts);
  CHECK(set.ok());
  REQUIRE(set.rules.size() == 1);
  REQUIRE(set.rules[0].exceptions.size() == 1);
  const lang::Exception& exception = set.rules[0].exceptions[0];
  CHECK(exception.fields == std::vector<std::string>{"proc.exepath", "container.image.repository"});
  CHECK(exception.values.size() == 2);
  CHECK(exception.values[0][0].items[0] == R"("/bin/it's \" odd")");
}

TEST_CASE("noise: a busy source stays, however many others there are") {
  Noise noise;
  noise.use({.max_alerts_per_hour = 1, .rules = {}});
  for (int i = 0; i < 50'000; i++) {
    noise.note(alert("a", "/tmp/" + std::to_string(i)), minute);
    if (i % 10 == 0) noise.note(alert("a", "/bin/busy"), minute);
  }
  bool there = false;
  const std::vector<Noise::Row> rows = noise.rows(minute);
  REQUIRE(rows.size() == 1);
  for (const Noise::Source& source : rows[0].sources) there |= source.exepath == "/bin/busy";
  CHECK(there);
}

TEST_CASE("noise: the log names few rules a minute, and each once an hour") {
  Noise noise;
  noise.use({.max_alerts_per_hour = 1, .rules = {}});
  const auto all_twice = [&noise](std::uint64_t now) {
    for (int rule = 0; rule < 8; rule++)
      for (int i = 0; i < 2; i++) noise.note(alert(std::to_string(rule), "/x"), now);
  };
  all_twice(minute);
  CHECK(noise.news(minute).size() == 5);
  CHECK(noise.news(minute).empty());
  CHECK(noise.news(2 * minute).size() == 3);
  all_twice(30 * minute);
  CHECK(noise.news(30 * minute).empty());
  all_twice(62 * minute);
  CHECK(noise.news(62 * minute).size() == 5);
}

}  // namespace
}  // namespace saker::run
