// SPDX-License-Identifier: Apache-2.0
#include "scap/reader.h"

#include <doctest/doctest.h>

#include <string>

#include "decode/record.h"
#include "scap/path.h"
#include "writer.h"

namespace saker::scap {
namespace {

using test::CaptureWriter;

std::unique_ptr<CaptureReader> open_ok(CaptureWriter& writer) {
  Result<std::unique_ptr<CaptureReader>> reader = CaptureReader::open(writer.path());
  REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().message));
  return std::move(*reader);
}

const CaptureStep& step(CaptureReader& reader) {
  Result<const CaptureStep*> next = reader.next();
  REQUIRE_MESSAGE(next, (next ? "" : next.error().message));
  REQUIRE(*next);
  return **next;
}

decode::Record record(CaptureReader& reader) {
  std::span<const std::byte> bytes = reader.record();
  REQUIRE(decode::check(bytes) == bytes.size());
  return decode::Record(bytes.data());
}

std::string failure(CaptureWriter& writer) {
  Result<std::unique_ptr<CaptureReader>> reader = CaptureReader::open(writer.path());
  if (!reader) return reader.error().message;
  for (;;) {
    Result<const CaptureStep*> next = (*reader)->next();
    if (!next) return next.error().message;
    if (!*next) return "";
  }
}

void add_shell(CaptureWriter& writer) {
  writer.processes(writer.process(1, 1, 0, "init", "/") +
                   writer.process(10, 10, 1, "bash", "/home/me"));
}

std::vector<std::string> openat(CaptureWriter& w, std::int64_t fd, std::int64_t dirfd,
                                const char* name) {
  return {w.p64(fd), w.p64(dirfd), CaptureWriter::text(name), w.p32(1), w.p32(0),
          w.p32(0),  w.p64(77)};
}

TEST_CASE("scap: paths are joined as text only") {
  CHECK(join_path("/a/", "b") == "/a/b");
  CHECK(join_path("/a/", "../b") == "/b");
  CHECK(join_path("/a/", "../../b") == "/b");
  CHECK(join_path("/a/", "./b//c/.") == "/a/b/c");
  CHECK(join_path("/a/", "/x/../y/") == "/y");
  CHECK(join_path("", "/") == "/");
  CHECK(join_path("/", "..hidden") == "/..hidden");
  CHECK(join_path("<UNKNOWN>", "../x") == "<UNKNOWN>../x");
  CHECK(join_path("/a/", std::string(2000, 'x')) == "/DIR_TOO_LONG/FILENAME_TOO_LONG");
}

TEST_CASE("scap: an open is resolved against the directory in the capture") {
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    CaptureWriter writer(swapped);
    add_shell(writer);
    writer.event(openat_2_x, 10, openat(writer, 3, -100, "notes"));
    std::unique_ptr<CaptureReader> reader = open_ok(writer);
    const CaptureStep& first = step(*reader);
    CHECK(first.number == 1);
    CHECK(first.record_type == SAKER_EV_openat);
    CHECK_FALSE(first.hidden);
    REQUIRE(first.thread);
    CHECK(first.thread->comm == "bash");
    decode::Record open = record(*reader);
    CHECK(open.i64(SAKER_P_open_fd) == 3);
    CHECK(open.str(SAKER_P_open_path) == "/home/me/notes");
    CHECK(open.str(SAKER_P_open_name) == "notes");
    CHECK(open.str(SAKER_P_open_base) == "/home/me/");
    CHECK(open.u64(SAKER_P_open_ino) == 77);
    CHECK(open.head().ret == 3);
    CHECK(open.head().tid == 10);
    Result<const CaptureStep*> end = reader->next();
    REQUIRE(end);
    CHECK(*end == nullptr);
  }
}

TEST_CASE("scap: chdir, dup and close change what is known") {
  CaptureWriter w;
  add_shell(w);
  w.event(chdir_x, 10, {w.p64(0), CaptureWriter::text("../other")});
  w.event(openat_2_x, 10, openat(w, 3, -100, "f"));
  w.event(dup2_x, 10, {w.p64(9), w.p64(3), w.p64(9)});
  w.event(close_x, 10, {w.p64(0), w.p64(3)});
  w.event(dup2_x, 10, {w.p64(8), w.p64(3), w.p64(8)});
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  step(*reader);
  step(*reader);
  CHECK(record(*reader).str(SAKER_P_open_path) == "/home/other/f");
  CHECK(step(*reader).record_type == SAKER_EV_dup2);
  decode::Record copy = record(*reader);
  CHECK(copy.str(SAKER_P_dup_name) == "/home/other/f");
  CHECK(copy.u32(SAKER_P_dup_fdtype) == SAKER_FD_FILE);
  Thread* shell = step(*reader).thread;
  CHECK(shell->fds.contains(3));  // still there while the close is shown
  step(*reader);
  CHECK_FALSE(shell->fds.contains(3));
  CHECK(shell->fds.contains(9));
  CHECK_FALSE(shell->fds.contains(8));
}

TEST_CASE("scap: the first form of events, and the data that enter events used to have") {
  CaptureWriter w;
  add_shell(w);
  w.event_v1(openat_e, 10, {w.p64(-100), CaptureWriter::text("old"), w.p32(1), w.p32(0644)});
  w.event_v1(openat_x, 10, {w.p64(4)});
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  const CaptureStep& open = step(*reader);
  CHECK(open.number == 1);
  CHECK(open.type == openat_2_x);
  CHECK(record(*reader).str(SAKER_P_open_path) == "/home/me/old");
  CHECK(reader->counters().dropped == 1);
}

std::vector<std::string> clone(CaptureWriter& w, std::int64_t result, std::int64_t tid,
                               std::int64_t pid, std::int64_t ptid, std::uint32_t flags) {
  return {w.p64(result),
          CaptureWriter::text("bash"),
          CaptureWriter::text("-c"),
          w.p64(tid),
          w.p64(pid),
          w.p64(ptid),
          CaptureWriter::text(""),
          w.p64(1024),
          w.p64(0),
          w.p64(0),
          w.p32(0),
          w.p32(0),
          w.p32(0),
          CaptureWriter::text("bash"),
          "",
          w.p32(flags),
          w.p32(0),
          w.p32(0),
          w.p64(tid),
          w.p64(pid),
          ""};
}

TEST_CASE("scap: a clone makes one process, whichever of its two events comes first") {
  for (bool child_first : {false, true}) {
    CAPTURE(child_first);
    CaptureWriter w;
    add_shell(w);
    w.event(openat_2_x, 10, openat(w, 3, -100, "f"));
    std::vector<std::string> in_child = clone(w, 0, 11, 11, 10, 0),
                             in_parent = clone(w, 11, 10, 10, 1, 0);
    if (child_first)
      w.event(clone_20_x, 11, in_child).event(clone_20_x, 10, in_parent);
    else
      w.event(clone_20_x, 10, in_parent).event(clone_20_x, 11, in_child);
    w.event(procexit_1_e, 11, {w.p64(0), w.p64(0), "", "", w.p64(1)});
    w.event(chdir_x, 10, {w.p64(0), CaptureWriter::text("/")});
    std::unique_ptr<CaptureReader> reader = open_ok(w);
    step(*reader);
    step(*reader);
    step(*reader);
    const ThreadTable& threads = reader->state().threads;
    const Thread* child = threads.find(11);
    REQUIRE(child);
    CHECK(child->ptid == 10);
    CHECK(child->fds.contains(3));
    CHECK(threads.cwd_of(*child) == "/home/me/");
    CHECK(child->env.substr(0, 3) == "A=1");
    CHECK(threads.parent_of(*child) == threads.find(10));
    CHECK(step(*reader).record_type == SAKER_EV_procexit);
    CHECK(threads.find(11));
    step(*reader);
    CHECK_FALSE(threads.find(11));
    CHECK(threads.size() == 2);
  }
}

TEST_CASE("scap: both ends of a socket") {
  CaptureWriter w;
  add_shell(w);
  std::string tuple =
      w.bytes().u8(2).raw({"\x0a\0\0\1", 4}).u16(4000).raw({"\x0a\0\0\2", 4}).u16(443).out;
  std::string address = w.bytes().u8(2).raw({"\x0a\0\0\2", 4}).u16(443).out;
  w.event(socket_x, 10, {w.p64(5), w.p32(2), w.p32(1), w.p32(0), w.p32(0)});
  w.event(connect_x, 10, {w.p64(0), tuple, w.p64(5), address});
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  CHECK(step(*reader).record_type == SAKER_EV_socket);
  step(*reader);
  decode::Record connect = record(*reader);
  CHECK(connect.str(SAKER_P_sock_name) == "10.0.0.1:4000->10.0.0.2:443");
  CHECK(connect.u32(SAKER_P_sock_fdtype) == SAKER_FD_IPV4);
  const saker_sock* sock = connect.sock(SAKER_P_sock_sock);
  REQUIRE(sock);
  // Without an interface list the source is not known to be ours, so the destination counts as the
  // local end.
  CHECK(sock->role == SAKER_ROLE_SERVER);
  CHECK(sock->local_port == 443);
  CHECK(sock->remote_port == 4000);
  CHECK(sock->protocol == 6);
  CHECK(connect.str(SAKER_P_sock_addr).size() == 16);
}

TEST_CASE("scap: unknown blocks and events are skipped and counted") {
  CaptureWriter w;
  w.block(0x7777, "whatever");
  add_shell(w);
  w.event(9999, 10, {w.p64(1)});
  w.block(0x7778, "more");
  w.event(chdir_x, 10, {w.p64(0), CaptureWriter::text("/")});
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  CHECK(step(*reader).type == chdir_x);
  CHECK(reader->counters().unknown_blocks == 2);
  CHECK(reader->counters().unknown_events == 1);
}

TEST_CASE("scap: numbering continues over consecutive sections") {
  CaptureWriter w;
  add_shell(w);
  w.event(openat_2_x, 10, openat(w, 3, -100, "f"));
  w.section();
  w.processes(w.process(20, 20, 1, "zsh", "/z"));
  w.event(openat_2_x, 20, openat(w, 3, -100, "f"));
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  step(*reader);
  CHECK(step(*reader).number == 2);
  CHECK(record(*reader).str(SAKER_P_open_path) == "/z/f");
  CHECK_FALSE(reader->state().threads.find(10));
}

TEST_CASE("scap: a file of another kind, and files truncated anywhere") {
  CaptureWriter empty;
  empty.file.clear();
  CHECK(failure(empty).find("empty") != std::string::npos);
  CaptureWriter text;
  text.file = "no capture at all, but long enough";
  CHECK(failure(text).find("not a capture") != std::string::npos);
  CHECK(CaptureReader::open("/nonexistent/x.scap").error().message.find("No such file") !=
        std::string::npos);

  CaptureWriter whole;
  add_shell(whole);
  whole.event(openat_2_x, 10, openat(whole, 3, -100, "f"));
  whole.event(chdir_x, 10, {whole.p64(0), CaptureWriter::text("/")});
  CHECK(failure(whole).empty());
  std::string bytes = whole.file;
  std::size_t last_event = bytes.rfind(whole.bytes().u32(0x216).out);
  for (std::size_t keep = 1; keep < bytes.size(); keep++) {
    whole.file = bytes.substr(0, keep);
    CAPTURE(keep);
    // Between two blocks the file is simply shorter.
    if (keep != last_event) CHECK_FALSE(failure(whole).empty());
  }
}

TEST_CASE("scap: wrong lengths are reported with their place") {
  CaptureWriter w;
  add_shell(w);
  std::size_t event = w.file.size();
  w.event(openat_2_x, 10, openat(w, 3, -100, "f"));
  std::string good = w.file;
  std::string place = "byte " + std::to_string(event);
  auto with = [&](std::size_t at, std::string bytes) {
    w.file = good;
    w.file.replace(event + at, bytes.size(), bytes);
    return failure(w);
  };
  CHECK(with(4, w.p32(0xfffffff0)).find(place) != std::string::npos);
  CHECK(with(4, w.p32(3)).find(place) != std::string::npos);
  CHECK(with(8 + 2 + 16, w.p32(0x7fffffff)).find("an event says") != std::string::npos);
  CHECK(with(8 + 2 + 22, w.p32(0x7fffffff)).find("parameters") != std::string::npos);
  CHECK(with(8 + 2 + 26, "\xff\xff").find("does not fit") != std::string::npos);
  w.file = good;
  w.file[28 + 8 + 1] = '\x7f';  // length of the first process
  CHECK(failure(w).find("process entry") != std::string::npos);
}

}  // namespace
}  // namespace saker::scap
