// SPDX-License-Identifier: Apache-2.0
// Special cases of the replay state of threads and descriptors: unknown threads, parents that end,
// calls whose enter event was lost.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "../replay.h"
#include "../writer.h"
#include "scap/event.h"

namespace saker::scap {
namespace {

using test::CaptureWriter, test::recorded, test::Replay;

constexpr std::uint32_t thread_flags = 1u << 13 | 1u, vfork_flag = 1u << 27,
                        in_namespace = 1u << 29;

// The data in a current clone event.
struct Clone {
  std::int64_t result, pid, ptid;
  std::string_view comm;
  std::uint32_t flags = 0;
  std::int64_t vtid = 0, vpid = 0;
};

void clone(CaptureWriter& w, std::int64_t tid, const Clone& c) {
  std::string comm = CaptureWriter::text(c.comm);
  w.event(clone_20_x, tid,
          {w.p64(c.result),
           comm,
           "",
           w.p64(tid),
           w.p64(c.pid),
           w.p64(c.ptid),
           "",
           w.p64(1024),
           w.p64(0),
           w.p64(0),
           w.p32(0),
           w.p32(0),
           w.p32(0),
           comm,
           "",
           w.p32(c.flags),
           w.p32(0),
           w.p32(0),
           w.p64(c.vtid ? c.vtid : tid),
           w.p64(c.vpid ? c.vpid : c.pid),
           w.p64(0)});
}

void exec(CaptureWriter& w, std::int64_t pid, std::int64_t ptid, std::string_view comm,
          std::string_view env) {
  std::string name = CaptureWriter::text(comm);
  w.event(execve_19_x, pid, {w.p64(0),   name,        "",       w.p64(pid),
                             w.p64(pid), w.p64(ptid), "",       w.p64(1024),
                             w.p64(0),   w.p64(0),    w.p32(0), w.p32(0),
                             w.p32(0),   name,        "",       CaptureWriter::text(env),
                             w.p32(0),   w.p64(pid),  w.p32(0), w.p32(0)});
}

void end(CaptureWriter& w, std::int64_t tid, std::int64_t reaper) {
  w.event(procexit_1_e, tid,
          {w.p64(0), w.p64(0), std::string(1, '\0'), std::string(1, '\0'), w.p64(reaper)});
}

void look(CaptureWriter& w, std::int64_t tid) {
  w.event(unlinkat_2_x, tid, {w.p64(0), w.p64(-100), CaptureWriter::text("x"), w.p32(0)});
}

void open(CaptureWriter& w, std::int64_t tid, std::int64_t fd, std::string_view path) {
  w.event(
      openat_2_x, tid,
      {w.p64(fd), w.p64(-100), CaptureWriter::text(path), w.p32(1), w.p32(0), w.p32(0), w.p64(7)});
}

std::string all(Replay& replay, std::initializer_list<std::string_view> fields) {
  std::string out;
  for (std::string_view field : fields) out += replay[field] + ' ';
  out.pop_back();
  return out;
}

void skip(Replay& replay, unsigned events) {
  while (events--) REQUIRE(replay.next());
}

TEST_CASE("scap: children with an unknown reaper go to the reaper according to the tree") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/") +
              w.process(11, 10, 1, "sh-thread", "/", thread_flags) +
              w.process(20, 20, 10, "leaf", "/"));
  SUBCASE("another thread of the same process") {
    end(w, 10, 77);
    look(w, 20);
    Replay replay(w.path());
    skip(replay, 2);
    CHECK(replay["proc.apid[1]"] == "10");
    CHECK(replay["proc.pname"] == "sh");
  }
  SUBCASE("the first process, where no thread is left") {
    end(w, 11, 0);
    end(w, 10, 77);
    look(w, 20);
    Replay replay(w.path());
    skip(replay, 3);
    CHECK(all(replay, {"proc.ppid", "proc.pname"}) == "1 init");
  }
  SUBCASE("the reaper in the event, if known") {
    w.processes(w.process(30, 30, 1, "subreaper", "/"));
    end(w, 11, 0);
    end(w, 10, 30);
    look(w, 20);
    Replay replay(w.path());
    skip(replay, 3);
    CHECK(all(replay, {"proc.ppid", "proc.pname"}) == "30 subreaper");
  }
}

TEST_CASE(
    "scap: a parent nobody told of has the program of its clone only if that made the child") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/"));
  // After vfork, and if it has another number in its namespace, the child is left to its own event.
  std::uint32_t flags = 0;
  SUBCASE("made") {}
  SUBCASE("vfork") { flags = vfork_flag; }
  SUBCASE("pid namespace") { flags = in_namespace; }
  // Descriptors that it opened before do not belong to the child: it was unknown then.
  open(w, 40, 5, "/a");
  clone(w, 40, {41, 40, 1, "shim", flags});
  look(w, 41);
  Replay replay(flags == vfork_flag ? recorded(w) : w.path());
  skip(replay, 2);
  CHECK(all(replay, {"proc.pid", "proc.name", "proc.exe", "proc.ppid"}) ==
        (flags ? "40 <NA> <NA> 1" : "40 shim shim 1"));
  CHECK(replay["proc.fdopencount"] == "1");
  skip(replay, 1);
  CHECK(all(replay, {"proc.pid", "proc.name", "proc.fdopencount"}) ==
        (flags ? "-1 <NA> 0" : "41 shim 0"));
}

TEST_CASE(
    "scap: a child has the environment of the thread that made it, which only a main one has") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "runtime", "/srv") +
              w.process(11, 10, 1, "worker", "/srv", thread_flags));
  clone(w, 20, {0, 20, 10, "runtime"});
  clone(w, 21, {0, 21, 11, "worker"});
  exec(w, 21, 11, "tool", "B=2");
  look(w, 11);
  Replay replay(w.path());
  skip(replay, 1);
  CHECK(all(replay, {"proc.env", "proc.cwd", "proc.ppid"}) == "A=1 /srv/ 10");
  skip(replay, 1);
  CHECK(all(replay, {"proc.env", "proc.cwd", "proc.ppid"}) == " /srv/ 10");
  skip(replay, 1);
  CHECK(replay["proc.env"] == "B=2");
  skip(replay, 1);
  CHECK(replay["proc.env"] == "A=1");
}

// Only a forged capture has this: a main thread that ended, and so is still in the table, makes a
// child with its own number.
TEST_CASE("scap: a clone whose child has the number of its parent takes the parent's place") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/") +
              w.process(11, 10, 1, "sh-thread", "/", thread_flags));
  end(w, 10, 0);
  clone(w, 10, {.result = 10, .pid = 10, .ptid = 1, .comm = "forged"});
  look(w, 10);
  look(w, 11);
  Replay replay(w.path());
  skip(replay, 2);
  CHECK(all(replay, {"thread.tid", "proc.name"}) == "10 forged");
  skip(replay, 1);
  CHECK(all(replay, {"thread.tid", "proc.name"}) == "10 forged");
  skip(replay, 1);
  CHECK(all(replay, {"thread.tid", "proc.pid"}) == "11 10");
}

TEST_CASE("scap: the leader of a session in a pid namespace is found among the parents") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "main", "/") +
              w.process(11, 10, 1, "maker", "/", thread_flags));
  clone(w, 20, {0, 20, 11, "inner", in_namespace, 1, 1});
  // It has no group: an exec in an old capture does not contain it.
  exec(w, 20, 11, "app", "");
  Replay replay(w.path());
  skip(replay, 1);
  // The thread's session is its own number in the list, not its process's.
  CHECK(all(replay, {"proc.sid", "proc.sname", "proc.vpgid.name"}) == "10 maker maker");
  skip(replay, 1);
  CHECK(all(replay, {"proc.pgid", "proc.pgid.name"}) == "-1 ");
}

TEST_CASE("scap: the leader of a session in a pid namespace has the session's number there") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "runc", "/"));
  clone(w, 20, {0, 20, 10, "inner", in_namespace, 7, 7});
  w.event(setsid_x, 20, {w.p64(7)});
  look(w, 10);
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  skip(replay, 1);
  CHECK(all(replay, {"proc.sid", "proc.vpid", "proc.is_sid_leader"}) == "10 7 false");
  skip(replay, 1);
  CHECK(all(replay, {"proc.sid", "proc.vpid", "proc.is_sid_leader", "proc.sname"}) == "7 7 true ");
  skip(replay, 1);
  CHECK(all(replay, {"proc.sid", "proc.vpid", "proc.is_sid_leader"}) == "10 10 true");
}

TEST_CASE("scap: an enter event counts for one exit") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(openat_2_e, 10, {w.p64(-100), CaptureWriter::text("/asked"), w.p32(1), w.p32(0)});
  open(w, 10, 3, "/changed");
  open(w, 10, 4, "/other");
  open(w, 10, -2, "/none");
  Replay replay(w.path());
  skip(replay, 2);
  CHECK(all(replay, {"fd.num", "fd.name"}) == "3 /asked");
  skip(replay, 1);
  CHECK(all(replay, {"fd.num", "fd.name"}) == "4 /other");
  // The descriptor of the previous call, because its number was kept.
  skip(replay, 1);
  CHECK(all(replay, {"fd.num", "fd.name"}) == "4 /other");
}

TEST_CASE(
    "scap: a destination that was changed behind a connect is what the caller asked for at first") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "nc", "/"));
  auto address = [&](std::uint8_t last, std::uint16_t port) {
    return w.bytes().u8(2).raw(std::string("\x0a\0\0", 3)).u8(last).u16(port).out;
  };
  auto connect = [&](std::uint8_t before, std::uint8_t kernel, std::uint8_t after) {
    w.event(socket_x, 10, {w.p64(3), w.p32(2), w.p32(1), w.p32(0)});
    w.event(connect_e, 10, {w.p64(3), address(before, 80)});
    std::string tuple = w.bytes().u8(2).raw(std::string("\x0a\0\0\x09", 4)).u16(4000).out +
                        address(kernel, 80).substr(1);
    w.event(connect_x, 10, {w.p64(0), tuple, w.p64(3), address(after, 80)});
  };
  connect(1, 2, 2);  // read from memory that was changed
  connect(1, 3, 2);  // the kernel's own data
  Replay replay(w.path());
  for (std::string_view expected :
       {"10.0.0.1 10.0.0.9:4000->10.0.0.1:80", "10.0.0.3 10.0.0.9:4000->10.0.0.3:80"}) {
    skip(replay, 3);
    CHECK(all(replay, {"fd.sip", "fd.name"}) == expected);
  }
}

TEST_CASE("scap: every successful bpf makes a descriptor, and a failed memfd_create is counted") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "runc", "/"));
  open(w, 10, 0, "/dev/null");
  look(w, 10);
  w.event(bpf_2_x, 10, {w.p64(0), w.p32(8)});
  w.event(memfd_create_x, 10, {w.p64(-22), CaptureWriter::text("m"), w.p32(0)});
  look(w, 10);
  Replay replay(w.path());
  skip(replay, 2);
  CHECK(all(replay, {"proc.stdin.type", "proc.fdopencount"}) == "file 1");
  skip(replay, 1);
  CHECK(all(replay, {"fd.num", "fd.type", "proc.stdin.type", "proc.fdopencount"}) == "0 bpf bpf 1");
  skip(replay, 1);
  CHECK(all(replay, {"fd.num", "fd.type", "proc.fdopencount"}) == "-22 <NA> 2");
  skip(replay, 1);
  CHECK(replay["proc.fdopencount"] == "2");
}

TEST_CASE("scap: an event of an unknown thread has only its number") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/"));
  end(w, 99, 0);
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  skip(replay, 1);
  CHECK(replay["thread.tid"] == "99");
  for (std::string_view field : {"proc.pid",
                                 "proc.name",
                                 "proc.exe",
                                 "proc.cmdline",
                                 "proc.exeline",
                                 "proc.cwd",
                                 "proc.args",
                                 "proc.env",
                                 "proc.ppid",
                                 "proc.vpid",
                                 "proc.pvpid",
                                 "proc.pname",
                                 "proc.sid",
                                 "proc.pgid",
                                 "proc.vpgid",
                                 "proc.tty",
                                 "proc.sname",
                                 "proc.vpgid.name",
                                 "proc.is_exe_upper_layer",
                                 "proc.is_exe_writable",
                                 "proc.is_sid_leader",
                                 "proc.is_vpgid_leader",
                                 "proc.nthreads",
                                 "proc.nchilds",
                                 "proc.fdopencount",
                                 "proc.cmdnargs",
                                 "proc.cmdlenargs",
                                 "proc.stdin.type",
                                 "proc.aname[2]",
                                 "thread.vtid",
                                 "thread.ismain",
                                 "thread.cap_effective",
                                 "thread.cgroups",
                                 "user.uid",
                                 "user.name",
                                 "user.homedir",
                                 "user.shell",
                                 "user.loginuid",
                                 "user.loginname",
                                 "group.gid",
                                 "group.name",
                                 "container.id",
                                 "fd.num",
                                 "fd.name"}) {
    CAPTURE(field);
    CHECK(replay[field] == "<NA>");
  }
}

}  // namespace
}  // namespace saker::scap
