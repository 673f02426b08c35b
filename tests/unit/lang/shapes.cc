// SPDX-License-Identifier: Apache-2.0
// Which forms of entries load, and with which code others are refused: overrides, versions,
// exceptions.
#include <doctest/doctest.h>

#include "loaded.h"

namespace saker::lang {
namespace {

struct Shape {
  const char *text, *codes;  // of errors and warnings, in order
};

std::string all_codes(const RuleSet& set) {
  std::string text;
  for (const Diagnostic& diagnostic : set.diagnostics())
    text += (text.empty() ? "" : " ") + std::string(code_name(diagnostic.code)).substr(5);
  return text;
}

std::string with_exception(const std::string& body, const std::string& more = {}) {
  return rule("evt.type = open", "  exceptions:\n    - name: e\n" + body) + more;
}

// Appends to the rule's exceptions, or replaces them.
std::string changed(const std::string& body, const std::string& operation = "append") {
  return "- rule: r\n  exceptions:\n" + body + "  override: {exceptions: " + operation + "}\n";
}

TEST_CASE("an empty override has no effect") {
  CHECK(all_codes(loaded({rule("evt.type = open", "  override: {}\n")})) == "");
  CHECK(all_codes(loaded({rule("evt.type = open", "  override:\n")})) == "");
  CHECK(all_codes(loaded({rule("evt.type = open", "  override: append\n")})) ==
        "ERR_YAML_VALIDATE");
  CHECK(all_codes(loaded({"- rule: r\n  condition: evt.type = open\n  desc: d\n  priority: INFO\n"
                          "  override: {}\n"})) == "ERR_YAML_VALIDATE");
  CHECK(all_codes(loaded({"- list: l\n  items: [a]\n- list: l\n  override: {items: append}\n"})) ==
        "ERR_YAML_VALIDATE");
  CHECK(all_codes(loaded({"- macro: m\n  condition: proc.name = a\n"
                          "- macro: m\n  override: {condition: append}\n"})) ==
        "ERR_YAML_VALIDATE");
}

TEST_CASE("overrides that a key does not allow") {
  const std::string base = rule("evt.type = open");
  for (const char* key :
       {"priority: INFO", "enabled: no", "warn_evttypes: no", "capture: yes", "capture_duration: 5",
        "skip-if-unknown-filter: yes", "source: syscall"}) {
    const std::string name = std::string(key).substr(0, std::string(key).find(':'));
    CAPTURE(key);
    CHECK(all_codes(loaded({base + "- rule: r\n  " + key + "\n  override: {" + name +
                            ": append}\n"})) == "ERR_YAML_VALIDATE");
    CHECK(all_codes(loaded({base + "- rule: r\n  " + key + "\n  override: {" + name +
                            ": replace}\n"})) == (name == "source" ? "ERR_YAML_VALIDATE" : ""));
  }
}

TEST_CASE("versions: three numbers, or one in any base") {
  for (const Shape& shape : {Shape{"10", ""},
                             {"0x10", ""},
                             {"010", ""},
                             {"+5", ""},
                             {"63", ""},
                             {"64", "ERR_VALIDATE"},
                             {"0.63.0", ""},
                             {"0.63.1", "ERR_VALIDATE"},
                             {"1.0.0", "ERR_VALIDATE"},
                             {"0.26.0-rc1", ""},
                             {"0.1.2.3", ""},
                             {"1.2.3.4", "ERR_VALIDATE"},
                             {"0.26", "ERR_YAML_VALIDATE"},
                             {"-1", "ERR_YAML_VALIDATE"},
                             {"x", "ERR_YAML_VALIDATE"}}) {
    CAPTURE(shape.text);
    CHECK(all_codes(loaded({"- required_engine_version: " + std::string(shape.text) + "\n"})) ==
          shape.codes);
  }
  CHECK(all_codes(loaded({rule("evt.type = open", "  capture_duration: 0x10\n")})) == "");
}

TEST_CASE("exceptions: empty and missing values") {
  for (const Shape& shape :
       {Shape{"      values: [a]\n", "ERR_YAML_VALIDATE"},
        {"      fields:\n", "ERR_VALIDATE"},
        {"      fields: []\n      values: []\n", "ERR_VALIDATE"},
        {"      fields: \"\"\n", "ERR_YAML_VALIDATE"},
        {"      fields: proc.name\n      comps:\n      values: [a]\n", ""},
        {"      fields: [proc.name]\n      comps: []\n      values: [[a]]\n", ""},
        {"      fields: proc.name\n      values:\n", "ERR_YAML_VALIDATE"},
        {"      fields: proc.name\n      values: []\n", ""},
        {"      fields: proc.name\n      values: [\"\"]\n", "ERR_YAML_VALIDATE"},
        {"      fields: proc.name\n      values: ['\"\"']\n", ""},
        {"      fields: [proc.name]\n      values: [[\"\"]]\n", "ERR_YAML_VALIDATE"},
        {"      fields: [proc.name]\n      values: [[[a, \"\"]]]\n", "ERR_YAML_VALIDATE"}}) {
    CAPTURE(shape.text);
    CHECK(all_codes(loaded({with_exception(shape.text)})) == shape.codes);
  }
}

TEST_CASE("exceptions: fields are checked, with or without values") {
  for (const Shape& shape : {Shape{"[proc.nope]", "ERR_VALIDATE"},
                             {"proc.nope", "ERR_VALIDATE"},
                             {"proc.name[1]", "ERR_VALIDATE"},
                             {"tolower(proc.pid)", "ERR_VALIDATE"},
                             {"tolower(proc.name)", ""},
                             {"[\"proc.aname[2]\", \"proc.env[X]\"]", ""}}) {
    CAPTURE(shape.text);
    const std::string fields = "      fields: " + std::string(shape.text) + "\n";
    CHECK(all_codes(loaded({with_exception(fields)})) == shape.codes);
    CHECK(all_codes(loaded({with_exception(fields) + "  skip-if-unknown-filter: true\n"})) ==
          shape.codes);
  }
  const std::string unknown = "      fields: proc.nope\n      values: [a]\n";
  CHECK(all_codes(loaded({with_exception(unknown) + "  source: k8s_audit\n"})) == "UNKNOWN_SOURCE");
  LoadOptions options;
  options.syntax_only = true;
  CHECK(all_codes(loaded({with_exception(unknown)}, options)) == "");
  const RuleSet set = loaded({with_exception("      fields: proc.nmae\n")});
  REQUIRE(set.diagnostics().size() == 1);
  CHECK(set.diagnostics()[0].hint == "did you mean 'proc.name'?");
}

TEST_CASE("exceptions changed later") {
  const std::string fields = "      fields: [proc.name, fd.name]\n";
  for (const Shape& shape :
       {Shape{"    - name: e\n      values: [[a, b]]\n", ""},
        {"    - name: e\n      fields:\n      values: [[a, b]]\n", ""},
        {"    - name: e\n      fields: [proc.name, fd.name]\n      values: [[a, b]]\n",
         "ERR_VALIDATE"},
        {"    - name: e\n      comps: [=, =]\n      values: [[a, b]]\n", "ERR_VALIDATE"},
        {"    - name: e\n      values: [[a]]\n", "ERR_VALIDATE"},
        {"    - name: e\n", "APPEND_NO_VALUES"},
        {"    - name: f\n      fields: proc.name\n      values: [a]\n", ""},
        {"    - name: f\n      fields: proc.name\n      values: []\n", "ERR_VALIDATE"},
        {"    - name: f\n      fields: proc.name\n", "ERR_VALIDATE APPEND_NO_VALUES"},
        {"    - name: f\n      values: [a]\n", "ERR_VALIDATE"}}) {
    CAPTURE(shape.text);
    CHECK(all_codes(loaded({with_exception(fields, changed(shape.text))})) == shape.codes);
  }
  CHECK(all_codes(loaded({with_exception(
            fields, "- rule: r\n  exceptions:\n  override: {exceptions: replace}\n")})) == "");
  CHECK(condition_of(loaded({with_exception(
            "      fields: proc.name\n      values: [a]\n",
            changed("    - name: g\n      fields: fd.name\n      values: [b]\n", "replace"))})) ==
        "(evt.type = open and not fd.name in (b))");
}

}  // namespace
}  // namespace saker::lang
