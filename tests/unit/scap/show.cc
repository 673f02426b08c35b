// SPDX-License-Identifier: Apache-2.0
#include "scap/show.h"

#include <doctest/doctest.h>

#include <memory>

#include "scap/names.h"
#include "scap/reader.h"
#include "writer.h"

namespace saker::scap {
namespace {

using test::CaptureWriter;

// The last event of a capture, with the state at that time.
struct Last {
  explicit Last(CaptureWriter& writer) {
    // A view is valid until the next step, including the one that ends the file: so steps are
    // counted first.
    std::size_t count = 0;
    for (std::unique_ptr<CaptureReader> first = open(writer); step(*first); count++) {
    }
    reader = open(writer);
    for (; count > 0; count--) {
      const CaptureStep* now = step(*reader);
      REQUIRE(now);
      view = now->view;
      record_type = now->record_type;
    }
  }
  static std::unique_ptr<CaptureReader> open(CaptureWriter& writer) {
    Result<std::unique_ptr<CaptureReader>> opened = CaptureReader::open(writer.path());
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    return std::move(*opened);
  }
  static const CaptureStep* step(CaptureReader& reader) {
    Result<const CaptureStep*> next = reader.next();
    REQUIRE_MESSAGE(next, (next ? "" : next.error().message));
    return *next;
  }
  std::string args() const { return all_params(view); }
  std::unique_ptr<CaptureReader> reader;
  ShownEvent view;
  std::uint16_t record_type = 0;
};

void add_shell(CaptureWriter& w) {
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "bash", "/home/me"));
}

std::string text(const char* of) { return CaptureWriter::text(of); }

TEST_CASE("scap: flags are printed in the order of their table, until all bits are named") {
  std::string out;
  append_flag_names("file_flags", 3, out);
  CHECK(out == "O_RDWR");
  out.clear();
  append_flag_names("file_flags", 0, out);
  CHECK(out == "O_NONE");
  out.clear();
  append_flag_names("file_flags", 0x1041, out);
  CHECK(out == "O_NONBLOCK|O_RDONLY|O_CLOEXEC");
  out.clear();
  append_number_names("socket_families", 1, out);
  CHECK(out == "AF_LOCAL|AF_UNIX");
}

TEST_CASE("scap: calls without a specific record are shown with all their parameters") {
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    CaptureWriter w(swapped);
    add_shell(w);
    w.event(kill_x, 10, {w.p64(-1), w.p64(1), std::string(1, '\x09')});
    Last last(w);
    CHECK(last.record_type == SAKER_EV_foreign);
    CHECK(event_name(*last.view.event) == "kill");
    CHECK(last.args() == "res=-1(EPERM) pid=1(init) sig=9(SIGKILL)");
    CHECK(find_param(*last.view.event, "sig") == 2);
    CHECK(find_param(*last.view.event, "nothing") == -1);
  }
}

TEST_CASE("scap: a system call without a type has its own name") {
  CaptureWriter w;
  add_shell(w);
  std::uint16_t code = 0;
  while (call_name(code) != "getppid") code++;
  w.event(generic_x, 10, {w.bytes().u16(code).out, w.bytes().u16(110).out});
  Last last(w);
  CHECK(event_name(*last.view.event) == "getppid");
  CHECK(event_category(last.view) == "other");
  CHECK(last.args().empty());
  CHECK_FALSE(last.view.event->returns());
}

TEST_CASE("scap: data, descriptors and empty parameters") {
  CaptureWriter w;
  add_shell(w);
  w.event(openat_2_x, 10,
          {w.p64(3), w.p64(-100), text("f"), w.p32(1), w.p32(0), w.p32(0), w.p64(7)});
  SUBCASE("a read") {
    w.event(read_x, 10, {w.p64(4), std::string("a\0\nb", 4), w.p64(3), w.p32(100)});
    Last last(w);
    CHECK(last.args() == "res=4 data=a..b fd=3(<f>/home/me/f) size=100");
    CHECK(event_category(last.view) == "file");
    CHECK(shown_type(last.view.event->type).io == Io::reads);
    REQUIRE(last.view.context->fd);
    CHECK(last.view.context->fd_number == 3);
  }
  SUBCASE("one of a descriptor nobody knows, that failed") {
    w.event(read_x, 10, {w.p64(-9), "", w.p64(8), w.p32(100)});
    Last last(w);
    CHECK(last.args() == "res=-9(EBADF) data=NULL fd=8 size=100");
    CHECK(event_category(last.view) == "unknown");
  }
  SUBCASE("a path relative to nothing known") {
    w.event(openat_2_x, 10,
            {w.p64(-9), w.p64(77), text("../x"), w.p32(0), w.p32(0), w.p32(0), w.p64(0)});
    Last last(w);
    CHECK(last.args() == "fd=-9(EBADF) dirfd=77 name=../x(x) flags=0(O_NONE) mode=0 dev=0 ino=0");
  }
  SUBCASE("of an old writer, who told less") {
    w.event(openat_2_x, 10, {w.p64(4), w.p64(-100), text("/g"), w.p32(1), w.p32(0644)});
    Last last(w);
    CHECK(last.args() ==
          "fd=4(<f>/g) dirfd=-100(AT_FDCWD) name=/g flags=1(O_RDONLY) mode=0644 dev=<NA> ino=<NA>");
  }
}

// The same program in every version of execve's record, each with the parameters of that version.
TEST_CASE("scap: execve of every version gives the same program") {
  struct Version {
    std::uint16_t type;
    unsigned params;
  };
  constexpr Version versions[] = {
      {execve_8_x, 8},   {execve_13_x, 13}, {execve_14_x, 14}, {execve_15_x, 15}, {execve_16_x, 16},
      {execve_17_x, 17}, {execve_18_x, 17}, {execve_19_x, 18}, {execve_19_x, 19}, {execve_19_x, 20},
      {execve_19_x, 23}, {execve_19_x, 26}, {execve_19_x, 27}, {execve_19_x, 28}, {execve_19_x, 29},
      {execve_19_x, 30}, {execve_19_x, 31}};
  for (bool swapped : {false, true}) {
    for (const Version& version : versions) {
      CAPTURE(swapped);
      CAPTURE(version.type);
      CAPTURE(version.params);
      CaptureWriter w(swapped);
      add_shell(w);
      std::vector<std::string> all = {
          w.p64(0),       text("ls"),  text("-l"),     w.p64(10),       w.p64(10),    w.p64(1),
          text(""),       w.p64(1024), w.p64(0),       w.p64(0),        w.p32(0),     w.p32(0),
          w.p32(0),       text("ls"),  text("cpu=/x"), text("B=2"),     w.p32(34816), w.p64(10),
          w.p32(1000),    w.p32(1),    w.p64(0),       w.p64(0),        w.p64(0),     w.p64(5),
          w.p64(6),       w.p64(7),    w.p32(0),       text("/bin/ls"), w.p64(10),    w.p32(0),
          text("/bin/ls")};
      std::vector<std::string> params;
      // Version 14 had no name of the program yet, version 15 no control groups.
      for (unsigned i = 0; i < all.size() && params.size() < version.params; i++) {
        if (i == 13 && version.params < 15) continue;
        if (i == 14 && version.params < 16) continue;
        params.push_back(all[i]);
      }
      w.event(version.type, 10, params);
      Last last(w);
      CHECK(last.record_type == SAKER_EV_execve);
      REQUIRE(last.view.thread);
      CHECK(last.view.thread->comm == "ls");
      CHECK(last.view.thread->exe == "ls");
      CHECK(last.view.thread->exepath == (version.params >= 28 ? "/bin/ls" : "/bin/bash"));
      CHECK(last.view.thread->env.starts_with(version.params >= 14 ? "B=2" : "A=1"));
      CHECK(last.view.thread->tty == (version.params >= 17 ? 34816 : 0));
      CHECK(last.view.event->count == 31);
      CHECK(last.args().starts_with("res=0 exe=ls args=-l. tid=10(ls) pid=10(ls) ptid=1(init) "));
    }
  }
}

TEST_CASE("scap: a container is described in either form, or only by its control group") {
  constexpr const char* id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  CHECK(container_of("cpu=/docker/" + std::string(id)).id == "0123456789ab");
  CHECK(container_of("cpu=/system.slice/cron.service").id.empty());
  SUBCASE("of long ago") {
    CaptureWriter w;
    add_shell(w);
    w.event(container_e, -1, {text("0123456789ab"), w.p32(0), text("web"), text("nginx:1")});
    w.event(chdir_x, 10, {w.p64(0), text("/")});
    Last last(w);
    REQUIRE(last.reader->state().containers.size() == 1);
    CHECK(last.reader->state().containers[0].json.find("nginx:1") != std::string::npos);
  }
  SUBCASE("of today") {
    CaptureWriter w;
    add_shell(w);
    w.event(container_json_e, -1,
            {text("{\"container\":{\"id\":\"0123456789ab\",\"name\":\"web\"}}")});
    w.event(chdir_x, 10, {w.p64(0), text("/")});
    Last last(w);
    REQUIRE(last.reader->state().containers.size() == 1);
  }
}

}  // namespace
}  // namespace saker::scap
