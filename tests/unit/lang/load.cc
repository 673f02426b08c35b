// SPDX-License-Identifier: Apache-2.0
// Files, items and keys: what is accepted, what is refused, and the place in the message.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "loaded.h"

namespace saker::lang {
namespace {

TEST_CASE("a rule with every key") {
  const RuleSet set =
      loaded({"- rule: all keys\n"
              "  desc: what it does\n"
              "  condition: evt.type = open and fd.name startswith /etc\n"
              "  output: \"  opened %fd.name \"\n"
              "  priority: info\n"
              "  source: syscall\n"
              "  enabled: no\n"
              "  tags: [b, a, b]\n"
              "  warn_evttypes: Off\n"
              "  skip-if-unknown-filter: True\n"
              "  capture: y\n"
              "  capture_duration: 2500\n"});
  CHECK(codes(set) == "");
  REQUIRE(set.rules.size() == 1);
  const Rule& rule = set.rules[0];
  CHECK(rule.desc == "what it does");
  CHECK(print(rule.expr) == "(evt.type = open and fd.name startswith /etc)");
  CHECK(rule.output.text == "opened %fd.name");
  CHECK(rule.priority == Priority::informational);
  CHECK_FALSE(rule.enabled);
  CHECK(rule.tags == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(rule.warn_evttypes);
  CHECK(rule.skip_if_unknown_filter);
  CHECK(rule.capture);
  CHECK(rule.capture_duration_ms == 2500);
  CHECK(kinds_of(rule.events) == KindSet().set(10));
}

TEST_CASE("every error of a file is reported at its place") {
  const RuleSet set =
      loaded({"- rule: one\n"
              "  condition: evt.type = opne\n"
              "  output: o %proc.nmae\n"
              "  priority: loud\n"
              "- macro: m\n"
              "- list: l\n"
              "  items: text\n"
              "- rule: two\n"
              "  desc: d\n"
              "  condition: proc.name = a and nosuch and proc.pid = x\n"
              "  output: o\n"
              "  priority: debug\n"
              "  extra: 1\n"
              "- rule: three\n"
              "  desc: d\n"
              "  condition: |\n"
              "    proc.name = a and\n"
              "    proc.pid = x and (proc.name\n"
              "  output: \"%fd.nam\"\n"
              "  priority: debug\n"
              "- 5\n"
              "- nothing: known\n"});
  CHECK(codes(set) ==
        "f0.yaml:1:3 LOAD_ERR_YAML_VALIDATE\n"  // no desc
        // unknown event, reported although the rule has another error
        "f0.yaml:2:25 LOAD_ERR_COMPILE_CONDITION\n"
        "f0.yaml:3:14 LOAD_ERR_COMPILE_OUTPUT\n"      // unknown field
        "f0.yaml:4:13 LOAD_ERR_YAML_VALIDATE\n"       // priority
        "f0.yaml:5:3 LOAD_ERR_YAML_VALIDATE\n"        // macro without condition
        "f0.yaml:7:10 LOAD_ERR_YAML_VALIDATE\n"       // items
        "f0.yaml:10:32 LOAD_ERR_VALIDATE\n"           // undefined macro
        "f0.yaml:10:54 LOAD_ERR_COMPILE_CONDITION\n"  // and next to it a value that is not a number
        "f0.yaml:18:32 LOAD_ERR_COMPILE_CONDITION\n"  // parenthesis
        "f0.yaml:19:13 LOAD_ERR_COMPILE_OUTPUT\n"
        "f0.yaml:21:3 LOAD_ERR_YAML_VALIDATE\n"  // not a map
        "f0.yaml:13:3 LOAD_UNKNOWN_KEY\n"
        "f0.yaml:22:3 LOAD_UNKNOWN_ITEM\n");
  CHECK(set.rules.empty());
}

TEST_CASE("positions in folded, quoted and plain conditions") {
  struct Case {
    const char *condition, *place;
  };
  const Case cases[] = {
      {"proc.name = a and proc.nam = b", "2:32"},
      {"\"proc.name = a and \\x70roc.nam = b\"", "2:33"},
      {"'proc.name = ''a'' and proc.nam = b'", "2:37"},
      {">\n    proc.name = a\n    and proc.nam = b", "4:9"},
      {"|-\n    proc.name = a\n\n    and proc.nam = b", "5:9"},
      {"proc.name = a\n    and\n    proc.nam = b", "4:5"},
      {"&anchor !!str\n    proc.nam = b", "3:5"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.condition);
    CHECK(codes(loaded({rule(c.condition)})) ==
          std::string("f0.yaml:") + c.place + " LOAD_ERR_COMPILE_CONDITION\n");
  }
}

TEST_CASE("a rendered diagnostic shows the line, a caret and a hint") {
  const RuleSet set = loaded({rule("proc.nam = x")});
  REQUIRE(set.diagnostics().size() == 1);
  CHECK(render(set.diagnostics()[0]) ==
        "f0.yaml:2:14: error: nonexistent field 'proc.nam' [LOAD_ERR_COMPILE_CONDITION]\n"
        "  2 |   condition: proc.nam = x\n"
        "    |              ^\n"
        "  hint: did you mean 'proc.name'?\n");
  CHECK(render(set.diagnostics()[0], true).find("\033[1;31merror:") != std::string::npos);
}

TEST_CASE("documents and entries that are not rules") {
  CHECK(codes(loaded({""})) == "");
  CHECK(codes(loaded({"---\n---\n# nothing\n---\n- \n"})) == "");
  CHECK(codes(loaded({"just text"})) == "f0.yaml:1:1 LOAD_ERR_YAML_VALIDATE\n");
  CHECK(codes(loaded({"rule: r\n"})) == "f0.yaml:1:1 LOAD_ERR_YAML_VALIDATE\n");
  CHECK(errors(loaded({"- rule: [\n"})) == "LOAD_ERR_YAML_PARSE");
  CHECK(errors(loaded({"a: b: c"})) == "LOAD_ERR_YAML_PARSE");
  for (const char* stray : {", a", "]", "}", "- a\n---\n, b"})
    CHECK(errors(loaded({stray})).find("LOAD_ERR_YAML_PARSE") != std::string::npos);
  // Entries before the broken place are still used.
  const RuleSet set = loaded({rule("evt.type = open") + "---\n- list: {"});
  CHECK(errors(set) == "LOAD_ERR_YAML_PARSE");
  CHECK(set.rules.size() == 1);
  CHECK(loaded({rule("evt.type = open") + "---\n- list: l\n  items: []\n"}).ok());
}

TEST_CASE("scalars: required, empty, null, wrong shape") {
  for (const char* value : {"", "~", "[a]", "{a: b}", "\"\""}) {
    CAPTURE(value);
    CHECK(errors(loaded({"- macro: m\n  condition: " + std::string(value) + "\n"})) ==
          "LOAD_ERR_YAML_VALIDATE");
  }
  CHECK(errors(loaded({rule("evt.type = open", "  enabled: maybe\n")})) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(loaded({rule("evt.type = open", "  capture_duration: -1\n")})) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(loaded({rule("evt.type = open", "  tags: one\n")})) == "LOAD_ERR_YAML_VALIDATE");
  CHECK(loaded({rule("evt.type = open", "  enabled: \"ON\"\n")}).ok());
}

TEST_CASE("priorities in any case") {
  CHECK(parse_priority("EMERGENCY") == Priority::emergency);
  CHECK(parse_priority("Info") == Priority::informational);
  CHECK(priority_name(*parse_priority("informational")) == "Informational");
  CHECK_FALSE(parse_priority("fatal"));
}

TEST_CASE("engine and plugin versions") {
  CHECK(loaded({"- required_engine_version: 63\n"}).ok());
  CHECK(loaded({"- required_engine_version: 0.26.0\n"}).required_engine_version == "0.26.0");
  CHECK(loaded({"- required_engine_version: 10\n- required_engine_version: 0.5.0\n"})
            .required_engine_version == "0.10.0");
  CHECK(errors(loaded({"- required_engine_version: 64\n"})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({"- required_engine_version: 1.0.0\n"})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({"- required_engine_version: new\n"})) == "LOAD_ERR_YAML_VALIDATE");
  const auto plugin = [](const std::string& text) {
    return errors(loaded({"- required_plugin_versions:\n" + text}));
  };
  CHECK(plugin("  - {name: container, version: 0.4.0}\n") == "");
  CHECK(plugin("  - {name: container, version: 9.0.0}\n") == "LOAD_ERR_VALIDATE");
  CHECK(plugin("  - {name: k8saudit, version: 0.4.0}\n") == "LOAD_ERR_VALIDATE");
  CHECK(plugin("  - {name: k8saudit, version: 0.4.0, alternatives: [{name: container, version: "
               "0.1.0}]}\n") == "");
  CHECK(plugin("  - {name: container, version: zero}\n") == "LOAD_ERR_VALIDATE");
  CHECK(plugin("  - {name: container}\n") == "LOAD_ERR_YAML_VALIDATE");
  CHECK(plugin("  - {name: a, version: 0.4.0, alternatives: [{name: a, version: 0.1.0}]}\n")
            .substr(0, 17) == "LOAD_ERR_VALIDATE");
}

TEST_CASE("a file must be correct together with those before it") {
  const std::string uses = rule("evt.type = open and m"),
                    defines = "- macro: m\n  condition: proc.name = x\n";
  CHECK(loaded({defines, uses}).ok());
  const RuleSet set = loaded({uses, defines});
  CHECK(codes(set).find("f0.yaml:2:34 LOAD_ERR_VALIDATE") == 0);
  CHECK(set.files[1].ok());
}

TEST_CASE("files and directories on disk") {
  namespace fs = std::filesystem;
  const fs::path dir = fs::temp_directory_path() / ("saker-lang-" + std::to_string(::getpid()));
  fs::create_directories(dir / "sub.yaml");
  std::ofstream(dir / "b.yaml") << "- rule: b\n  condition: evt.type = open and m\n  output: o\n  "
                                   "desc: d\n  priority: info\n";
  std::ofstream(dir / "a.yml") << "- macro: m\n  condition: proc.name = x\n";
  std::ofstream(dir / "c.txt") << "not a rule file";
  const std::string path = dir.string(), missing = (dir / "none.yaml").string();
  CHECK(load_rules(std::vector<std::string>{path}).rules.size() == 1);
  const RuleSet set = load_rules(std::vector<std::string>{missing});
  CHECK(errors(set) == "LOAD_ERR_FILE_READ");
  CHECK(render(set.diagnostics()[0]).find(missing + ": error: cannot read") == 0);
  fs::remove_all(dir);
}

TEST_CASE("selection by priority, name and tag, in order") {
  const auto enabled = [](LoadOptions options) {
    const RuleSet set =
        loaded({"- {rule: a one, condition: evt.type = open, output: o, desc: d, priority: error, "
                "tags: [t]}\n"
                "- {rule: a two, condition: evt.type = open, output: o, desc: d, priority: debug}\n"
                "- {rule: b, condition: evt.type = open, output: o, desc: d, priority: info, "
                "enabled: false}\n"},
               options);
    std::string on;
    for (const Rule& rule : set.rules) on += rule.enabled ? rule.name + ";" : "";
    return on;
  };
  CHECK(enabled({}) == "a one;a two;");
  LoadOptions options;
  options.threshold = Priority::warning;
  CHECK(enabled(options) == "a one;");
  options.threshold = Priority::debug;
  options.selection = {{false, "*", ""}, {true, "", "t"}};
  CHECK(enabled(options) == "a one;");
  options.selection = {{false, "a*", ""}, {true, "*o", ""}, {true, "b", ""}};
  CHECK(enabled(options) == "a two;b;");
  options.selection = {{false, "*n*", ""}};
  CHECK(enabled(options) == "a two;");
}

TEST_CASE("append_output and static fields") {
  LoadOptions options;
  options.static_fields["site"] = "north";
  AppendOutput all;
  all.extra_output = "user=%user.name";
  all.extra_fields = {{"proc.pid", ""}, {"who", "%user.name@%static.site"}};
  AppendOutput tagged;
  tagged.match_tags = {"t"};
  tagged.suggested_output = true;
  options.append_output = {all, tagged};
  const RuleSet set = loaded({rule("evt.type = open")}, options);
  REQUIRE(set.ok());
  CHECK(set.rules[0].output.text == "o user=%user.name");
  REQUIRE(set.rules[0].extra_fields.size() == 2);
  CHECK(set.rules[0].extra_fields[0].raw);
  CHECK(set.rules[0].extra_fields[1].format.tokens.size() == 3);
  const RuleSet with_tag = loaded({rule("evt.type = open", "  tags: [t]\n")}, options);
  CHECK(with_tag.rules[0].output.text ==
        "o user=%user.name container_id=%container.id container_name=%container.name "
        "container_image_repository=%container.image.repository "
        "container_image_tag=%container.image.tag "
        "k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name static_site=%static.site");
  options.append_output[0].extra_fields[0].key = "proc.pidd";
  CHECK(errors(loaded({rule("evt.type = open")}, options)) == "LOAD_ERR_COMPILE_OUTPUT");
}

TEST_CASE("syntax only: names are not looked up") {
  LoadOptions options;
  options.syntax_only = true;
  CHECK(loaded({rule("my.field = x and some_macro")}, options).ok());
  CHECK(errors(loaded({rule("my.field = x and")}, options)) == "LOAD_ERR_COMPILE_CONDITION");
}

// An error that a later file causes in an earlier one is reported, even if another file fixes it.
TEST_CASE("a file must be correct without those after it") {
  const std::string breaks = "- {list: l, items: ['\"']}\n", mends = "- {list: l, items: [b]}\n";
  for (const std::string& user :
       {rule("proc.name in (a, l)"), "- {macro: m, condition: proc.name = l}\n" + rule("not (m)"),
        "- {list: k, items: [a]}\n" + rule("proc.name in (k)") +
            "- {list: k, append: true, items: [l]}\n",
        rule("proc.name = a", "  exceptions: [{name: e, fields: proc.name, values: [l]}]\n")}) {
    CAPTURE(user);
    CHECK(errors(loaded({user, mends})) == "");
    CHECK(errors(loaded({user, breaks})) == "LOAD_ERR_COMPILE_CONDITION");
    CHECK(errors(loaded({user, breaks, mends})) == "LOAD_ERR_COMPILE_CONDITION");
  }
  const std::string macro = "- {macro: m, condition: proc.name = a}\n",
                    loop = "- {macro: m, condition: not m}\n", other = rule("proc.name = a");
  CHECK(errors(loaded({macro + rule("m"), loop, macro})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({macro, rule("m"), loop, macro})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({macro, rule("m"), other, macro})) == "");
  // The same for rules of an earlier file to which a later one appends.
  const std::string appends = "- {rule: r, append: true, condition: 'and m'}\n";
  CHECK(errors(loaded({other, appends, macro})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({macro + other, appends, macro})) == "");
}

}  // namespace
}  // namespace saker::lang
