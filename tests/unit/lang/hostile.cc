// SPDX-License-Identifier: Apache-2.0
// Malicious files: they end in a diagnostic, in bounded time and memory.
#include <doctest/doctest.h>

#include "loaded.h"

namespace saker::lang {
namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("nesting") {
  CHECK(errors(loaded({repeated("[", 100000)})) == "LOAD_ERR_YAML_PARSE");
  CHECK(errors(loaded({repeated("- ", 100000)})) == "LOAD_ERR_YAML_PARSE");
  CHECK(errors(loaded({rule("\"" + repeated("(", 100000) + "\"")})) ==
        "LOAD_ERR_COMPILE_CONDITION");
  std::string chain = "- {macro: m0, condition: proc.name = x}\n";
  for (int i = 1; i < 3000; ++i)
    chain +=
        "- {macro: m" + std::to_string(i) + ", condition: not m" + std::to_string(i - 1) + "}\n";
  CHECK(errors(loaded({chain})) == "LOAD_ERR_COMPILE_CONDITION");
}

TEST_CASE("growth by aliases, lists and macros") {
  std::string aliases = "- list: a0\n  items: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1) + ", ";
    aliases += "- list: a" + std::to_string(i) + "\n  items: &a" + std::to_string(i) + " [" +
               repeated(inner, 9) + "x]\n";
  }
  CHECK_FALSE(loaded({aliases}).ok());
  std::string macros = "- {macro: m0, condition: proc.name = x}\n";
  for (int i = 1; i < 64; ++i) {
    const std::string inner = "m" + std::to_string(i - 1);
    macros += "- {macro: m" + std::to_string(i) + ", condition: " + inner + " and " + inner + "}\n";
  }
  CHECK(errors(loaded({macros})) == "LOAD_ERR_COMPILE_CONDITION");
  const std::string wide = "- {list: l0, items: [" + repeated("x, ", 1499) + "x]}\n";
  const auto inside = [](const std::string& name, const std::string& inner, std::size_t times) {
    return "- {list: " + name + ", items: [" + repeated(inner + ", ", times - 1) + inner + "]}\n";
  };
  CHECK(errors(loaded({wide + inside("l1", "l0", 1500)})) == "LOAD_ERR_VALIDATE");
  // One level at a time, and only as far as the order of definition allows.
  const RuleSet small = loaded({inside("l0", "x", 50) + inside("l1", "l0", 50) +
                                inside("l2", "l1", 50) + inside("l3", "l2", 50)});
  CHECK(small.lists.back().compiled.size() == 2500);
}

TEST_CASE("an alias cannot contain itself") {
  CHECK(errors(loaded({"- &a [*a]\n"})).find("LOAD_ERR_YAML_PARSE") != std::string::npos);
  CHECK(errors(loaded({"- *nothing\n"})) == "LOAD_ERR_YAML_PARSE");
}

TEST_CASE("bytes that are not text") {
  CHECK(errors(loaded({std::string("- rule: r\0", 10)})) == "LOAD_ERR_YAML_PARSE");
  std::string bytes;
  for (int i = 1; i < 256; ++i) bytes += static_cast<char>(i);
  CHECK_FALSE(loaded({bytes}).ok());
  const RuleSet set = loaded({rule("proc.nam = \xff\xfe\xff")});
  CHECK(errors(set) == "LOAD_ERR_COMPILE_CONDITION");
}

TEST_CASE("countless errors") {
  const RuleSet set = loaded({rule("evt.type = open") + repeated("- 5\n", 50000)});
  CHECK_FALSE(set.ok());
  CHECK(set.files[0].errors.size() == 1001);
  CHECK(loaded({rule("evt.type = open and (" + repeated("a.b = 1 or ", 20000) + "a.b = 1)")})
            .files[0]
            .errors.size() <= 1001);
}

TEST_CASE("regular expressions that grow exponentially") {
  const auto regex = [](const std::string& pattern) {
    return loaded({rule("\"evt.type = open and proc.name regex '" + pattern + "'\"")});
  };
  for (const std::string& pattern :
       {std::string("((((a{1,1000}){1,1000}){1,1000}){1,1000})"), std::string("a{1001}"),
        repeated("(", 100000) + "a" + repeated("{1,2})", 100000), repeated("(", 100000)}) {
    const RuleSet set = regex(pattern);
    CHECK(errors(set) == "LOAD_ERR_COMPILE_CONDITION");
    // At the pattern: after `condition: "evt.type = open and proc.name regex `.
    CHECK(set.diagnostics()[0].pos.line == 2);
    CHECK(set.diagnostics()[0].pos.column == 51);
  }
  // Each is valid alone, but not all together.
  std::string many;
  for (int i = 0; i < 1500; ++i) {
    many +=
        "- {rule: r" + std::to_string(i) +
        ", desc: d, output: o, priority: INFO, condition: \"evt.type = open and proc.name regex '";
    many += "([^a]|x){1000}" + std::to_string(i) + "'\"}\n";
  }
  const RuleSet set = loaded({many});
  REQUIRE_FALSE(set.ok());
  CHECK(set.diagnostics()[0].message.find("together are too large") != std::string::npos);
}

TEST_CASE("files that are too large") {
  const std::string large(100u << 20, 'x');
  CHECK(errors(loaded({large})) == "LOAD_ERR_YAML_PARSE");
  // A file of the maximum size is read.
  const std::string wide =
      rule("evt.type = open and proc.name in (" + repeated("a, ", 400000) + "a)");
  CHECK(loaded({wide}).ok());
}

}  // namespace
}  // namespace saker::lang
