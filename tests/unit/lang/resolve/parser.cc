// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/parser.h"

#include <doctest/doctest.h>

#include <string>

#include "lang/print.h"

namespace saker::lang {
namespace {

// The canonical form, or "error at OFFSET".
std::string parsed(const std::string& text) {
  const ParsedCondition condition = parse_condition(text);
  if (condition.error) return "error at " + std::to_string(condition.error->offset);
  return print(condition.expr);
}

struct Case {
  const char* text;
  const char* want;
};

TEST_CASE("precedence, grouping and keywords") {
  const Case cases[] = {
      {"a or b and c or d", "(a or (b and c) or d)"},
      {"not a and b", "(not a and b)"},
      {"not not a", "a"},
      {"not not not a", "not a"},
      {"(a)and(b)", "(a and b)"},
      {"a or(b)and c", "error at 7"},
      {"not(a)and(not(b))", "(not a and not b)"},
      {"notz and a", "(notz and a)"},
      {"a andb", "error at 5"},
      {"aand b", "error at 5"},
      {"(a)andnot(b)", "error at 6"},
      {"AND", "AND"},
      {" \t\r\n\b a \n", "a"},
      {"", "error at 0"},
      {"a b", "error at 2"},
      {"(a", "error at 0"},
      {"a)", "error at 1"},
      {"()", "error at 1"},
      {"and", "and"},
      {"not", "not"},
      {"not ", "error at 4"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parsed(c.text) == c.want);
  }
}

TEST_CASE("comparisons: operators, spaces and values") {
  const Case cases[] = {
      {"a.b=c", "a.b = c"},
      {"a.b == c", "a.b = c"},
      {"a.b!=c", "a.b != c"},
      {"a.b in(x)", "a.b in (x)"},
      {"a.b in x", "a.b in (x)"},
      {"a.b inx", "a.b in (x)"},
      {"a.b existsand m", "(a.b exists and m)"},
      {"a.b startswithx", "error at 4"},
      {"a.b startswith x", "a.b startswith x"},
      {"a.b iglob x*", "a.b iglob x*"},
      {"a.b < 5", "a.b < 5"},
      {"a.b <= -5", "a.b <= -5"},
      {"a.b > 0x1F", "a.b > 0x1F"},
      {"a.b >= 1.5e+3", "a.b >= 1.5e+3"},
      {"a.b > 1e3", "error at 7"},
      {"a.b > x", "error at 6"},
      {"a.b = ", "error at 6"},
      {"a.b = (x)", "error at 6"},
      {"a.b = c.d", "a.b = c.d"},
      {"a.b = val(c.d)", "a.b = val(c.d)"},
      {"a.b < val(c.d)", "a.b < val(c.d)"},
      {"a.b in val(c.d)", "a.b in val(c.d)"},
      {"val(a.b) = c", "error at 0"},
      {"a.b", "error at 3"},
      {"a.b foo", "error at 4"},
      {"a.b pmatch (/x, /y)", "a.b pmatch (/x, /y)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parsed(c.text) == c.want);
  }
}

TEST_CASE("lists") {
  const Case cases[] = {
      {"a.b in ()", "a.b in ()"},
      {"a.b in ( x , \"y z\",'q' )", "a.b in (x, \"y z\", q)"},
      {"a.b in (a,,b)", "error at 10"},
      {"a.b in (a,)", "error at 10"},
      {"a.b in (,a)", "error at 8"},
      {"a.b in (a b)", "error at 10"},
      {"a.b in (tolower(x.y))", "error at 15"},
      {"a.b in a, b", "error at 8"},
      {"a.b in foo-bar", "error at 10"},
      {"a.b in", "error at 6"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parsed(c.text) == c.want);
  }
}

TEST_CASE("a modifier's word is a modifier only before a list") {
  const Case cases[] = {
      {"p.n = oneof", "p.n = oneof"},
      {"p.n == anyof and a", "(p.n = anyof and a)"},
      {"p.n = anyof (a, b)", "p.n = anyof (a, b)"},
      {"p.n = allof lst", "p.n = allof (lst)"},
      {"p.n =anyof (a)", "error at 11"},
      {"p.n = anyof(a)", "error at 11"},
      {"p.n contains oneof (a, a)", "p.n contains oneof (a, a)"},
      {"p.n in oneof (a)", "error at 13"},
      {"p.n > oneof (1)", "error at 6"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parsed(c.text) == c.want);
  }
}

TEST_CASE("quotes and escapes") {
  CHECK(parse_condition("a.b = \"x\\x41\\n\\\"'\"").expr.right.text == "xA\n\"'");
  CHECK(parse_condition("a.b = 'x\\'\"'").expr.right.text == "x'\"");
  CHECK(parse_condition("a.b = \"a\\ b\"").expr.right.text == "a\\b");
  CHECK(parse_condition("a.b = \"\"").expr.right.text.empty());
  CHECK(parse_condition("a.b = a\\nb").expr.right.text == "a\\nb");
  CHECK(parsed("a.b = \"\\'\"") == "error at 7");
  CHECK(parsed("a.b = \"\\x4\"") == "error at 7");
  CHECK(parsed("a.b = \"\\q\"") == "error at 7");
  // Even a doubled backslash directly before the quote escapes it.
  CHECK(parsed("a.b = \"c\\\\\"") == "error at 6");
  CHECK(parse_condition("a.b = \"c\\\\\" x\"").expr.right.text == "c\\\" x");
}

TEST_CASE("field arguments") {
  CHECK(parse_condition("a.b[1] = x").expr.left.arg == "1");
  CHECK(parse_condition("a.b[/a b] = x").error.has_value());
  CHECK(parse_condition("a.b[\"a b\"] = x").expr.left.arg == "a b");
  CHECK(parse_condition("a.b[\"\"] = x").expr.left.has_arg);
  CHECK(parsed("a.b[] = x") == "error at 4");
  CHECK(parsed("a.b[ 1] = x") == "error at 4");
  CHECK(parsed("a.b[1 = x") == "error at 5");
  CHECK(parsed("a.b [1] = x") == "error at 4");
}

TEST_CASE("transformers") {
  const Case cases[] = {
      {"tolower(p.n) = x", "tolower(p.n) = x"},
      {"tolower (p.n) = x", "error at 8"},
      {"tolower( toupper( p.n ) ) = x", "tolower(toupper(p.n)) = x"},
      {"join(\",\", (p.n, \"x y\", 5)) = x", "join(\",\",(p.n, \"x y\", 5)) = x"},
      {"getopt((p.n), \"ab:\")[b] = x", "getopt((p.n),\"ab:\")[b] = x"},
      {"concat(p.n,\"-\", 0x1f) = x", "concat(p.n,\"-\",0x1f) = x"},
      {"p.n = len", "p.n = len"},
      {"p.n = len(p.m)", "p.n = len(p.m)"},
      {"len(abc) = 1", "error at 4"},
      {"len() = 1", "error at 4"},
      {"join(\",\", ((p.n))) = x", "error at 11"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parsed(c.text) == c.want);
  }
}

TEST_CASE("the depth limit counts five levels per parenthesis and applies to every way to nest") {
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "a" + std::string(n, ')'); };
  CHECK(parsed(nested(199)) == "a");
  CHECK(parse_condition(nested(200)).error.has_value());
  const ParsedCondition flood = parse_condition(std::string(100000, '('));
  REQUIRE(flood.error);
  CHECK(flood.error->message.find("nested too deeply") != std::string::npos);
  std::string calls, nots;
  for (int i = 0; i < 100000; ++i) {
    calls += "tolower(";
    nots += "not(";
  }
  CHECK(parse_condition(calls).error.has_value());
  CHECK(parse_condition(nots).error.has_value());
  std::string flat = "a";
  for (int i = 0; i < 100000; ++i) flat += " or a";
  CHECK(parse_condition(flat).expr.children.size() == 100001);
}

TEST_CASE("printed text parses into the same tree") {
  const char* const texts[] = {
      "a.b = \"x y\" and not (c or d.e in (\"\", \"(\", \"a,b\", \"back\\x5c\", \"q\\\"\"))",
      "a.b[\"x]y\"] contains 'it\\'s' or join(\"a\\x00b\", (x.y, \"z\")) != val(k.l[7])",
      "a.b regex \"\\\\.so$\" and a.c = \"\xc3\xa9\xff\"",
  };
  for (const char* text : texts) {
    CAPTURE(text);
    const ParsedCondition first = parse_condition(text);
    REQUIRE(!first.error);
    const ParsedCondition second = parse_condition(print(first.expr));
    CAPTURE(print(first.expr));
    REQUIRE(!second.error);
    CHECK(same(first.expr, second.expr));
  }
}

}  // namespace
}  // namespace saker::lang
