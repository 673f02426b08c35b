// SPDX-License-Identifier: Apache-2.0
// Rules from text to verdict, one behaviour per case.
#include "match/matcher.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <string>
#include <vector>

#include "bench.h"

namespace saker {
namespace {

using match::Matcher;
using match::Program;
using testing::Bench;
using testing::ProcessBox;
using testing::RecordBuilder;
using testing::rule;

RecordBuilder opened(std::string_view name, std::string_view path, std::uint64_t flags = O_RDONLY) {
  RecordBuilder record(SAKER_EV_openat);
  record.ret(3).set(SAKER_P_open_fd, 3).text(SAKER_P_open_name, name).text(SAKER_P_open_path, path);
  record.set(SAKER_P_open_flags, flags).set(SAKER_P_open_fdtype, SAKER_FD_FILE);
  return record;
}

bool holds(const std::string& condition, RecordBuilder record) {
  return Bench(rule("r", condition)).run(record) == "r";
}

}  // namespace

TEST_CASE("an open is matched by its path and its flags") {
  Bench bench(
      rule("reads",
           "evt.type in (open, openat) and evt.is_open_read=true and fd.name startswith /etc/") +
      rule("writes", "evt.type = openat and evt.is_open_write=true and fd.name startswith /etc/"));
  RecordBuilder reads = opened("/etc/passwd", "/etc/passwd");
  CHECK(bench.run(reads) == "reads");
  RecordBuilder writes = opened("/etc/passwd", "/etc/passwd", O_RDWR);
  CHECK(bench.run(writes) == "reads writes");
  RecordBuilder elsewhere = opened("/tmp/passwd", "/tmp/passwd", O_RDWR);
  CHECK(bench.run(elsewhere) == "");
}

TEST_CASE("a rule matches in either view of a path") {
  Bench bench(rule("shadow", "evt.type = openat and fd.name = /etc/shadow"));
  RecordBuilder link = opened("/tmp/link", "/etc/shadow");
  CHECK(bench.run(link) == "shadow*");
  RecordBuilder named = opened("/etc/../etc//shadow", "/mnt/shadow");
  CHECK(bench.run(named) == "shadow");
  RecordBuilder relative = opened("../etc/shadow", "/mnt/shadow");
  relative.text(SAKER_P_open_base, "/tmp");
  CHECK(bench.run(relative) == "shadow");
}

TEST_CASE("first stops at the first matching rule, all continues") {
  std::string rules = rule("one", "evt.type = openat") +
                      rule("two", "evt.type = openat and fd.name = /a") +
                      rule("three", "evt.type = openat");
  RecordBuilder record = opened("/a", "/a");
  CHECK(Bench(rules, lang::RuleMatching::first).run(record) == "one");
  CHECK(Bench(rules).run(record) == "one two three");
}

TEST_CASE("an unset field makes every comparison false, and its negation true") {
  RecordBuilder unlink(SAKER_EV_unlink);
  unlink.text(SAKER_P_path_name, "/a");
  CHECK_FALSE(holds("evt.type = unlink and fd.name = /a", unlink));
  CHECK_FALSE(holds("evt.type = unlink and fd.name != /a", unlink));
  CHECK_FALSE(holds("evt.type = unlink and fd.name exists", unlink));
  CHECK(holds("evt.type = unlink and not fd.name = /a", unlink));
  CHECK(holds("evt.type = unlink and not fd.name exists", unlink));
  CHECK(holds("evt.type = unlink and fs.path.name = /a", unlink));
}

TEST_CASE("ancestors") {
  RecordBuilder record = opened("/a", "/a");
  CHECK(holds("evt.type = openat and proc.aname = bash", record));
  CHECK(holds("evt.type = openat and proc.aname[1] = bash", record));
  CHECK(holds("evt.type = openat and proc.aname[0] = cat", record));
  CHECK(holds("evt.type = openat and proc.pname in (sh, bash)", record));
  CHECK_FALSE(holds("evt.type = openat and proc.aname = cat", record));
  CHECK_FALSE(holds("evt.type = openat and proc.aname[2] exists", record));
}

TEST_CASE("operators on texts") {
  RecordBuilder record = opened("/var/lib/Docker/x.tar.gz", "/var/lib/Docker/x.tar.gz");
  for (const char* yes :
       {"contains Docker", "icontains dOCKER", "endswith .gz", "startswith /var/", "glob *.tar.*",
        "iglob */docker/?.TAR.gz", "regex '/var/.*/x[.]tar[.]gz'", "pmatch (/etc, /var/lib)",
        "pmatch (/var/*/Docker)", "in (/a, /var/lib/Docker/x.tar.gz)",
        "intersects (/var/lib/Docker/x.tar.gz)", "!= /a", "contains anyof (zzz, lib)",
        "contains allof (var, lib)", "startswith oneof (/var, /etc)"}) {
    CHECK_MESSAGE(holds(std::string("evt.type = openat and fd.name ") + yes, record), yes);
  }
  for (const char* no : {"contains docker", "endswith .GZ", "startswith var", "glob *.tar",
                         "regex '/var'", "pmatch (/va)", "pmatch (/var/*/other)", "in (/a, /b)",
                         "contains allof (var, zzz)", "startswith oneof (/var, /var/lib)"}) {
    CHECK_FALSE_MESSAGE(holds(std::string("evt.type = openat and fd.name ") + no, record), no);
  }
}

TEST_CASE("numbers, transformers and values of other fields") {
  RecordBuilder record = opened("/usr/bin/cat", "/usr/bin/cat");
  for (const char* yes :
       {"fd.num = 3", "fd.num >= 0", "fd.num in (1, 3)", "evt.rawres > 2", "len(fd.name) = 12",
        "tolower(fd.filename) = cat", "toupper(proc.name) = CAT", "basename(fd.name) = cat",
        "fd.name = val(proc.exepath)", "concat(proc.name, \":\", fd.name) = cat:/usr/bin/cat",
        "user.uid = 0", "evt.arg.flags = O_RDONLY", "evt.res = SUCCESS", "fd.typechar = 'f'",
        "proc.args contains shadow", "proc.cmdline = 'cat -n /etc/shadow'"}) {
    CHECK_MESSAGE(holds(std::string("evt.type = openat and ") + yes, record), yes);
  }
}

TEST_CASE("sockets: both ends, networks and ports") {
  saker_sock sock = testing::tcp4(0x0a000001, 40000, 0xc0a80105, 443, SAKER_ROLE_CLIENT);
  RecordBuilder record(SAKER_EV_connect);
  record.set(SAKER_P_sock_fd, 5)
      .sock(SAKER_P_sock_sock, sock)
      .set(SAKER_P_sock_fdtype, SAKER_FD_IPV4);
  for (const char* yes :
       {"fd.sip = 192.168.1.5", "fd.cip = 10.0.0.1", "fd.ip = 10.0.0.1", "fd.ip != 10.0.0.2",
        "fd.snet in (192.168.0.0/16, 172.16.0.0/12)", "fd.net = 10.0.0.0/8", "fd.sport = 443",
        "fd.snet in (10.0.0.0/8, 192.168.0.0/16, 192.168.1.0/24, 172.16.0.0/12, '::/1')",
        "fd.snet in (192.168.1.4/31, 192.168.2.0/24, 10.0.0.0/8, 0.0.0.0/32, 192.168.1.5/32)",
        "fd.net in (0.0.0.0/0, 10.0.0.1/32, 10.0.0.0/30, 192.168.1.0/28)", "fd.port in (443, 80)",
        "fd.l4proto = tcp", "fd.name = '10.0.0.1:40000->192.168.1.5:443'", "fd.rport = 443",
        "fd.connected = true", "fd.net != 127.0.0.0/8", "fd.sip != ::1", "fd.typechar = 4"}) {
    CHECK_MESSAGE(holds(std::string("evt.type = connect and ") + yes, record), yes);
  }
  for (const char* no :
       {"fd.ip != 10.0.0.1", "fd.net != 10.0.0.0/8", "fd.snet = 10.0.0.0/8", "fd.sip = ::1",
        "fd.port = 22",
        "fd.snet in (10.0.0.0/8, 192.168.0.0/24, 192.168.1.0/30, 192.168.1.6/31, '::/1')",
        "fd.cnet in (10.0.0.2/31, 11.0.0.0/8, 10.0.0.0/32, 192.168.1.0/30)"}) {
    CHECK_FALSE_MESSAGE(holds(std::string("evt.type = connect and ") + no, record), no);
  }
}

TEST_CASE("the events that the program asks the kernel for") {
  Bench bench(
      rule("a", "evt.type in (openat, connect)") +
      "- rule: b\n  desc: d\n  condition: evt.type = ptrace\n  output: o\n  priority: CRITICAL\n");
  CHECK(bench.program->asked_events()[SAKER_EV_openat]);
  CHECK(bench.program->asked_events()[SAKER_EV_connect]);
  CHECK_FALSE(bench.program->asked_events()[SAKER_EV_unlink]);
  CHECK(bench.program->urgent_events()[SAKER_EV_ptrace]);
  CHECK_FALSE(bench.program->urgent_events()[SAKER_EV_openat]);
  const match::RuleInfo& info = bench.program->rule(0);
  CHECK(info.name == "a");
  CHECK(info.output == "o %proc.name");
  CHECK(info.tags.size() == 2);
  CHECK(info.tags[0] == "a");
  CHECK(info.priority == 4);
}

TEST_CASE("a verdict on a process is cached with it, and recomputed when its links change") {
  Bench bench(rule("in sh", "evt.type = openat and proc.pname = sh"));
  RecordBuilder record = opened("/a", "/a");
  CHECK(bench.run(record) == "");
  ProcessBox shell;
  shell.command("sh", "/bin/sh", {});
  bench.self.process.parent = &shell.process;
  CHECK(bench.run(record) == "");
  bench.self.process.verdicts.forget();
  CHECK(bench.run(record) == "in sh");
}

TEST_CASE("names of call events are values of syscall.type") {
  for (const char* name : {"pread", "prlimit", "pwrite", "llseek", "unknown"}) {
    CAPTURE(name);
    RecordBuilder record(SAKER_EV_foreign);
    record.text(SAKER_P_foreign_name, name);
    const std::string is = "syscall.type = " + std::string(name);
    CHECK(Bench(rule("r", is)).run(record) == "r");
    CHECK(Bench(rule("r", "syscall.type in (read, " + std::string(name) + ")")).run(record) == "r");
    CHECK(Bench(rule("r", "syscall.type != read")).run(record) == "r");
    CHECK(Bench(rule("r", "syscall.type exists")).run(record) == "r");
  }
  RecordBuilder record(SAKER_EV_foreign);
  record.text(SAKER_P_foreign_name, "switch");
  CHECK(Bench(rule("r", "syscall.type exists")).run(record) == "");
}

TEST_CASE("a static field is a text in conditions") {
  lang::LoadOptions options;
  options.static_fields = {{"site", "vienna"}};
  RecordBuilder record(SAKER_EV_execve);
  for (const char* yes : {"static.site = vienna", "static.site != x", "static.site exists",
                          "static.site startswith vi", "toupper(static.site) = VIENNA",
                          "static.site in (x, vienna)", "concat(static.site, \"-\") = vienna-"}) {
    CAPTURE(yes);
    CHECK(Bench(rule("r", yes), lang::RuleMatching::all, options).run(record) == "r");
  }
}

TEST_CASE("a name that ends in sh is a shell") {
  struct Row {
    const char* name;
    bool shell;
  };
  for (const Row& row :
       {Row{"fish", true}, {"mksh", true}, {"sh", true}, {"shell", false}, {"s", false}}) {
    CAPTURE(row.name);
    Bench bench(rule("r", "evt.type = execve and proc.loginshellid exists"));
    bench.parent.command("init", "/sbin/init", {});
    bench.self.command(row.name, "/bin/x", {});
    RecordBuilder record(SAKER_EV_execve);
    CHECK((bench.run(record) == "r") == row.shell);
  }
}

}  // namespace saker
