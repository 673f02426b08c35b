// SPDX-License-Identifier: Apache-2.0
// Special cases of evt.* fields: events that return nothing, failures with and without a
// descriptor.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "replay.h"
#include "scap/event.h"
#include "writer.h"

namespace saker::scap {
namespace {

using test::CaptureWriter, test::recorded, test::Replay;

// evt.count.error and its four siblings, in the order file, net, memory, other.
std::string errors(Replay& replay) {
  std::string out;
  for (std::string_view field : {"evt.count.error", "evt.count.error.file", "evt.count.error.net",
                                 "evt.count.error.memory", "evt.count.error.other"})
    out += (out.empty() ? "" : " ") + replay[field];
  return out;
}

TEST_CASE(
    "scap: an error is counted by the kind of its descriptor, or of the call if there is none") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  auto open = [&](std::int64_t fd) {
    w.event(
        openat_2_x, 10,
        {w.p64(fd), w.p64(-100), CaptureWriter::text("f"), w.p32(1), w.p32(0), w.p32(0), w.p64(7)});
  };
  auto read = [&](std::int64_t fd) { w.event(read_x, 10, {w.p64(-5), "", w.p64(fd), w.p32(100)}); };
  open(3);
  open(-2);
  read(3);
  read(9);
  w.event(socket_x, 10, {w.p64(4), w.p32(2), w.p32(1), w.p32(0), w.p32(0)});
  read(4);
  w.event(unlinkat_2_x, 10, {w.p64(-2), w.p64(-100), CaptureWriter::text("x"), w.p32(0)});
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  for (std::string_view expected :
       {"0 0 <NA> <NA> <NA>",     // the file that was opened
        "1 1 <NA> <NA> <NA>",     // none was opened, but it would have been a file
        "1 1 <NA> <NA> <NA>",     // a read of a file
        "1 <NA> <NA> <NA> 1",     // of an unknown descriptor
        "0 <NA> 0 <NA> <NA>",     // a socket
        "1 <NA> 1 <NA> <NA>",     // a read of it
        "1 <NA> <NA> <NA> 1"}) {  // a call on a path has no descriptor and opens nothing
    REQUIRE(replay.next());
    CHECK(errors(replay) == expected);
    CHECK(replay["evt.count.exit"] == "1");
  }
}

TEST_CASE("scap: an event without a result counts no error, and one that is not an exit no exit") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(signaldeliver_e, 10, {w.p64(1), w.p64(10), std::string(1, '\x0f')});
  Replay replay(w.path());
  REQUIRE(replay.next());
  CHECK(replay["evt.type"] == "signaldeliver");
  CHECK(replay["evt.failed"] == "<NA>");
  CHECK(replay["evt.res"] == "<NA>");
  CHECK(replay["evt.count"] == "1");
  CHECK(replay["evt.count.exit"] == "<NA>");
  CHECK(errors(replay) == "<NA> <NA> <NA> <NA> <NA>");
}

TEST_CASE("scap: data of other calls is a buffer too, and no call has scheduled time") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/"));
  w.event(process_vm_readv_x, 10, {w.p64(4), w.p64(1), "abcd"});
  w.event(ptrace_x, 10,
          {w.p64(0), std::string(1, '\0') + w.p64(7), std::string(1, '\0') + w.p64(9),
           w.bytes().u16(0).out, w.p64(1)});
  w.event(unlinkat_2_x, 10, {w.p64(0), w.p64(-100), CaptureWriter::text("x"), w.p32(0)});
  Replay replay(w.path());
  REQUIRE(replay.next());
  CHECK(replay["evt.buffer"] == "abcd");
  CHECK(replay["evt.is_io"] == "false");
  CHECK(replay["thread.exectime"] == "0");
  CHECK(replay["thread.totexectime"] == "0");
  CHECK(replay["thread.cpu"] == "<NA>");
  for (std::string_view type : {"ptrace", "unlinkat"}) {
    REQUIRE(replay.next());
    CHECK(replay["evt.type"] == type);
    CHECK(replay["evt.buffer"] == "<NA>");
  }
}

}  // namespace
}  // namespace saker::scap
