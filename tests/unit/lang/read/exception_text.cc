// SPDX-License-Identifier: Apache-2.0
// A written exception is read back with the same meaning, whatever its values are.
#include "lang/read/exception_text.h"

#include <doctest/doctest.h>

#include "../loaded.h"

namespace saker::lang {
namespace {

// The right sides of the exception's comparisons, as they are compared.
std::vector<std::string> read_back(const NewException& exception) {
  RuleSet set = loaded({rule("evt.type = open"), exception_yaml(exception)});
  REQUIRE_MESSAGE(errors(set) == "", exception_yaml(exception));
  std::vector<std::string> values;
  const Expr* expr = &find_rule(set, "r")->expr;
  REQUIRE(expr->kind == Expr::Kind::all);
  const Expr& inner = expr->children.back().children.at(0);
  for (const Expr& check :
       inner.kind == Expr::Kind::check ? std::vector<Expr>{inner} : inner.children) {
    if (check.right.kind != Operand::Kind::list) values.push_back(check.right.text);
    for (const Operand& item : check.right.items) values.push_back(item.text);
  }
  return values;
}

}  // namespace

TEST_CASE("an exception's values are read back unchanged") {
  for (std::string value :
       {"cat",      "/usr/bin/cat", "a b",       "",          "it's", "say \"x\"", "a\\b", "back\\",
        "(x)",      "a,b",          "x=y",       "true",      "007",  "-",         "[a]",  "{b}",
        "#c",       "caf\xc3\xa9",  "tab\there", "line\nend", "*.so", "%x",        "a: b", "- a",
        "'quoted'", "\"quoted\"",   "val(x)",    "~"}) {
    CAPTURE(value);
    CHECK(
        read_back({"r", "e", {"proc.name", "fd.name"}, {"=", "in"}, {{{value}, {"/x", value}}}}) ==
        std::vector<std::string>{value, "/x", value});
  }
}

TEST_CASE("an exception in the proposed form") {
  CHECK(
      exception_yaml({"My rule",
                      "known",
                      {"proc.exepath", "fd.name"},
                      {"=", "pmatch"},
                      {{{"/usr/bin/a b"}, {"/var/x"}}}}) ==
      "- rule: 'My rule'\n  exceptions:\n    - name: known\n      fields: [proc.exepath, fd.name]\n"
      "      comps: ['=', pmatch]\n      values:\n        - ['\"/usr/bin/a b\"', [/var/x]]\n"
      "  override:\n    exceptions: append\n");
}

TEST_CASE("values that a rule file cannot contain are recognised") {
  CHECK(writable("caf\xc3\xa9"));
  CHECK_FALSE(writable("\xff"));
  CHECK_FALSE(writable("\xc3"));
}

}  // namespace saker::lang
