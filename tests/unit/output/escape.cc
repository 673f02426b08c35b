// SPDX-License-Identifier: Apache-2.0
#include "output/escape.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace saker::output {
namespace {

std::string line(std::string_view raw) {
  std::string out;
  append_line(out, raw);
  return out;
}

std::string json(std::string_view raw) {
  std::string out;
  append_json(out, raw);
  return out;
}

TEST_CASE("control characters are escaped once, in text and in JSON") {
  CHECK(line("a\nb\tc") == "a\\nb\\tc");
  CHECK(line("\x1b[31mred") == "\\u001b[31mred");
  CHECK(line("\x7f") == "\\u007f");
  CHECK(line(std::string_view("nul\0end", 7)) == "nul\\u0000end");
  CHECK(json("a\nb") == "\"a\\nb\"");
}

TEST_CASE("C1 controls do not reach a terminal") {
  CHECK(line("\xc2\x9b"
             "31m") == "\\u009b31m");
  CHECK(line("\xc2\xa0") == "\xc2\xa0");
}

TEST_CASE("quotation marks and backslashes are escaped, so a text line is unambiguous") {
  CHECK(line("say \"hi\" \\n") == R"(say \"hi\" \\n)");
  CHECK(line("\n") != line("\\n"));
  CHECK(json("say \"hi\" \\n") == R"("say \"hi\" \\n")");
}

TEST_CASE("invalid UTF-8 is replaced, each longest valid beginning by one character") {
  const std::string bad = "\xef\xbf\xbd";
  CHECK(line("a\xff"
             "b") == "a" + bad + "b");
  CHECK(line("\xc0\xaf") == bad + bad);  // overlong
  CHECK(line("\xe2\x82") == bad);        // cut off
  CHECK(line("\xe2\x82z") == bad + "z");
  CHECK(line("\xed\xa0\x80") == bad + bad + bad);  // a surrogate
  CHECK(line("\xf4\x90\x80\x80") == bad + bad + bad + bad);
  CHECK(line("\xf0\x9f\xa6\x85 \xe2\x82\xac \xc3\xa9") == "\xf0\x9f\xa6\x85 \xe2\x82\xac \xc3\xa9");
}

TEST_CASE("characters that hide, reverse or break text are escaped, and JSON restores them") {
  CHECK(line("a\xe2\x80\xaegpj.exe") == "a\\u202egpj.exe");
  CHECK(line("\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xe2\x80\x8b\xc2\xad\xe2\x81\xa6") ==
        "\\u2028\\u2029\\ufeff\\u200b\\u00ad\\u2066");
  CHECK(line("\xe2\x80\x93 \xd8\x9b") == "\xe2\x80\x93 \xd8\x9b");  // a dash, an Arabic semicolon
  CHECK(nlohmann::json::parse(json("\xe2\x80\xae")).get<std::string>() == "\xe2\x80\xae");
  std::string shown;
  append_shown(shown, "\"\\\n\xe2\x80\xae");
  CHECK(shown == "\"\\\\n\\u202e");
}

TEST_CASE("a JSON reader gets back every valid text") {
  std::string every;
  for (int c = 0; c < 128; c++) every += static_cast<char>(c);
  every += "\xc2\x80\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x85";
  CHECK(nlohmann::json::parse(json(every)).get<std::string>() == every);
}

TEST_CASE("any two bytes make one line of valid JSON") {
  for (int a = 0; a < 256; a++) {
    for (int b = 0; b < 256; b++) {
      std::string text = json(std::string{static_cast<char>(a), static_cast<char>(b)});
      REQUIRE(text.find('\n') == std::string::npos);
      REQUIRE_NOTHROW(nlohmann::json::parse(text));
    }
  }
}

}  // namespace
}  // namespace saker::output
