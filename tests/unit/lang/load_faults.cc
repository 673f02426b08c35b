// SPDX-License-Identifier: Apache-2.0
// Rule files whose first line says whether Falco loads them: ../shared/data/faults/load.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "lang/read/encoding.h"
#include "lang/rules.h"

namespace saker::lang {
namespace {

namespace fs = std::filesystem;

TEST_CASE("every rule file in faults loads or is refused according to its first line") {
  const fs::path directory = "../shared/data/faults/load";
  if (!fs::is_directory(directory)) {
    std::puts("SKIP ../shared/data/faults is absent");
    return;
  }
  int seen = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(directory)) {
    const Result<std::string> bytes = read_file(file.path(), 1u << 20);
    REQUIRE(bytes);
    const std::string text = to_utf8(*bytes);
    // "# Falco: X loads; refused here." Only the text before the semicolon counts.
    const std::string right = text.substr(0, text.find(';'));
    const bool refused = right.find("refused") != right.npos;
    const bool loads = right.find("load") != right.npos;
    CAPTURE(right);
    REQUIRE(refused != loads);
    const std::string path = file.path();
    const RuleSet set = load_rules({&path, 1});
    CHECK(set.ok() == loads);
    CHECK(set.rules.size() == (loads ? 1 : 0));
    seen++;
  }
  CHECK(seen >= 11);
}

}  // namespace
}  // namespace saker::lang
