// SPDX-License-Identifier: Apache-2.0
// Left sides that are lists or have several values, and the transformers that make them: alone and
// together with other rules on the same lists, so that the index is used.
#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "bench.h"
#include "fields/text/transform.h"

namespace saker::testing {
namespace {

RecordBuilder executed() { return RecordBuilder(SAKER_EV_execve); }

// Whether the condition is true, with different numbers of other rules that test other values of
// the same list; the results must agree.
std::string holds(const std::string& left, const std::string& op, const std::string& value,
                  const std::vector<std::string>& arguments) {
  std::string answers;
  for (int others : {0, 1, 20, 300}) {
    std::string rules = rule("r", "evt.type = execve and " + left + " " + op + " (" + value + ")");
    for (int i = 0; i < others; i++)
      rules += rule("other" + std::to_string(i), "evt.type = execve and " + left + " " + op +
                                                     " (\"another" + std::to_string(i) + "\")");
    Bench bench(rules);
    bench.self.command("nc", "/bin/nc", arguments);
    RecordBuilder record = executed();
    std::string names = bench.run(record);
    answers += names == "r" ? "yes " : names.empty() ? "no " : names + " ";
  }
  if (answers == "yes yes yes yes ") return "yes";
  if (answers == "no no no no ") return "no";
  return answers;
}

constexpr char options[] =
    "getopt((proc.args[0], proc.args[1], proc.args[2], proc.args[3]), \"lp:e:\")";

TEST_CASE("rules that test the same list do not hide each other") {
  std::vector<std::string> shell = {"-lp", "1", "-e", "/bin/sh"};
  CHECK(holds(options, "intersects", "\"/bin/sh\"", shell) == "yes");
  CHECK(holds(options, "intersects", "\"/bin/sh\", nothing", shell) == "yes");
  CHECK(holds(options, "intersects", "\"/bin/bash\"", shell) == "no");
  CHECK(holds(options, "in", "l, p, \"1\", e, \"/bin/sh\", more", shell) == "yes");
  CHECK(holds(options, "in", "l, p, \"1\", e", shell) == "no");
  std::string upper = "toupper(" + std::string(options) + ")";
  CHECK(holds(upper, "intersects", "\"/BIN/SH\"", shell) == "yes");
  std::string last = "basename(" + std::string(options) + ")";
  CHECK(holds(last, "intersects", "sh, nothing", shell) == "yes");
}

TEST_CASE("a list is decoded element by element, or not at all") {
  std::string decoded = "b64(getopt((proc.args[0], proc.args[1]), \"a:\"))";
  // One letter is not base64, so the whole is not; an option without its argument is an empty text.
  CHECK(holds(decoded, "intersects", "bash", {"-a", "YmFzaA=="}) == "no");
  CHECK(holds(decoded, "intersects", "\"\"", {"--x", "-a"}) == "yes");
}

TEST_CASE("a list without elements is a subset of every set") {
  std::string empty = "getopt((proc.args[0], proc.args[1]), \"ab\")";
  Bench bench(rule("in", "evt.type = execve and " + empty + " in (a)") +
              rule("in nothing", "evt.type = execve and " + empty + " in ()") +
              rule("intersects", "evt.type = execve and " + empty + " intersects (a)") +
              rule("exists", "evt.type = execve and " + empty + " exists"));
  bench.self.command("x", "/bin/x", {"no", "options"});
  RecordBuilder record = executed();
  CHECK(bench.run(record) == "in in nothing exists");
  bench.self.command("x", "/bin/x", {"-a", "options"});
  CHECK(bench.run(record) == "in intersects exists");
}

TEST_CASE("the arguments of all ancestors are one text") {
  for (const char* condition :
       {"proc.aargs contains \"-l\"", "proc.aargs startswith \"-l\"", "proc.aargs endswith \"-l\"",
        "proc.aargs = \"-l\"", "proc.aargs glob \"-?\"", "proc.aargs regex \"-[a-z]\"",
        "proc.aargs in (\"-l\", x)", "proc.aargs intersects (\"-l\")",
        "proc.aargs icontains \"-L\"", "toupper(proc.aargs) = \"-L\"", "proc.aargs != x",
        "proc.aargs exists"}) {
    CAPTURE(condition);
    RecordBuilder record = executed();
    CHECK(Bench(rule("r", condition)).run(record) == "r");
  }
}

TEST_CASE("every operator tests each ancestor") {
  Bench bench("");
  ProcessBox grandparent;
  grandparent.command("systemd", "/lib/systemd", {});
  struct Question {
    const char *field, *op, *value;
  };
  for (const Question& question :
       std::initializer_list<Question>{{"proc.aname", "=", "systemd"},
                                       {"proc.aname", "!=", "bash"},
                                       {"proc.aname", "contains", "stem"},
                                       {"proc.aname", "icontains", "STEM"},
                                       {"proc.aname", "startswith", "sys"},
                                       {"proc.aname", "endswith", "emd"},
                                       {"proc.aname", "glob", "sys*"},
                                       {"proc.aname", "iglob", "SYS*"},
                                       {"proc.aname", "regex", "s.s.*"},
                                       {"proc.aname", "in", "(x, systemd)"},
                                       {"proc.aname", "intersects", "(systemd)"},
                                       {"proc.aname", "= anyof", "(systemd, x)"},
                                       {"proc.aexepath", "pmatch", "(/lib)"},
                                       {"proc.aexe", "=", "/lib/systemd"},
                                       {"proc.acmdline", "startswith", "syst"},
                                       {"proc.aexepath", "in", "(/lib/systemd)"}}) {
    std::string condition = std::string(question.field) + " " + question.op + " " + question.value;
    CAPTURE(condition);
    std::string rules = rule("r", "evt.type = execve and " + condition);
    for (int i = 0; i < 20; i++)
      rules +=
          rule("o" + std::to_string(i), "evt.type = execve and " + std::string(question.field) +
                                            " = other" + std::to_string(i));
    Bench asked(rules);
    asked.parent.process.parent = &grandparent.process;
    RecordBuilder record = executed();
    CHECK(asked.run(record) == "r");
  }
}

// The value as text, `-` for unset; for a list the elements in brackets.
std::string shown(const fields::Value& value) {
  if (!value.set()) return "-";
  if (value.kind != fields::Value::Kind::list) return std::string(value.text);
  std::string text;
  for (std::uint32_t i = 0; i < value.count; i++)
    text += "[" + std::string(value.items[i].text) + "]";
  return text;
}

std::string getopt(std::initializer_list<const char*> words, std::string_view options,
                   std::string_view letter = {}) {
  fields::Scratch scratch;
  std::vector<fields::Value> items;
  for (const char* word : words) items.push_back(fields::Value::of_text(word));
  fields::Value inputs[] = {
      fields::Value::of_list(items.data(), static_cast<std::uint32_t>(items.size())),
      fields::Value::of_text(options)};
  return shown(fields::transform(fields::Transform::getopt, inputs, letter, scratch));
}

TEST_CASE("getopt: every form of an option") {
  CHECK(getopt({"-t", "v"}, "t:") == "[t][v]");
  CHECK(getopt({"-tv"}, "t:") == "[t][v]");
  CHECK(getopt({"-t", ""}, "t:") == "[t][]");
  CHECK(getopt({"-abt", "v", "-c"}, "abt:c") == "[a][b][t][v][c]");
  CHECK(getopt({"-t"}, "t:") == "[]");  // without its argument: only an empty text
  CHECK(getopt({"-at"}, "at:") == "[a][]");
  CHECK(getopt({"-t"}, "t:", "t") == "");
  CHECK(getopt({"-x"}, "t:") == "[?]");
  CHECK(getopt({"-x"}, "t:", "x") == "-");
  CHECK(getopt({"-:"}, "t:") == "[?]");
  // A letter given twice takes an argument if one of the two does.
  CHECK(getopt({"-t", "v"}, "tt:") == "[t][v]");
  CHECK(getopt({"-t", "v"}, "t:t", "t") == "v");
  CHECK(getopt({"-t", "v"}, ":t:", "t") == "v");
  CHECK(getopt({"-t", "v"}, "t::", "t") == "v");
  CHECK(getopt({"-a", "-b1", "-b", "2"}, "ab:", "b") == "2");  // the last one
  CHECK(getopt({"-a", "-b1", "-b"}, "ab:", "b") == "");
  CHECK(getopt({"-a", "-a"}, "a", "a") == "a");
  CHECK(getopt({"-a", "--", "-b"}, "ab") == "[a]");
  CHECK(getopt({"-a", "--long", "-b"}, "ab") == "[a][b]");
  CHECK(getopt({"-a", "-", "-b"}, "ab") == "[a]");
  CHECK(getopt({"-a", "word", "-b"}, "ab") == "[a]");
  CHECK(getopt({"word"}, "ab") == "");
  CHECK(getopt({}, "ab") == "");
}

TEST_CASE("invalid base64 has no value") {
  fields::Scratch scratch;
  auto decoded = [&](std::string_view text) {
    fields::Value input = fields::Value::of_text(text);
    return shown(fields::transform(fields::Transform::b64, {&input, 1}, {}, scratch));
  };
  CHECK(decoded("") == "");
  CHECK(decoded("YmFzaA==") == "bash");
  CHECK(decoded("YmFzaA=") == "bash");
  CHECK(decoded("YmFzaA") == "bash");
  CHECK(decoded("Y2F0") == "cat");
  CHECK(decoded("Y2F0=") == "cat");
  CHECK(decoded("Y2F0===") == "-");
  CHECK(decoded("YQ===") == "-");
  CHECK(decoded("=") == "-");
  CHECK(decoded("==") == "-");
  CHECK(decoded("Y") == "-");
  CHECK(decoded("Y2F0Y") == "-");
  CHECK(decoded("YR==") == "-");  // bits left over
  CHECK(decoded("YWJ=") == "-");
  CHECK(decoded("YWI=") == "ab");
  CHECK(decoded("Y2F 0") == "-");
  CHECK(decoded("Y2F0!") == "-");
}

}  // namespace
}  // namespace saker::testing
