// SPDX-License-Identifier: Apache-2.0
// Cached results for paths, processes, programs and sockets are never used when they are no longer
// true. Each event is matched several times: seen, stored, known.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "enrich/hosts.h"
#include "lang/compile.h"
#include "match/matcher.h"
#include "record_builder.h"

namespace saker {
namespace {

using testing::ProcessBox;
using testing::RecordBuilder;

// Enough rules for an event that its keys are looked up.
const char* const rules = R"(
- macro: opens
  condition: (evt.type in (open, openat))
- macro: execs
  condition: (evt.type = execve)
- rule: a
  desc: d
  condition: opens and fd.name = /etc/a and proc.name = cat
  output: o
  priority: WARNING
- rule: b
  desc: d
  condition: opens and fd.name = /etc/b
  output: o
  priority: WARNING
- rule: relative
  desc: d
  condition: opens and evt.arg.name = x
  output: o
  priority: WARNING
- rule: writes
  desc: d
  condition: opens and evt.is_open_write = true
  output: o
  priority: WARNING
- rule: failed
  desc: d
  condition: opens and fs.path.name = /etc/c and fd.num < 0
  output: o
  priority: WARNING
- rule: by-root
  desc: d
  condition: execs and user.name = root
  output: o
  priority: WARNING
- rule: below-sshd
  desc: d
  condition: execs and proc.aname = sshd
  output: o
  priority: WARNING
- rule: of-memory
  desc: d
  condition: execs and proc.is_exe_from_memfd = true
  output: o
  priority: WARNING
- rule: cat
  desc: d
  condition: execs and proc.name = cat
  output: o
  priority: WARNING
- rule: in-tmp
  desc: d
  condition: execs and proc.cwd = /tmp
  output: o
  priority: WARNING
- rule: of-line
  desc: d
  condition: execs and proc.cmdline endswith "b c"
  output: o
  priority: WARNING
- rule: of-argument
  desc: d
  condition: execs and proc.args[1] = c
  output: o
  priority: WARNING
- rule: of-variable
  desc: d
  condition: execs and proc.env[X] = 1
  output: o
  priority: WARNING
- macro: connects
  condition: (evt.type in (connect, accept4))
- rule: to-peer
  desc: d
  condition: connects and fd.sip = 10.0.0.2 and proc.name = cat
  output: o
  priority: WARNING
- rule: to-net
  desc: d
  condition: connects and fd.snet in ("10.0.0.0/24")
  output: o
  priority: WARNING
- rule: from-port
  desc: d
  condition: connects and fd.cport = 40000
  output: o
  priority: WARNING
- rule: to-port
  desc: d
  condition: connects and fd.sport in (443, 5432)
  output: o
  priority: WARNING
- rule: to-name
  desc: d
  condition: connects and fd.sip.name = db
  output: o
  priority: WARNING
- rule: refused
  desc: d
  condition: connects and evt.res = ECONNREFUSED
  output: o
  priority: WARNING
- rule: of-seven
  desc: d
  condition: connects and fd.num = 7
  output: o
  priority: WARNING
- rule: datagram
  desc: d
  condition: connects and fd.l4proto = udp
  output: o
  priority: WARNING
)";

struct Rig {
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::Matcher> matcher;
  ProcessBox parent, self;
  const enrich::Hosts* hosts = nullptr;

  explicit Rig(const std::string& of = rules) {
    lang::SourceText text{"test.yaml", of};
    lang::RuleSet set = lang::load_rule_texts({&text, 1});
    REQUIRE(set.ok());
    Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::all);
    REQUIRE(bool(bytes));
    Result<std::unique_ptr<match::Program>> loaded = match::Program::load(std::move(*bytes));
    REQUIRE(bool(loaded));
    program = std::move(*loaded);
    matcher = std::make_unique<match::Matcher>(*program);
    parent.command("sshd", "/usr/sbin/sshd", {});
    self.command("cat", "/usr/bin/cat", {});
    self.process.parent = &parent.process;
  }

  std::string once(RecordBuilder& record) {
    std::vector<std::uint64_t> words = record.build();
    std::string names;
    fields::Event event{decode::Record(words.data()), &self.process, 1, 7};
    event.hosts = hosts;
    for (const match::Verdict& verdict : matcher->match(event)) {
      names += (names.empty() ? "" : " ") + std::string(program->rule(verdict.rule).name);
      if (verdict.resolved_view) names += "*";
    }
    return names;
  }
  std::string run(RecordBuilder record) {
    std::string first = once(record);
    for (int i = 0; i < 3; i++) CHECK(once(record) == first);
    return first;
  }
};

RecordBuilder open_of(std::string_view name, std::string_view path,
                      std::uint64_t flags = O_RDONLY) {
  RecordBuilder record(SAKER_EV_openat);
  record.ret(3).set(SAKER_P_open_fd, 3).set(SAKER_P_open_fdtype, 'f');
  return record.set(SAKER_P_open_flags, flags)
      .text(SAKER_P_open_name, name)
      .text(SAKER_P_open_path, path);
}

RecordBuilder connect_of(const saker_sock& sock, std::int64_t ret = 0, std::uint64_t number = 5) {
  RecordBuilder record(SAKER_EV_connect);
  record.ret(ret).set(SAKER_P_sock_fd, number).set(SAKER_P_sock_fdtype, '4');
  return record.sock(SAKER_P_sock_sock, sock);
}

}  // namespace

TEST_CASE(
    "candidate cache: the name, what it leads to, how it is opened and whether that worked are "
    "apart") {
  Rig rig;
  CHECK(rig.run(open_of("/etc/a", "/etc/a")) == "a");
  CHECK(rig.run(open_of("/etc/a", "/etc/b")) == "a b*");
  CHECK(rig.run(open_of("/etc/b", "/etc/a")) == "a* b");
  CHECK(rig.run(open_of("/etc/a", "/etc/a", O_WRONLY)) == "a writes");
  CHECK(rig.run(open_of("/x", "/x")) == "");
  CHECK(rig.run(open_of("", "")) == "");
  CHECK(rig.run(open_of(std::string(5000, '/'), "/x")) == "");
  CHECK(rig.run(open_of("x", "/x")) == "");
  CHECK(rig.run(open_of("/etc/c", "/etc/c")) == "");
  RecordBuilder fails = open_of("/etc/c", "");
  CHECK(rig.run(fails.ret(-2).set(SAKER_P_open_fd, static_cast<std::uint64_t>(-2))) == "failed");
}

TEST_CASE(
    "candidate cache: another image at the same address is another process, and so is a changed "
    "one") {
  Rig rig;
  CHECK(rig.run(open_of("/etc/a", "/etc/a")) == "a");
  rig.self.command("dog", "/usr/bin/dog", {});
  rig.self.process.verdicts.forget();
  CHECK(rig.run(open_of("/etc/a", "/etc/a")) == "");
  rig.self.process.~LoneProcess();
  new (&rig.self.process) enrich::LoneProcess;
  rig.self.process.known = true;
  rig.self.command("cat", "/usr/bin/cat", {});
  CHECK(rig.run(open_of("/etc/a", "/etc/a")) == "a");
}

TEST_CASE(
    "candidate cache: a program is known by its names, its file, its ancestors and its user") {
  Rig rig;
  RecordBuilder exec(SAKER_EV_execve);
  exec.head().uid = 1000;
  ProcessBox nameless;
  nameless.process.parent = &rig.parent.process;
  std::swap(nameless.process.own.comm, rig.self.process.own.comm);
  CHECK(rig.run(exec) == "below-sshd");
  std::swap(nameless.process.own.comm, rig.self.process.own.comm);
  CHECK(rig.run(exec) == "below-sshd cat");
  rig.self.process.own.exe_flags = SAKER_EXE_MEMFD;
  CHECK(rig.run(exec) == "below-sshd of-memory cat");
  rig.parent.command("bash", "/bin/bash", {});
  CHECK(rig.run(exec) == "of-memory cat");
  exec.head().uid = 0;
  CHECK(rig.run(exec) == "by-root of-memory cat");
  // A number may get another name.
  enrich::Users users = enrich::Users::of({{0, 0, "admin", "/", "/bin/sh"}}, {});
  rig.matcher->use(&users);
  CHECK(rig.run(exec) == "of-memory cat");
}

TEST_CASE("candidate cache: a command is known by its line, its arguments and its directory") {
  Rig rig;
  RecordBuilder exec(SAKER_EV_execve);
  exec.head().uid = 1000;
  rig.parent.command("bash", "/bin/bash", {});
  CHECK(rig.run(exec) == "cat");
  rig.self.command("cat", "/usr/bin/cat", {"b c"});
  CHECK(rig.run(exec) == "cat of-line");
  rig.self.command("cat", "/usr/bin/cat", {"b", "c"});
  CHECK(rig.run(exec) == "cat of-line of-argument");
  rig.self.process.own.cwd = "/tmp";
  CHECK(rig.run(exec) == "cat in-tmp of-line of-argument");
  rig.self.command("dog", "/usr/bin/dog", {"b", "c"});
  CHECK(rig.run(exec) == "in-tmp of-line of-argument");
  // Data that is not in the key is evaluated each time.
  rig.self.environment({"X=1"});
  CHECK(rig.run(exec) == "in-tmp of-line of-argument of-variable");
  rig.self.environment({"X=2"});
  CHECK(rig.run(exec) == "in-tmp of-line of-argument");
  // Too long for a key.
  rig.self.command("dog", "/usr/bin/dog", {std::string(600, 'x'), "c"});
  CHECK(rig.run(exec) == "in-tmp of-argument");
}

TEST_CASE(
    "candidate cache: a connection is known by both ends but the client's port, and by what came "
    "of the "
    "call") {
  Rig rig;
  auto to = [](std::uint32_t peer, std::uint16_t port, std::uint16_t own = 50000) {
    return testing::tcp4(0x0a000001, own, peer, port, SAKER_ROLE_CLIENT);
  };
  CHECK(rig.run(connect_of(to(0x0a000002, 80))) == "to-peer to-net");
  CHECK(rig.run(connect_of(to(0x0a000003, 80))) == "to-net");
  CHECK(rig.run(connect_of(to(0x0a000103, 443))) == "to-port");
  CHECK(rig.run(connect_of(to(0x0a000103, 443, 40000))) == "from-port to-port");
  CHECK(rig.run(connect_of(to(0x0a000103, 443, 40001))) == "to-port");
  CHECK(rig.run(connect_of(to(0x0a000103, 443), -ECONNREFUSED)) == "to-port refused");
  CHECK(rig.run(connect_of(to(0x0a000103, 443), 0, 7)) == "to-port of-seven");
  CHECK(rig.run(connect_of(to(0x0a000103, 443), 0, 8)) == "to-port");
  enrich::Hosts names = enrich::Hosts::of("10.0.1.3 db\n", std::vector<std::string_view>{"db"});
  rig.hosts = &names;
  CHECK(rig.run(connect_of(to(0x0a000103, 443))) == "to-port to-name");
  rig.hosts = nullptr;
  CHECK(rig.run(connect_of(to(0x0a000103, 443))) == "to-port");
  saker_sock datagram = to(0x0a000103, 443);
  datagram.type = SOCK_DGRAM;
  datagram.protocol = 17;
  CHECK(rig.run(connect_of(datagram)) == "to-port datagram");
  // Accepted from there, not connected to it.
  saker_sock served = testing::tcp4(0x0a000002, 443, 0x0a000001, 40000, SAKER_ROLE_SERVER);
  CHECK(rig.run(connect_of(served)) == "to-peer to-net from-port to-port");
  rig.self.command("dog", "/usr/bin/dog", {});
  rig.self.process.verdicts.forget();
  CHECK(rig.run(connect_of(to(0x0a000002, 80))) == "to-net");
}

TEST_CASE(
    "candidate cache: answers that are kept with a path are not those of another view of it") {
  Rig rig;
  for (int i = 0; i < 3; i++) {
    CHECK(rig.run(open_of("/etc/b", "/etc/b")) == "b");
    CHECK(rig.run(open_of("/etc/x", "/etc/b")) == "b*");
    CHECK(rig.run(open_of("/etc/a", "/etc/x", O_RDWR)) == "a writes");
    CHECK(rig.run(open_of("/etc/x", "/etc/a", O_RDWR)) == "a* writes");
  }
}

TEST_CASE("candidate cache: a name that is not absolute begins where the process is") {
  Rig rig;
  RecordBuilder fails = open_of("c", "");
  fails.ret(-2).set(SAKER_P_open_fd, static_cast<std::uint64_t>(-2));
  CHECK(rig.run(fails) == "");
  rig.self.process.own.cwd = "/etc";
  CHECK(rig.run(fails) == "failed");
  rig.self.process.own.cwd = "/tmp";
  CHECK(rig.run(fails) == "");
}

TEST_CASE(
    "candidate cache: images that a program's rules cannot tell apart share what is known, others "
    "do not") {
  Rig rig;
  CHECK(rig.run(open_of("/etc/a", "/etc/a")) == "a");
  std::vector<std::unique_ptr<ProcessBox>> images;
  auto image = [&](const std::string& name, const ProcessBox& parent) {
    images.push_back(std::make_unique<ProcessBox>());
    images.back()->command(name, "/usr/bin/" + name, {});
    images.back()->process.parent = &parent.process;
    return &images.back()->process;
  };
  auto run_as = [&](const enrich::Process* process) {
    std::string names;
    std::vector<std::uint64_t> words = open_of("/etc/a", "/etc/a").build();
    fields::Event event{decode::Record(words.data()), process, 1, 7};
    for (int i = 0; i < 4; i++) {
      names += "|";
      for (const match::Verdict& verdict : rig.matcher->match(event))
        names += rig.program->rule(verdict.rule).name;
    }
    return names;
  };
  ProcessBox other;
  other.command("cron", "/usr/sbin/cron", {});
  for (int i = 0; i < 4; i++) {
    CHECK(run_as(image("cat", rig.parent)) == "|a|a|a|a");
    CHECK(run_as(image("dog", rig.parent)) == "||||");
    CHECK(run_as(image("cat", other)) == "|a|a|a|a");
  }
}

TEST_CASE("candidate cache: many rules of many shapes hold where they did, at every sight") {
  // More entries than are tried one by one, and conditions that only one of an event's parts
  // decides.
  std::string text;
  for (int i = 0; i < 600; i++) {
    const std::string n = std::to_string(i);
    const std::string shapes[] = {
        "evt.type = openat and fd.name startswith /srv/" + n + "/",
        "evt.type = openat and proc.name = tool" + n + " and fd.name endswith .key",
        "evt.type = openat and not proc.name in (a, b" + n + ") and fd.name contains secret" + n,
        "evt.type = openat and evt.is_open_write = true and proc.pname = parent" + n,
        "evt.type = openat and proc.vpid = " + n + " and not fd.name startswith /dev",
        "evt.type = openat and not fd.name startswith /" + n};
    text += "- rule: r" + n + "\n  desc: d\n  condition: " + shapes[i % 6] +
            "\n  output: o\n  priority: WARNING\n";
  }
  Rig rig(text);
  auto count = [&](RecordBuilder record) {
    std::string names = rig.run(std::move(record)) + " ";
    // The last one matches nearly everything.
    std::string rest;
    for (std::size_t at = 0, end; (end = names.find(' ', at)) != names.npos; at = end + 1) {
      const std::string name = names.substr(at, end - at);
      if (name.size() > 1 && std::stoi(name.substr(1)) % 6 != 5) rest += name + " ";
    }
    return rest;
  };
  for (int round = 0; round < 40; round++) {
    CHECK(count(open_of("/srv/120/x", "/srv/120/x")) == "r120 ");
    CHECK(count(open_of("/x", "/srv/126/x")) == "r126* ");
    rig.self.command("tool301", "/usr/bin/tool301", {});
    rig.self.process.verdicts.forget();
    CHECK(count(open_of("/srv/300/secret302.key", "/srv/300/secret302.key")) == "r300 r301 r302 ");
    rig.parent.command("parent303", "/usr/bin/parent303", {});
    rig.self.process.vpid = 304;
    rig.self.process.verdicts.forget();
    CHECK(count(open_of("/x", "/x", O_WRONLY)) == "r303 r304 ");
    CHECK(count(open_of("/dev/x", "/dev/x")) == "");
    CHECK(count(open_of("/dev/x", "/x")) == "r304* ");
    rig.parent.command("sshd", "/usr/sbin/sshd", {});
    rig.self.command("cat", "/usr/bin/cat", {});
    rig.self.process.vpid = 305;
    rig.self.process.verdicts.forget();
    CHECK(count(open_of("/x", "/x", O_WRONLY)) == "");
  }
}

}  // namespace saker
