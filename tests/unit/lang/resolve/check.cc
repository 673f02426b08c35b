// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/check.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "lang/print.h"
#include "lang/resolve/parser.h"

namespace saker::lang {
namespace {

// "" if the condition is valid, otherwise the messages, warnings in [ ].
std::string problems(const std::string& condition) {
  ParsedCondition parsed = parse_condition(condition);
  if (parsed.error) return "syntax";
  Checker checker(Scope{{{"site", "vienna"}}});
  std::vector<ConditionError> found;
  checker.check(parsed.expr, found);
  std::string text;
  for (const ConditionError& problem : found)
    text += (text.empty() ? "" : "; ") +
            (is_error(problem.code) ? problem.message : "[" + problem.message + "]");
  return text;
}

bool good(const std::string& condition) { return problems(condition).empty(); }

TEST_CASE("every type takes its operators and no others") {
  struct Row {
    const char *left, *value;
    std::vector<const char*> accepted;
  };
  const std::vector<const char*> equality = {"=", "!=", "in", "intersects"};
  const std::vector<const char*> numbers = {"=", "!=", "in", "intersects", "<", "<=", ">", ">="};
  const Row rows[] = {
      {"evt.num", "1", numbers},
      {"evt.failed", "true", equality},
      {"fd.sip", "10.0.0.1", equality},
      {"fd.snet", "10.0.0.0/8", equality},
      {"fd.sport", "80", numbers},
      {"fd.types", "file", {"in", "intersects"}},
      {"evt.buffer",
       "41",
       {"=", "!=", "contains", "startswith", "endswith", "in", "intersects", "bcontains",
        "bstartswith"}},
      {"proc.name",
       "12",
       {"=", "!=", "in", "intersects", "<", "<=", ">", ">=", "contains", "icontains", "startswith",
        "endswith", "glob", "iglob", "regex", "pmatch"}},
  };
  const char* const all[] = {"=",           "!=",         "<",         "<=",        ">",
                             ">=",          "contains",   "icontains", "bcontains", "startswith",
                             "bstartswith", "endswith",   "glob",      "iglob",     "regex",
                             "in",          "intersects", "pmatch"};
  for (const Row& row : rows) {
    CHECK(good(std::string(row.left) + " exists"));
    for (const char* op : all) {
      const std::string word = op;
      const bool list = word == "in" || word == "intersects" || word == "pmatch";
      std::string value = list ? "(" + std::string(row.value) + ")" : row.value;
      const std::string condition = std::string(row.left) + " " + word + " " + value;
      const bool wanted =
          std::find_if(row.accepted.begin(), row.accepted.end(),
                       [&](const char* a) { return word == a; }) != row.accepted.end();
      CAPTURE(condition);
      const std::string found = problems(condition);
      if (found == "syntax") continue;  // < and the like require a number
      CHECK((found.empty() || found[0] == '[') == wanted);
    }
  }
}

TEST_CASE("values must be values of the type") {
  CHECK(good("fd.sport = 443"));
  CHECK(good("fd.sport = 70000"));  // truncated to 16 bits
  CHECK_FALSE(good("fd.sport = -1"));
  CHECK_FALSE(good("fd.sport = 3000000000"));
  CHECK_FALSE(good("evt.num = 0x10"));
  CHECK_FALSE(good("proc.fdusage > 1.5"));
  CHECK_FALSE(good("evt.failed = True"));
  CHECK_FALSE(good("fd.sip = 10.0.0.0/8"));
  CHECK_FALSE(good("fd.snet = 10.0.0.1"));
  CHECK_FALSE(good("evt.buffer bcontains 4"));
  CHECK_FALSE(good("proc.name = \"a\\x00b\""));
  CHECK(good("evt.buffer = \"a\\x00b\""));
  CHECK(good("proc.name = " + std::string(255, 'a')));
  CHECK_FALSE(good("proc.name = " + std::string(256, 'a')));
  CHECK_FALSE(good("proc.name regex \"a[\""));
  CHECK_FALSE(good("proc.name regex \"((a{999}){999}){999}\""));
  CHECK(good("evt.type in (open, procexit, container)"));
  CHECK(problems("evt.type = opne") == "unknown event type 'opne'");
  CHECK(good("syscall.type = nosuch"));
}

TEST_CASE("fields and arguments") {
  CHECK(problems("proc.nam = x") == "nonexistent field 'proc.nam'");
  CHECK(good("proc.aname[3] = x"));
  CHECK(good("proc.aname = x"));
  CHECK_FALSE(good("proc.aname[x] = x"));
  CHECK_FALSE(good("proc.name[1] = x"));
  CHECK(good("evt.arg[0] = x"));
  CHECK(good("evt.arg.flags contains x"));
  CHECK_FALSE(good("evt.arg.nosuch = x"));
  CHECK_FALSE(good("evt.arg = x"));
  CHECK(good("evt.rawarg.flags > 3"));
  CHECK_FALSE(good("evt.rawarg.flags contains x"));
  CHECK_FALSE(good("evt.rawarg[1] = 1"));
  CHECK(good("evt.abspath.src = /x"));
  CHECK(good("evt.abspath = /x"));
  CHECK_FALSE(good("evt.abspath.foo = /x"));
  CHECK_FALSE(good("container.label = x"));
  CHECK(good("container.label[app] = x"));
  CHECK(good("proc.env[HOME] = x"));
  CHECK(good("thread.cgroup.cpu startswith /"));
  CHECK(good("static.site = x"));
  CHECK_FALSE(good("static.other = x"));
  CHECK(good("evt.type.is.open = 1"));
}

TEST_CASE("missing, unknown and superfluous arguments are distinguished") {
  const auto says = [](const std::string& condition, const std::string& text) {
    CAPTURE(condition);
    CHECK(problems(condition).find(text) != std::string::npos);
  };
  for (const char* field :
       {"k8s.pod.label", "k8s.pod.label.role", "k8s.pod.labelx", "container.label"})
    says(std::string(field) + " = x", "needs a key, which is missing");
  says("evt.arg = x", "needs a name after a dot");
  says("evt.argx = x", "field 'evt.arg' needs a name");
  says("evt.arg.nosuch = x", "unknown event argument 'evt.arg.nosuch'");
  says("evt.around = 1", "needs a number");
  says("k8s.pod.labelsx = x", "nonexistent field");
  says("evt.argsx = x", "nonexistent field");
  says("container.namex = x", "nonexistent field");
}

TEST_CASE("an index is a number as Falco reads it") {
  for (const char* field :
       {"proc.aname[-1]", "proc.aname[+2]", "proc.aexepath[-3]", "evt.arg[-1]"}) {
    CAPTURE(field);
    CHECK(good(std::string(field) + " = sh"));
  }
  CHECK(good("evt.around[1404996934793590564] = 1000"));
  for (const char* bad : {"proc.aname[1x] = sh", "evt.arg[fd] = x", "evt.around[x] = 1"})
    CHECK_FALSE(good(bad));
  const auto bound = [](const char* name) {
    Operand operand = parse_field_or_transform(name).operand;
    std::vector<ConditionError> found;
    REQUIRE(bind_operand(operand, {}, found));
    CHECK(print(operand) == name);
    return operand;
  };
  CHECK_FALSE(bound("proc.aname[-1]").has_arg);  // any ancestor
  CHECK(bound("proc.aname[-3]").arg == "0");
}

TEST_CASE("evt.around is compared only with =") {
  CHECK(good("evt.around[1000] = 5"));
  CHECK(good("evt.around[1000] == 5"));
  CHECK(good("evt.around[1000] exists"));
  for (const char* op : {">", "<", "!=", ">="})
    CHECK_FALSE(good("evt.around[1000] " + std::string(op) + " 5"));
  CHECK_FALSE(good("evt.around[1000] in (5)"));
}

TEST_CASE("raw arguments without a type for constants") {
  for (const char* check : {"data contains a", "data = a", "data bcontains 61", "args in (a)",
                            "tuple = x", "fds = x", "val = x", "sigmask contains x"}) {
    CAPTURE(check);
    CHECK_FALSE(good("evt.rawarg." + std::string(check)));
  }
  CHECK(good("evt.rawarg.data exists"));
  CHECK(good("evt.rawarg.name contains x"));
  CHECK(good("evt.buffer contains x"));
}

TEST_CASE("fields of a plugin exist only if the plugin is loaded") {
  for (const char* name : {"jevt.value[/x]", "json.obj", "k8smeta.pod.name", "krsi.path"}) {
    CAPTURE(name);
    CHECK(problems(std::string(name) + " = x").find("nonexistent field") == 0);
    Checker with_all({{}, {"json", "k8smeta", "krsi"}});
    ParsedCondition parsed = parse_condition(std::string(name) + " = x");
    std::vector<ConditionError> found;
    with_all.check(parsed.expr, found);
    CHECK(found.empty());
  }
  CHECK(good("container.name = x"));
  CHECK(good("k8s.ns.name = x"));
}

TEST_CASE("fields on the right") {
  CHECK(good("proc.name = val(proc.pname)"));
  CHECK(good("proc.pid = val(proc.ppid)"));
  CHECK_FALSE(good("proc.name = val(proc.pid)"));
  CHECK_FALSE(good("user.uid = val(evt.num)"));
  CHECK_FALSE(good("proc.name in val(fd.types)"));
  CHECK_FALSE(good("proc.name = val(proc.aname[2])"));
  CHECK_FALSE(good("fd.sport = val(fd.port)"));
  CHECK_FALSE(good("proc.name regex val(proc.pname)"));
  CHECK_FALSE(good("proc.name pmatch val(proc.pname)"));
  CHECK(problems("proc.name = proc.pname").substr(0, 1) == "[");
  CHECK(problems("proc.name = \"tolower(x)\"").substr(0, 1) == "[");
}

TEST_CASE("the event's type in places other than the left") {
  // Where events are deduced, nothing may hide them.
  for (const char* op : {"=", "==", "!=", "in"}) {
    CAPTURE(op);
    const std::string word = op, value = word == "in" ? " (open)" : " open";
    CHECK_FALSE(good("tolower(evt.type) " + word + value));
    CHECK_FALSE(good("tolower(toupper(syscall.type)) " + word + value));
    CHECK_FALSE(good("concat(proc.name, evt.type) " + word + value));
    CHECK_FALSE(good("join(\":\", (evt.dir, evt.type)) " + word + value));
    CHECK_FALSE(good("evt.type " + word + " val(proc.name)"));
    CHECK_FALSE(good("syscall.type " + word + " tolower(proc.name)"));
    CHECK(good("proc.name " + word + " val(evt.type)"));
    CHECK(good("proc.name " + word + " tolower(syscall.type)"));
  }
  CHECK_FALSE(good("tolower(evt.type) exists"));
  // Elsewhere it is an ordinary text.
  CHECK(good("tolower(evt.type) contains open"));
  CHECK(good("tolower(evt.type) intersects (open)"));
  CHECK(good("concat(evt.type, proc.name) startswith open"));
  CHECK(good("evt.type startswith val(proc.name)"));
  CHECK(good("evt.type intersects val(proc.name)"));
  CHECK(good("proc.name startswith val(evt.type)"));
}

TEST_CASE("transformers know their input") {
  CHECK(good("tolower(proc.name) = x"));
  CHECK_FALSE(good("tolower(proc.pid) = x"));
  CHECK(good("len(proc.name) > 3"));
  CHECK(good("len(fd.types) = 2"));
  CHECK_FALSE(good("len(proc.pid) = 2"));
  CHECK(good("b64(proc.cmdline) contains x"));
  CHECK(good("join(\",\", (proc.name, proc.pid)) = x"));
  CHECK_FALSE(good("join(\",\", proc.name) = x"));
  CHECK(good("concat(proc.name, \"-\", proc.pname) = x"));
  CHECK_FALSE(good("concat(proc.name) = x"));
  CHECK(good("getopt((proc.name, \"-l\"), \"l:\") intersects (l)"));
  CHECK(good("getopt((proc.name, \"-l\"), \"l:\")[l] = x"));
  CHECK_FALSE(good("tolower(proc.name)[1] = x"));
  CHECK_FALSE(good("tolower(proc.aname[1]) = x"));
  CHECK(good("basename(proc.exepath) = val(proc.name)"));
}

TEST_CASE("warnings") {
  CHECK(problems("proc.name regex foo").find("'='") != std::string::npos);
  CHECK(problems("proc.name regex .*foo.*").find("contains") != std::string::npos);
  CHECK(problems("proc.name regex .+foo.?").find("contains") != std::string::npos);
  CHECK(problems("proc.name regex \"\"").find("'='") != std::string::npos);
  CHECK(problems("proc.name regex .*").find("exists") != std::string::npos);
  for (const char* plain :
       {"^foo$", "^foo", "foo$", ".+foo", "foo.+", ".?foo", "foo.?", ".*foo$"}) {
    CAPTURE(plain);
    CHECK(problems("proc.name regex " + std::string(plain)).substr(0, 1) == "[");
  }
  for (const char* needed : {"fo+", "f.*o", "^.*foo", "foo.*$", "foo|bar", "\"foo\\\\.\"", "."}) {
    CAPTURE(needed);
    CHECK(good("proc.name regex " + std::string(needed)));
  }
  for (const char* field :
       {"proc.pname", "\"proc.pname \"", "\" proc . pname\"", "\"proc.aname[2]\"", "evt.arg.flags",
        "\"container.label[x]\"", "static.site"}) {
    CAPTURE(field);
    CHECK(problems("proc.name = " + std::string(field)).substr(0, 1) == "[");
  }
  for (const char* text : {"proc.pnames", "evt.arg", "evt.arg.nosuch", "\"proc.name[2]\"", "a.b",
                           "\"proc.pname[\"", "static.other"}) {
    CAPTURE(text);
    CHECK(good("proc.cmdline = " + std::string(text)));
  }
  CHECK(problems("proc.name = \"to lower( x )\"").substr(0, 1) == "[");
  CHECK(problems("evt.dir = <").substr(0, 1) == "[");
}

}  // namespace
}  // namespace saker::lang
