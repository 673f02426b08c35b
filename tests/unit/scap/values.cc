// SPDX-License-Identifier: Apache-2.0
// Special values of fields where a capture has more data than an image or a record: threads other
// than the main thread, ends of sockets in containers, raw arguments, calls that the writer had no
// name for.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "fields/number.h"
#include "match/compare.h"
#include "replay.h"
#include "scap/address.h"
#include "scap/event.h"
#include "writer.h"

namespace saker::scap {
namespace {

using test::CaptureWriter, test::recorded, test::Replay;

TEST_CASE("scap: ancestor 0 is the main thread; without one there are no ancestors") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "myownsh", "/") +
              w.process(11, 10, 1, "worker", "/") + w.process(21, 20, 1, "orphan", "/"));
  for (std::int64_t tid : {11, 21, 99})
    w.event(getcwd_x, tid, {w.p64(0), CaptureWriter::text("/")});
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  REQUIRE(replay.next());
  CHECK(replay["proc.name"] == "worker");
  CHECK(replay["proc.aname[0]"] == "myownsh");
  CHECK(replay["proc.acmdline[0]"] == "myownsh");
  CHECK(replay["proc.aname[1]"] == "init");
  CHECK(replay["proc.loginshellid"] == "10");
  CHECK(replay["thread.ismain"] == "false");
  CHECK(replay["thread.nametid"] == "worker11");
  REQUIRE(replay.next());
  CHECK(replay["proc.name"] == "orphan");
  for (std::string_view field :
       {"proc.aname[0]", "proc.aname[1]", "proc.aname", "proc.apid[0]", "proc.loginshellid"})
    CHECK(replay[field] == "<NA>");
  REQUIRE(replay.next());
  CHECK(replay["proc.aexepath[0]"] == "<NA>");
  CHECK(replay["proc.apid[0]"] == "<NA>");
  CHECK(replay["proc.aenv[HOME]"].empty());
}

TEST_CASE("scap: missing variables and arguments are empty texts") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(getcwd_x, 10, {w.p64(0), CaptureWriter::text("/")});
  Replay replay(w.path());
  REQUIRE(replay.next());
  CHECK(replay["proc.env[A]"] == "1");
  CHECK(replay["proc.env[B]"].empty());
  CHECK(replay["proc.args[3]"].empty());
  CHECK(replay["proc.aenv"] == "A=1");
  CHECK(replay["proc.aenv[9]"] == "<NA>");
  CHECK(replay["proc.ppid.ts"] == "0");
}

TEST_CASE("scap: a single NUL is not an argument") {
  int count = 0;
  auto texts = [&](std::string_view list) {
    count = 0;
    each_text(list, [&](std::string_view) { count++; });
    return count;
  };
  CHECK(texts("") == 0);
  CHECK(texts(std::string_view("\0", 1)) == 0);
  CHECK(texts(std::string_view("\0\0", 2)) == 2);
  CHECK(texts(std::string_view("a\0\0", 3)) == 2);
  CHECK(texts("a") == 1);
}

std::array<std::uint8_t, 16> ip(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {a, b, c, d};
}

TEST_CASE(
    "scap: an address is local to a container by its own, else by any container's, else by the "
    "interfaces") {
  Interfaces interfaces;
  interfaces.add({.v6 = false, .address = ip(10, 9, 0, 2), .netmask = {}, .name = "eth0"});
  interfaces.add({.v6 = true, .address = {0xfe, 0x80}, .netmask = {}, .name = "eth0"});
  ContainerAddresses containers;
  containers.take(R"({"container":{"id":"aaaaaaaaaaaa1","ip":"172.17.0.2"}})", false);
  containers.take(R"({"id":"bbbbbbbbbbbb"})", false);
  containers.take("no json", false);
  auto local = [&](const char* container, const std::array<std::uint8_t, 16>& address) {
    return local_address(interfaces, containers, container, address, false);
  };
  for (const char* container : {"", "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"}) {
    CHECK(local(container, ip(10, 9, 0, 2)));
    CHECK_FALSE(local(container, ip(8, 8, 8, 8)));
  }
  CHECK(local("aaaaaaaaaaaa", ip(172, 17, 0, 2)));
  CHECK(local("bbbbbbbbbbbb", ip(172, 17, 0, 2)));
  CHECK_FALSE(local("cccccccccccc", ip(172, 17, 0, 2)));
  CHECK_FALSE(local("", ip(172, 17, 0, 2)));
  CHECK(local_address(interfaces, containers, "", {0xfe, 0x80}, true));
  CHECK_FALSE(local_address(interfaces, containers, "aaaaaaaaaaaa", {0xfe, 0x80}, true));
  containers.take(R"({"id":"aaaaaaaaaaaa","ip":"172.17.0.2"})", true);
  CHECK(local("aaaaaaaaaaaa", ip(172, 17, 0, 2)));
  containers.forget_removed();
  CHECK_FALSE(local("bbbbbbbbbbbb", ip(172, 17, 0, 2)));
}

TEST_CASE("scap: raw arguments have the form of their own event") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(openat_2_x, 10,
          {w.p64(-2), w.p64(-100), "", w.p32(0x800001), w.p32(0666), w.p32(0x14), w.p64(7)});
  w.event(epoll_create_x, 10, {w.p64(-22), w.p32(static_cast<std::uint32_t>(-22))});
  Replay replay(w.path());
  REQUIRE(replay.next());
  CHECK(replay["evt.rawarg.flags"] == "800001");
  CHECK(replay["evt.rawarg.mode"] == "666");
  CHECK(replay["evt.rawarg.dev"] == "14");
  CHECK(replay["evt.rawarg.ino"] == "7");
  CHECK(replay["evt.rawarg.name"] == "<NA>");
  REQUIRE(replay.next());
  CHECK(replay["evt.rawarg.size"] == "-22");
}

TEST_CASE("scap: a call that the recorder did not know is named by its native number") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(generic_x, 10, {w.bytes().u16(0).out, w.bytes().u16(221).out});
  w.event(generic_x, 10, {w.bytes().u16(0).out, w.bytes().u16(9999).out});
  Replay replay(w.path());
  REQUIRE(replay.next());
  CHECK(replay["evt.type"] == "fadvise64");
  CHECK(replay["syscall.type"] == "fadvise64");
  REQUIRE(replay.next());
  CHECK(replay["evt.type"] == "unknown");
}

TEST_CASE("scap: times since the first event start at the first that is not a notification") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(user_added_e, -1,
          {w.p32(5), w.p32(5), CaptureWriter::text("u"), CaptureWriter::text("/"),
           CaptureWriter::text("/bin/sh"), CaptureWriter::text("")},
          1000);
  for (std::uint64_t time : {5000, 7000})
    w.event(getcwd_x, 10, {w.p64(0), CaptureWriter::text("/")}, time);
  Replay replay(w.path());
  REQUIRE(replay.next());
  if (replay["evt.type"] == "useradded") REQUIRE(replay.next());
  CHECK(replay["evt.reltime"] == "000000000");
  CHECK(replay["evt.dir"] == "<");
  REQUIRE(replay.next());
  CHECK(replay["evt.reltime"] == "000002000");
  CHECK(replay["evt.deltatime"] == "2000");
}

}  // namespace
}  // namespace saker::scap
