// SPDX-License-Identifier: Apache-2.0
// Lists, macros, exceptions, append and override, and the events for which a condition can be true.
#include <doctest/doctest.h>

#include "../loaded.h"

namespace saker::lang {
namespace {

std::string list(const std::string& name, const std::string& items, const std::string& more = {}) {
  return "- list: " + name + "\n  items: [" + items + "]\n" + more;
}

std::string macro(const std::string& name, const std::string& condition,
                  const std::string& more = {}) {
  return "- macro: " + name + "\n  condition: " + condition + "\n" + more;
}

TEST_CASE("lists replace their names as text") {
  const std::string lists = list("l", "a, \"b c\", d") + list("none", "") + list("one", "x");
  const auto with = [&](const std::string& condition) {
    return condition_of(loaded({lists + rule(condition)}));
  };
  CHECK(with("proc.name in (l)") == "proc.name in (a, \"b c\", d)");
  CHECK(with("proc.name in (z, l ,y)") == "proc.name in (z, a, \"b c\", d, y)");
  CHECK(with("proc.name in (z, none)") == "proc.name in (z)");
  CHECK(with("proc.name in (none, z)") == "proc.name in (z)");
  CHECK(with("proc.name in (none)") == "proc.name in ()");
  CHECK(with("proc.name in one") == "proc.name in (x)");
  CHECK(with("proc.name in l") == "LOAD_ERR_COMPILE_CONDITION");
  CHECK(with("proc.name = one") == "proc.name = x");
  CHECK(with("proc.name=one") == "proc.name = x");
  CHECK(with("proc.name = oneself") == "proc.name = oneself");
  // Quotes are not delimiters, but spaces inside them are.
  CHECK(with("proc.name = \"one\"") == "proc.name = one");
  CHECK(with("proc.name = \"say one thing\"") == "proc.name = \"say x thing\"");
  CHECK(with("proc.name = anyof one") == "proc.name = anyof (x)");
}

TEST_CASE("nested lists: inner ones first, one level, and later ones") {
  const std::string condition = rule("proc.name in (c)");
  CHECK(condition_of(loaded({list("a", "x") + list("b", "a, y") + list("c", "b, z") +
                             condition})) == "proc.name in (a, y, z)");
  CHECK(condition_of(loaded({list("a", "x") + list("c", "a, z") + condition})) ==
        "proc.name in (x, z)");
  // b is defined after c, so it is inserted when the text is walked.
  CHECK(condition_of(loaded({list("c", "b, z") + list("b", "y") + condition})) ==
        "proc.name in (y, z)");
  CHECK(loaded({list("a", "b") + list("b", "a") + rule("proc.name in (a)")}).ok());
}

TEST_CASE("macros are inserted as trees and see earlier definitions") {
  CHECK(condition_of(loaded(
            {macro("m", "proc.name = a or proc.name = b") + rule("not m and evt.type = open")})) ==
        "(not (proc.name = a or proc.name = b) and evt.type = open)");
  CHECK(condition_of(loaded({macro("m", "n") + macro("n", "proc.name = a") + rule("m")})) ==
        "LOAD_ERR_VALIDATE");
  // After an append, m can use definitions made in between.
  CHECK(condition_of(loaded({macro("m", "proc.name = b") + macro("n", "proc.name = a") +
                             macro("m", "or n", "  override: {condition: append}\n") +
                             rule("m")})) == "(proc.name = b or proc.name = a)");
  CHECK(errors(loaded({macro("m", "proc.name = b") +
                       macro("m", "or m", "  override: {condition: append}\n") + rule("m")})) ==
        "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded({rule("nosuch and evt.type = open")})) == "LOAD_ERR_VALIDATE");
  // An unused macro may name unknown fields; its syntax must be valid.
  CHECK(loaded({macro("m", "no.such = 1")}).ok());
  CHECK(errors(loaded({macro("m", "no.such = ")})) == "LOAD_ERR_COMPILE_CONDITION");
  // One error in a macro is reported once, however many rules use it.
  CHECK(errors(loaded({macro("m", "no.such = 1") + rule("m") +
                       "- {rule: s, condition: m, output: o, desc: d, priority: info}\n"})) ==
        "LOAD_ERR_COMPILE_CONDITION");
}

TEST_CASE("redefinition replaces and keeps its place") {
  const std::string second =
      "- {rule: s, condition: evt.type = open, output: o, desc: d, priority: info}\n";
  const RuleSet set = loaded({rule("evt.type = open") + second + rule("evt.type = creat")});
  REQUIRE(set.rules.size() == 2);
  CHECK(set.rules[0].name == "r");
  CHECK(print(set.rules[0].expr) == "evt.type = creat");
  CHECK(condition_of(loaded({list("l", "a") + list("l", "b") + rule("proc.name in (l)")})) ==
        "proc.name in (b)");
  CHECK(condition_of(loaded({macro("m", "proc.name = a") + macro("m", "proc.name = b") +
                             rule("m")})) == "proc.name = b");
}

TEST_CASE("append: true, the old way") {
  const RuleSet lists = loaded({list("l", "a") + list("l", "b", "  append: true\n") +
                                rule("evt.type = open and proc.name in (l)")});
  CHECK(condition_of(lists) == "(evt.type = open and proc.name in (a, b))");
  CHECK(has_code(lists, Code::deprecated_item));
  CHECK(condition_of(loaded({macro("m", "proc.name = a") +
                             macro("m", "or proc.name = b", "  append: true\n") + rule("m")})) ==
        "(proc.name = a or proc.name = b)");
  const RuleSet rules =
      loaded({rule("evt.type = open") +
              "- rule: r\n  append: true\n  enabled: false\n  condition: and proc.name = x\n"});
  CHECK(condition_of(rules) == "(evt.type = open and proc.name = x)");
  CHECK(rules.rules[0].enabled);
  CHECK(errors(loaded({rule("evt.type = open") + "- rule: r\n  append: true\n  desc: more\n"})) ==
        "LOAD_ERR_VALIDATE");
  for (const char* orphan :
       {"- list: l\n  items: [a]\n  append: true\n", "- macro: m\n  condition: a\n  append: true\n",
        "- rule: r\n  condition: a\n  append: true\n", "- rule: r\n  enabled: false\n"})
    CHECK(errors(loaded({orphan})) == "LOAD_ERR_VALIDATE");
  CHECK(errors(loaded(
            {list("l", "a") + list("l", "b", "  append: true\n  override: {items: append}\n")})) ==
        "LOAD_ERR_YAML_VALIDATE");
}

TEST_CASE("override") {
  const auto with = [](const std::string& change) {
    return loaded({rule("evt.type = open", "  tags: [t]\n") + "- rule: r\n" + change});
  };
  const RuleSet set = with(
      "  condition: and proc.name = x\n  output: new\n  desc: more\n  tags: [u, s]\n  priority: "
      "error\n"
      "  enabled: false\n  override: {condition: append, output: replace, desc: append, tags: "
      "append,"
      " priority: replace, enabled: replace}\n");
  CHECK(codes(set) == "");
  CHECK(condition_of(set) == "(evt.type = open and proc.name = x)");
  const Rule& rule = set.rules[0];
  CHECK(rule.output.text == "new");
  CHECK(rule.desc == "d more");
  CHECK(rule.tags == std::vector<std::string>{"s", "t", "u"});
  CHECK(rule.priority == Priority::error);
  CHECK_FALSE(rule.enabled);
  CHECK(errors(with("  priority: error\n  override: {priority: append}\n")) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(with("  priority: error\n  override: {priority: swap}\n")) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(
            with("  source: syscall\n  desc: x\n  override: {source: replace, desc: replace}\n")) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(with("  desc: x\n  override: {output: replace, desc: replace}\n")) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(with("  desc: x\n  output: y\n  override: {desc: replace}\n")) ==
        "LOAD_ERR_YAML_VALIDATE");
  CHECK(errors(loaded({"- rule: r\n  desc: x\n  override: {desc: replace}\n"})) ==
        "LOAD_ERR_VALIDATE");
  CHECK(loaded({list("l", "a", "  override: {items: replace}\n")}).ok());
  CHECK(loaded({macro("m", "proc.name = a", "  override: {condition: replace}\n")}).ok());
}

TEST_CASE("the old toggle") {
  const RuleSet set = loaded({rule("evt.type = open") + "- rule: r\n  enabled: false\n"});
  CHECK(codes(set) == "f0.yaml:7:12 LOAD_DEPRECATED_ITEM\n");
  CHECK_FALSE(set.rules[0].enabled);
  CHECK(errors(loaded({rule("evt.type = open") + "- rule: r\n  tags: [a]\n"})) ==
        "LOAD_ERR_YAML_VALIDATE");
}

TEST_CASE("sources") {
  const RuleSet set = loaded({rule("ka.verb = get", "  source: k8s_audit\n")});
  CHECK(set.ok());
  CHECK(set.rules.empty());
  CHECK(has_code(set, Code::unknown_source));
  CHECK(errors(loaded({rule("evt.type = open") +
                       "- rule: r\n  source: other\n  condition: and a\n  append: true\n"})) ==
        "LOAD_ERR_VALIDATE");
  CHECK(loaded({rule("evt.type = open") +
                "- rule: r\n  source: \n  condition: and proc.name = x\n  append: true\n"})
            .ok());
}

TEST_CASE("skip-if-unknown-filter") {
  const std::string skip = "  skip-if-unknown-filter: true\n";
  for (const char* condition : {"no.such = 1", "evt.type = nosuch"}) {
    const RuleSet set = loaded({rule(condition, skip)});
    CHECK(set.ok());
    CHECK(set.rules.empty());
    CHECK(has_code(set, Code::unknown_filter));
  }
  CHECK_FALSE(loaded({rule("proc.name = ", skip)}).ok());
  CHECK_FALSE(loaded({rule("no.such = 1 and nosuchmacro", skip)}).ok());
  // The first error decides.
  CHECK(loaded({rule("no.such = 1 and proc.pid = x", skip)}).ok());
  CHECK_FALSE(loaded({rule("proc.pid = x and no.such = 1", skip)}).ok());
  const std::string macro = "- macro: m\n  condition: no.such = 1\n";
  CHECK(loaded({macro + rule("m and proc.pid = x", skip)}).ok());
  CHECK_FALSE(loaded({macro + rule("proc.pid = x and m", skip)}).ok());
}

TEST_CASE(
    "skip-if-unknown-filter forgives a name that nobody knows, not an argument that is wrong") {
  const std::string skip = "  skip-if-unknown-filter: true\n";
  // All cases in which Falco finds no field, including a built-in field with an argument that it
  // does not take.
  for (const char* condition :
       {"no.such = 1", "proc.namex = a", "proc.name[1] = a", "proc.aname[x] = a", "proc.anamex = a",
        "evt.argsx = a", "evt.abspathx = a", "evt.type.is.nosuch = 1", "static.other = a",
        "jevt.value[/x] = y", "k8smeta.pod.name = a", "k8s.pod.labelsx = a", "tolower(no.such) = a",
        "proc.name = val(no.such)", "evt.type in (open, nosuch)"}) {
    CAPTURE(condition);
    const RuleSet set = loaded({rule(condition, skip)});
    CHECK(set.ok());
    CHECK(set.rules.empty());
    CHECK(has_code(set, Code::unknown_filter));
  }
  for (const char* condition :
       {"k8s.pod.label.role = db", "k8s.pod.label = db", "container.label.app = x",
        "evt.arg.nosuch = db", "evt.rawarg.nosuch = db", "evt.arg = x", "evt.argx = x",
        "evt.arg[x] = a", "evt.rawarg[fd] = 1", "evt.type.is = 1", "thread.cgroup = a",
        "evt.around[x] = 1", "container.name[x] = a"}) {
    CAPTURE(condition);
    CHECK(errors(loaded({rule(condition, skip)})) == "LOAD_ERR_COMPILE_CONDITION");
  }
}

TEST_CASE("an error inside a macro belongs to the rule that uses it") {
  const auto blamed = [](const RuleSet& set) {
    std::string text;
    for (const FileResult& file : set.files)
      for (const Diagnostic& error : file.errors) {
        text += file.name + ": ";
        for (const Location& step : error.context)
          if (!step.item_name.empty()) text += step.item_type + " " + step.item_name + " ";
      }
    return text;
  };
  const std::string macro = "- macro: m\n  condition: ", list = "- list: l\n  items: ";
  const std::string user = macro + "proc.name in (l)\n" + rule("evt.type = open and m");
  const std::string first = list + "[a]\n" + user;
  CHECK(blamed(loaded({macro + "no.such = 1\n" + rule("evt.type = open and m")})) ==
        "f0.yaml: rule r ");
  CHECK(blamed(loaded({macro + "proc.name =\n" + rule("evt.type = open and m")})) ==
        "f0.yaml: macro m ");
  CHECK(blamed(loaded({macro + "no.such = 1\n"})) == "");  // it is unused
  // A later file that breaks an earlier one: the error belongs to the later file, the item is the
  // broken one.
  CHECK(blamed(loaded({first, macro + "no.such = 1\n"})) == "f1.yaml: rule r ");
  CHECK(blamed(loaded({first, macro + "proc.name = (\n"})) == "f1.yaml: macro m ");
  CHECK(blamed(loaded({first, list + "[\"a(\"]\n"})) == "f1.yaml: macro m ");
  CHECK(blamed(loaded({list + "[a]\n" + rule("proc.name in (l)"), list + "[\"a(\"]\n",
                       "- list: x\n  items: []\n"})) == "f1.yaml: rule r ");
  CHECK(blamed(loaded({first, macro + "nosuchmacro\n"})) == "f1.yaml: macro m ");
  // An error that existed before belongs to its own file.
  CHECK(blamed(loaded({rule("no.such = 1"), list + "[a]\n"})) == "f0.yaml: rule r ");
}

TEST_CASE("skip-if-unknown-filter checks the output first") {
  const auto with_output = [](const std::string& output, const std::string& condition) {
    return loaded({"- rule: r\n  condition: " + condition + "\n  output: \"" + output +
                   "\"\n  desc: d\n  priority: INFO\n  skip-if-unknown-filter: true\n"});
  };
  for (const char* output :
       {"%no.such", "100% sure", "%evt.arg.nosuch", "%evt.arg", "%container.label"}) {
    CAPTURE(output);
    for (const char* condition : {"evt.type = open", "proc.pid = x", "proc.name = ("}) {
      const RuleSet set = with_output(output, condition);
      CHECK(set.ok());
      CHECK(set.rules.empty());
      CHECK(has_code(set, Code::unknown_filter));
    }
  }
  CHECK(with_output("%fd.ip", "evt.type = open").rules.size() == 1);
  // A field that a transformer does not accept does not exist for Falco either; an end after a % is
  // invalid syntax.
  CHECK(with_output("%tolower(proc.pid) %no.such", "evt.type = open").ok());
  for (const char* output : {"%", "%5", "100%"})
    CHECK(errors(with_output(output, "evt.type = open")) == "LOAD_ERR_COMPILE_OUTPUT");
}

std::string exceptions(const std::string& text) {
  return condition_of(loaded({rule("proc.name = x", "  exceptions:\n" + text)}));
}

TEST_CASE("exceptions become part of the condition") {
  CHECK(exceptions("  - {name: e, fields: proc.pname, values: [a, b c]}\n") ==
        "(proc.name = x and not proc.pname in (a, \"b c\"))");
  CHECK(exceptions(
            "  - {name: e, fields: proc.exepath, comps: startswith anyof, values: [/usr]}\n") ==
        "(proc.name = x and not proc.exepath startswith anyof (/usr))");
  CHECK(exceptions("  - {name: e, fields: [proc.pname, fd.name], values: [[a, b], [c, d]]}\n") ==
        "(proc.name = x and not ((proc.pname = a and fd.name = b) or (proc.pname = c and fd.name = "
        "d)))");
  CHECK(exceptions("  - {name: e, fields: [proc.pname, fd.name], comps: [in, pmatch], values: "
                   "[[[a, b], /etc]]}\n") ==
        "(proc.name = x and not (proc.pname in (a, b) and fd.name pmatch (/etc)))");
  CHECK(exceptions("  - {name: e, fields: [tolower(proc.pname)], values: [[val(proc.exe)]]}\n") ==
        "(proc.name = x and not tolower(proc.pname) = val(proc.exe))");
  CHECK(exceptions("  - {name: e, fields: [proc.pname], comps: [in], values: [[\"(a, b)\"]]}\n") ==
        "(proc.name = x and not proc.pname in (a, b))");
  CHECK(exceptions("  - {name: e, fields: proc.pname}\n") == "proc.name = x");
  CHECK(condition_of(loaded({rule("proc.name = x", "  exceptions: ~\n")})) == "proc.name = x");
}

TEST_CASE("exceptions of a wrong shape") {
  for (const char* text : {"  - {name: e, fields: [proc.pname], comps: [in, =], values: []}\n",
                           "  - {name: e, fields: [proc.pname], values: [[a, b]]}\n",
                           "  - {name: e, fields: [proc.pname], values: [a]}\n",
                           "  - {name: e, fields: proc.pname, values: [[a]]}\n",
                           "  - {name: e, fields: proc.pname, comps: startswith, values: [a]}\n",
                           "  - {name: e, fields: proc.pname, comps: [in], values: [a]}\n",
                           "  - {name: e, fields: [proc.pname], comps: [like], values: [[a]]}\n",
                           "  - {name: e, fields: [not a field], values: [[a]]}\n"}) {
    CAPTURE(text);
    CHECK(exceptions(text) == "LOAD_ERR_VALIDATE");
  }
  CHECK(exceptions("  - {name: e, values: [[a]]}\n") == "LOAD_ERR_YAML_VALIDATE");
  CHECK(exceptions("  - {fields: proc.pname}\n") == "LOAD_ERR_YAML_VALIDATE");
  CHECK(exceptions("  - {name: e, fields: [no.such], values: [[a]]}\n") == "LOAD_ERR_VALIDATE");
  CHECK(has_code(
      loaded({rule(
          "evt.type = open",
          "  exceptions:\n  - {name: e, fields: proc.pname}\n  - {name: e, fields: proc.name}\n")}),
      Code::exception_name_not_unique));
}

TEST_CASE("exceptions appended") {
  const std::string base =
      rule("proc.name = x", "  exceptions:\n  - {name: e, fields: [proc.pname], values: [[a]]}\n");
  const auto with = [&](const std::string& entry) {
    return loaded(
        {base + "- rule: r\n  exceptions:\n  - " + entry + "\n  override: {exceptions: append}\n"});
  };
  CHECK(condition_of(with("{name: e, values: [[b]]}")) ==
        "(proc.name = x and not (proc.pname = a or proc.pname = b))");
  CHECK(condition_of(with("{name: f, fields: proc.exe, values: [b]}")) ==
        "(proc.name = x and not proc.pname = a and not proc.exe in (b))");
  CHECK(errors(with("{name: e, fields: [proc.exe], values: [[b]]}")) == "LOAD_ERR_VALIDATE");
  CHECK(errors(with("{name: f, values: [[b]]}")) == "LOAD_ERR_VALIDATE");
  CHECK(has_code(with("{name: e}"), Code::append_no_values));
}

// Names of events, or "all", or how many of the total.
std::string events(const std::string& condition) {
  const RuleSet set = loaded({rule(condition, "  warn_evttypes: false\n")});
  if (!set.ok()) return errors(set);
  const EventSet& found = set.rules[0].events;
  if (found == all_events()) return "all";
  if (found.count() > 20) return "all but " + std::to_string(all_events().count() - found.count());
  std::string names;
  for (std::size_t i = 0; i < event_names().size(); ++i)
    if (found.test(i)) names += (names.empty() ? "" : " ") + std::string(event_names()[i].name);
  return names;
}

TEST_CASE("events for which a condition can be true") {
  struct Case {
    const char *condition, *want;
  };
  const Case cases[] = {
      {"evt.type = open", "open"},
      {"evt.type in (open, creat) and proc.name = x", "creat open"},
      {"evt.type = open or evt.type = creat", "creat open"},
      {"evt.type = open or proc.name = x", "all"},
      {"evt.type = open and evt.type = creat", ""},
      {"evt.type != open", "all but 1"},
      {"not evt.type = open", "all but 1"},
      {"not (evt.type != open or proc.name = x)", "open"},
      {"not (evt.type != open and proc.name = x)", "all"},
      {"not (evt.type in (open, creat) and proc.name = x)", "all"},
      {"syscall.type = open", "open"},
      {"evt.type exists", "all"},
      {"not evt.type exists", ""},
      {"evt.num = 0", ""},
      {"evt.num < 1 or evt.type = open", "open"},
      {"not evt.num = 0", "all"},
      {"evt.num > 0 and evt.type = open", "open"},
      {"not evt.num >= 0", ""},
      {"evt.num in ()", ""},
      {"evt.num = 5", "all"},
      {"not evt.num = 5", "all"},
      {"evt.type startswith open", "all"},
      {"evt.type = anyof (open, creat)", "creat open"},
      {"evt.type.is.open = 1", "all"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.condition);
    CHECK(events(c.condition) == c.want);
  }
}

TEST_CASE("warnings about events, macros, lists and names") {
  CHECK(has_code(loaded({rule("proc.name = x")}), Code::no_evttype));
  CHECK_FALSE(has_code(loaded({rule("evt.num = 0")}), Code::no_evttype));
  // The limit of 100 counts event codes: execve has 16, each call with its own form has two or
  // more, and all others together have two.
  CHECK_FALSE(has_code(loaded({rule("evt.type in (execve, openat, mkdir)")}), Code::no_evttype));
  std::string own;
  for (std::size_t i = 0; i < event_names().size(); i++) {
    EventSet one;
    one.set(i);
    if (code_count(one) > 2) own += (own.empty() ? "" : ", ") + std::string(event_names()[i].name);
  }
  CHECK(has_code(loaded({rule("evt.type in (" + own + ")")}), Code::no_evttype));
  EventSet generic;
  for (const char* name : {"getpid", "madvise", "sysinfo"}) generic.set(find_event_name(name));
  CHECK(code_count(generic) == 2);
  generic.set(find_event_name("execve"));
  CHECK(code_count(generic) == 18);
  CHECK_FALSE(
      has_code(loaded({rule("proc.name = x", "  warn_evttypes: false\n")}), Code::no_evttype));
  CHECK(has_code(loaded({macro("m", "proc.name = x")}), Code::unused_macro));
  CHECK(has_code(loaded({list("l", "a")}), Code::unused_list));
  CHECK(codes(loaded({macro("m", "proc.name in (l)"), rule("evt.type = open and m"),
                      list("l", "a")})) == "");
  CHECK(has_code(loaded({macro("\"a-b\"", "proc.name = x")}), Code::invalid_macro_name));
  CHECK(has_code(loaded({list("\"a b\"", "x")}), Code::invalid_list_name));
  const RuleSet old =
      loaded({"- {rule: r, condition: evt.type = open, output: \"x %container.info y\", desc: d, "
              "priority: info}\n"});
  CHECK(has_code(old, Code::deprecated_item));
  CHECK(old.rules[0].output.text == "x  y");
}

}  // namespace
}  // namespace saker::lang
