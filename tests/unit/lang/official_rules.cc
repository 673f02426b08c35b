// SPDX-License-Identifier: Apache-2.0
// The three official rule files of the Falco project, if they are available.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "loaded.h"

namespace saker::lang {
namespace {

TEST_CASE("the official rule files load together, without an error or a warning") {
  const std::string data = "../shared/data/";
  const std::vector<std::string> paths = {data + "falco_rules.yaml",
                                          data + "falco-incubating_rules.yaml",
                                          data + "falco-sandbox_rules.yaml"};
  if (!std::filesystem::exists(paths[0])) {
    const char* ci = std::getenv("CI");
    REQUIRE_MESSAGE((ci == nullptr || std::string(ci) != "true"), "../shared/data is absent");
    MESSAGE("skipped: ../shared/data is absent");
    return;
  }
  const RuleSet set = load_rules(paths);
  CHECK(codes(set) == "");
  CHECK(set.rules.size() == 93);
  for (const Rule& rule : set.rules) {
    CAPTURE(rule.name);
    CHECK(rule.events.any());
    CHECK(rule.events.count() < 20);
    const std::string text = print(rule.expr);
    const RuleSet again = loaded({"- rule: r\n  condition: '" + [&] {
      std::string quoted;
      for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
      return quoted;
    }() + "'\n  output: o\n  desc: d\n  priority: info\n"});
    CHECK(condition_of(again) == text);
  }
}

}  // namespace
}  // namespace saker::lang
