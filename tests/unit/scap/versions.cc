// SPDX-License-Identifier: Apache-2.0
// Captures of every version, in either byte order: process, descriptor, interface and user lists of
// all versions, and old versions of events.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "scap/images.h"
#include "scap/reader.h"
#include "writer.h"

namespace saker::scap {
namespace {

using test::Bytes;
using test::CaptureWriter;

std::string text(std::string_view of) { return CaptureWriter::text(of); }

std::unique_ptr<CaptureReader> open_ok(CaptureWriter& writer) {
  Result<std::unique_ptr<CaptureReader>> reader = CaptureReader::open(writer.path());
  REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().message));
  return std::move(*reader);
}

const CaptureStep* next(CaptureReader& reader) {
  Result<const CaptureStep*> step = reader.next();
  REQUIRE_MESSAGE(step, (step ? "" : step.error().message));
  return *step;
}

// An event that ends the initial state.
void add_any(CaptureWriter& w, std::int64_t tid = 10) {
  w.event(close_x, tid, {w.p64(0), w.p64(77)});
}

// A process in some version of the list, without the tail of the ninth.
Bytes process_of(const CaptureWriter& w, unsigned version, std::int64_t tid,
                 std::string_view comm) {
  Bytes b = w.bytes();
  b.i64(tid).i64(tid).i64(1);
  if (version >= 6) b.i64(tid - 1);
  if (version >= 8) b.i64(tid - 2);
  b.str16(comm).str16("/sbin/" + std::string(comm));
  if (version >= 7) b.str16("/usr/sbin/" + std::string(comm) + " (deleted)");
  b.str16(std::string_view("-a\0b c\0", 7)).str16("/srv/./x").i64(4096);
  b.u32(0).u32(1000).u32(100);
  if (version >= 2) b.u32(11).u32(12).u32(13).u64(14).u64(15);
  if (version >= 3) b.str16(std::string_view("A=1\0B=2\0", 8));
  if (version >= 4)
    b.i64(tid + 1000).i64(tid + 1000).str16(text("cpu=/docker/" + std::string(64, 'a')));
  if (version >= 5) b.str16("/root/fs");
  return b;
}

std::uint32_t list_block(unsigned version) {
  static constexpr std::uint32_t blocks[] = {0x202, 0x207, 0x209, 0x210, 0x211,
                                             0x212, 0x213, 0x214, 0x215};
  return blocks[version - 1];
}

void check_process(const CaptureState& state, unsigned version, std::int64_t tid,
                   const std::string& comm) {
  const Thread* t = state.threads.find(tid);
  REQUIRE(t);
  auto since = [&](unsigned first, auto then, auto before) {
    return version >= first ? then : before;
  };
  CHECK(t->comm == comm);
  CHECK(t->exe == "/sbin/" + comm);
  CHECK(t->exepath == since(7, "/usr/sbin/" + comm, std::string()));
  CHECK(t->args.substr(0, 6) == std::string("-a\0b c", 6));
  CHECK(t->cwd == "/srv/x/");
  CHECK(t->fdlimit == 4096);
  CHECK(t->uid == 1000);
  CHECK(t->gid == 100);
  CHECK(t->env.substr(0, 3) == since(3, "A=1", ""));
  CHECK(t->sid == since(6, tid - 1, std::int64_t{-1}));
  CHECK(t->vpgid == since(8, tid - 2, std::int64_t{-1}));
  CHECK(t->pgid == -1);
  CHECK(t->vtid == since(4, tid + 1000, std::int64_t{-1}));
  CHECK(t->vpid == since(4, tid + 1000, std::int64_t{-1}));
  CHECK(t->container_id == since(4, "aaaaaaaaaaaa", ""));
  CHECK(t->memory.size == since(2, 11u, 0u));
  CHECK(t->memory.swapped == since(2, 13u, 0u));
  CHECK(t->memory.major_faults == since(2, 14u, 0u));
  CHECK(t->memory.minor_faults == since(2, 15u, 0u));
  CHECK(t->root == since(5, "/root/fs", ""));
  CHECK(t->loginuid == ~0u);
  CHECK(t->tty == 0);
  CHECK(state.threads.parent_of(*t) == state.threads.find(1));
}

TEST_CASE("scap: process lists of every version, in either byte order") {
  for (bool swapped : {false, true}) {
    for (unsigned version = 1; version <= 9; version++) {
      CAPTURE(swapped);
      CAPTURE(version);
      CaptureWriter w(swapped);
      std::string list;
      for (const auto& [tid, comm] :
           {std::pair<std::int64_t, const char*>{1, "init"}, {10, "one"}, {20, "two"}}) {
        const std::string entry = process_of(w, version, tid, comm).out;
        if (version >= 9) list += w.bytes().u32(static_cast<std::uint32_t>(entry.size()) + 4).out;
        list += entry;
      }
      w.block(list_block(version), list);
      add_any(w);
      std::unique_ptr<CaptureReader> reader = open_ok(w);
      CHECK(reader->state().swapped == swapped);
      CHECK(reader->state().threads.size() == 3);
      check_process(reader->state(), version, 10, "one");
      check_process(reader->state(), version, 20, "two");
      REQUIRE(next(*reader));
    }
  }
}

struct Tail {
  std::uint32_t tty, loginuid;
  bool writable, upper, lower, memfd;
  std::uint64_t permitted, ino, mtime, pidns;
  std::int64_t pgid;
};

TEST_CASE("scap: the end of a current process entry depends on its length") {
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    auto read = [&](const Bytes& tail, std::uint64_t boot = 0) {
      CaptureWriter w(swapped);
      Bytes machine =
          w.bytes().u32(2).u64(1 << 20).u64(0).raw(std::string("node") + std::string(124, '\0'));
      w.block(0x201, machine.u64(boot).u64(0).u64(0).u64(0).out);
      const std::string entry = process_of(w, 9, 10, "one").raw(tail.out).out;
      w.block(0x215, w.bytes().u32(static_cast<std::uint32_t>(entry.size()) + 4).raw(entry).out);
      add_any(w);
      std::unique_ptr<CaptureReader> reader = open_ok(w);
      CHECK(reader->state().machine.host == "node");
      const Thread* found = reader->state().threads.find(10);
      REQUIRE(found);
      return Tail{found->tty,       found->loginuid,    found->exe_writable,  found->exe_upper,
                  found->exe_lower, found->exe_memfd,   found->cap_permitted, found->exe_ino,
                  found->exe_mtime, found->pidns_start, found->pgid};
    };
    auto none = read(Bytes(swapped), 99);
    CHECK(none.loginuid == ~0u);
    CHECK(none.pidns == 99);
    CHECK(read(Bytes(swapped).u32(1000)).loginuid == 1000);
    // 29 bytes: from before namespace and terminal were recorded.
    auto before = read(Bytes(swapped).u32(1000).u8(1).u64(1).u64(2).u64(3));
    CHECK(before.loginuid == 1000);
    CHECK(before.writable);
    CHECK(before.permitted == 2);
    CHECK(before.tty == 0);
    Bytes of_2023 = Bytes(swapped)
                        .u64(55)
                        .u32(34816)
                        .u32(1000)
                        .u8(1)
                        .u64(1)
                        .u64(2)
                        .u64(3)
                        .u8(1)
                        .u64(77)
                        .u64(88)
                        .u64(99);
    auto some = read(of_2023);
    CHECK(some.pidns == 55);
    CHECK(some.tty == 34816);
    CHECK(some.upper);
    CHECK(some.ino == 77);
    CHECK(some.mtime == 99);
    CHECK(some.pgid == -1);
    auto full = read(of_2023.u8(1).u8(1).i64(42).u64(1234));
    CHECK(full.memfd);
    CHECK(full.lower);
    CHECK(full.pgid == 42);
  }
}

TEST_CASE("scap: descriptor lists of both versions") {
  for (bool swapped : {false, true}) {
    for (bool today : {false, true}) {
      CAPTURE(swapped);
      CAPTURE(today);
      CaptureWriter w(swapped);
      w.processes(w.process(10, 10, 1, "bash", "/"));
      Bytes list = w.bytes().i64(10);
      auto add = [&](std::int64_t number, std::uint64_t ino, FdType type, const Bytes& part) {
        const std::string entry =
            w.bytes().i64(number).u64(ino).u8(static_cast<std::uint8_t>(type)).raw(part.out).out;
        if (today) list.u32(static_cast<std::uint32_t>(entry.size()) + 4);
        list.raw(entry);
      };
      const std::string one("\x0a\0\0\x01", 4), two("\x0a\0\0\x02", 4),
          six = std::string(15, '\0') + '\x01';
      Bytes file = w.bytes().u32(1).str16("/etc/passwd");
      add(3, 333, FdType::file_v2, today ? file.u32(0x801) : file);
      add(4, 0, FdType::ipv4, w.bytes().raw(one).raw(two).u16(4000).u16(80).u8(2));
      add(5, 0, FdType::ipv6, w.bytes().raw(six).raw(six).u16(4001).u16(443).u8(2));
      add(6, 0, FdType::ipv4_server, w.bytes().raw(one).u16(22).u8(2));
      add(7, 0, FdType::ipv6_server, w.bytes().raw(six).u16(53).u8(3));
      add(8, 0, FdType::unix_socket, w.bytes().u64(1).u64(2).str16("/run/x"));
      for (FdType type :
           {FdType::file, FdType::directory, FdType::fifo, FdType::event, FdType::unsupported,
            FdType::signal, FdType::epoll, FdType::inotify, FdType::timer, FdType::netlink,
            FdType::bpf, FdType::userfault, FdType::io_uring, FdType::memfd, FdType::pidfd})
        add(100 + static_cast<std::int64_t>(type), 9, type, w.bytes().str16("named"));
      add(50, 0, FdType::unknown, w.bytes());
      if (today) add(51, 0, static_cast<FdType>(200), w.bytes().str16("from the future"));
      w.block(today ? 0x218 : 0x203, list.out);
      add_any(w);
      std::unique_ptr<CaptureReader> reader = open_ok(w);
      const ThreadTable& threads = reader->state().threads;
      const Thread& thread = *threads.find(10);
      auto fd = [&](std::int64_t number) {
        const FdInfo* found = threads.fd_of(thread, number);
        REQUIRE(found);
        return *found;
      };
      CHECK(fd(3).name == "/etc/passwd");
      CHECK(fd(3).ino == 333);
      CHECK(fd(3).dev == (today ? 0x801 : 0));
      CHECK(fd(4).name == "10.0.0.1:4000->10.0.0.2:80");
      CHECK(fd(4).role == Role::client);
      CHECK(fd(4).connected);
      CHECK(fd(5).name == "::1:4001->::1:443");
      CHECK(fd(6).name == "10.0.0.1:22");
      CHECK(fd(7).name == "::1:53");
      CHECK(fd(7).l4() == L4::udp);
      CHECK(fd(8).name == "/run/x");
      CHECK(fd(100 + static_cast<std::int64_t>(FdType::pidfd)).type == FdType::pidfd);
      CHECK(fd(100 + static_cast<std::int64_t>(FdType::memfd)).name == "named");
      CHECK(!threads.fd_of(thread, 50));
      if (today) CHECK(fd(51).name == "unknown-type:[200]");
      CHECK(thread.fds.size() == (today ? 22 : 21));
    }
  }
}

TEST_CASE("scap: interfaces and users of both versions, and events that change users") {
  for (bool swapped : {false, true}) {
    for (bool today : {false, true}) {
      CAPTURE(swapped);
      CAPTURE(today);
      CaptureWriter w(swapped);
      Bytes interfaces = w.bytes(), users = w.bytes();
      for (std::uint16_t type : {1, 2, 3, 4}) {
        const std::string address =
            type % 2 ? std::string("\x0a\0\0\x01", 4) : std::string(15, '\0') + '\x01';
        Bytes entry = w.bytes().u16(type).u16(3).raw(address).raw(address).raw(address);
        if (type <= 2) entry.u64(1000);
        entry.raw("eth");
        if (today) interfaces.u32(static_cast<std::uint32_t>(entry.out.size()));
        interfaces.raw(entry.out);
      }
      auto add = [&](const Bytes& entry) {
        if (today) users.u32(static_cast<std::uint32_t>(entry.out.size()) + 4);
        users.raw(entry.out);
      };
      add(w.bytes().u8(0).u32(1000).u32(100).str16("alice").str16("/home/alice").str16("/bin/zsh"));
      add(w.bytes().u8(0).u32(1001).u32(100).str16("bob").str16("/home/bob").str16("/bin/sh"));
      add(w.bytes().u8(1).u32(100).str16("staff"));
      w.block(today ? 0x219 : 0x205, interfaces.out).block(today ? 0x220 : 0x206, users.out);
      w.processes(w.process(10, 10, 1, "bash", "/"));
      // Before the first other event, and after it.
      w.event(user_added_e, -1,
              {w.p32(1000), w.p32(1), text("leads"), text("/"), text("/x"), text("")});
      w.event(user_added_e, -1,
              {w.p32(2000), w.p32(7), text("carol"), text("/c"), text("/y"), text("")});
      add_any(w);
      w.event(user_added_e, -1,
              {w.p32(1000), w.p32(1), text("eve"), text("/"), text("/x"), text("")});
      w.event(group_added_e, -1, {w.p32(100), text("other"), text("")});
      w.event(group_added_e, -1, {w.p32(7), text("seven"), text("")});
      w.event(user_deleted_e, -1,
              {w.p32(1001), w.p32(100), text("bob"), text("/"), text("/x"), text("")});
      std::unique_ptr<CaptureReader> reader = open_ok(w);
      CHECK(reader->state().interfaces.all().size() == 4);
      CHECK(reader->state().interfaces.all()[3].name == "eth");
      ThreadImages images(reader->state());
      auto user = [&](std::uint32_t uid) {
        const enrich::Users::User* found =
            images.users(reader->state().threads.find(10))->user(uid);
        return found ? found->name : "";
      };
      for (int i = 0; i < 3; i++) REQUIRE(next(*reader));
      CHECK(user(1000) == "alice");
      CHECK(user(1001) == "bob");
      CHECK(user(2000) == "carol");
      CHECK(images.users(nullptr)->user(1001)->shell == "/bin/sh");
      CHECK(images.users(nullptr)->group(100)->name == "staff");
      while (next(*reader)) continue;
      CHECK(user(1000) == "eve");
      CHECK(user(1001).empty());
      CHECK(images.users(nullptr)->group(100)->name == "other");
      CHECK(images.users(nullptr)->group(7)->name == "seven");
    }
  }
}

TEST_CASE(
    "scap: who remembers names by where they lie sees each change of them, and nothing else") {
  CaptureWriter w(false);
  w.processes(w.process(10, 10, 1, "bash", "/"));
  add_any(w);
  auto added = [&](std::uint32_t uid, const char* name) {
    w.event(user_added_e, -1, {w.p32(uid), w.p32(1), text(name), text("/"), text("/x"), text("")});
  };
  added(1000, "eve");
  added(1000, "eve");
  w.event(group_added_e, -1, {w.p32(100), text("staff"), text("")});
  w.event(group_added_e, -1, {w.p32(100), text("staff"), text("")});
  w.event(group_deleted_e, -1, {w.p32(99), text("none"), text("")});
  added(1000, "eva");
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  ThreadImages images(reader->state());
  const enrich::Users* before = images.users(nullptr);
  int changes = 0;
  while (next(*reader)) {
    changes += images.users(nullptr) != before;
    before = images.users(nullptr);
  }
  CHECK(changes == 3);
  CHECK(before->user(1000)->name == "eva");
}

// Parameters of a clone with that many parameters.
std::vector<std::string> clone_params(const CaptureWriter& w, unsigned count, std::int64_t result,
                                      std::int64_t tid, std::int64_t parent) {
  std::vector<std::string> out = {w.p64(result), text("/bin/child"), text("-x"),   w.p64(tid),
                                  w.p64(tid),    w.p64(parent),      text("/cwd"), w.p64(512)};
  if (count >= 16) out.insert(out.end(), {w.p64(1), w.p64(2), w.p32(3), w.p32(4), w.p32(5)});
  if (count >= 17) out.push_back(text("child"));
  if (count >= 20) out.push_back(text("cpu=/docker/" + std::string(64, 'b')));
  out.insert(out.end(), {w.p32(0), w.p32(33), w.p32(44)});
  if (count >= 20) out.insert(out.end(), {w.p64(tid), w.p64(tid)});
  if (count >= 21) out.push_back(w.p64(5));
  REQUIRE(out.size() == count);
  return out;
}

TEST_CASE("scap: clone, fork and vfork of every version make the same process") {
  struct Form {
    std::uint16_t type;
    unsigned params;
    std::uint16_t shown;
  };
  static constexpr Form forms[] = {
      {clone_11_x, 11, clone_20_x}, {clone_16_x, 16, clone_20_x}, {clone_17_x, 17, clone_20_x},
      {clone_20_x, 20, clone_20_x}, {clone_20_x, 21, clone_20_x}, {fork_x, 16, fork_20_x},
      {fork_17_x, 17, fork_20_x},   {fork_20_x, 20, fork_20_x},   {fork_20_x, 21, fork_20_x},
      {vfork_x, 16, vfork_20_x},    {vfork_17_x, 17, vfork_20_x}, {vfork_20_x, 20, vfork_20_x},
      {vfork_20_x, 21, vfork_20_x}, {clone3_x, 20, clone3_x},     {clone3_x, 21, clone3_x}};
  for (bool swapped : {false, true}) {
    for (bool first_form : {false, true}) {
      for (const Form& form : forms) {
        CAPTURE(swapped);
        CAPTURE(first_form);
        CAPTURE(form.type);
        CAPTURE(form.params);
        CaptureWriter w(swapped);
        w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "bash", "/home/me"));
        const std::vector<std::string> params = clone_params(w, form.params, 0, 20, 10);
        if (first_form)
          w.event_v1(form.type, 20, params);
        else
          w.event(form.type, 20, params);
        std::unique_ptr<CaptureReader> reader = open_ok(w);
        const CaptureStep* step = next(*reader);
        REQUIRE(step);
        CHECK(step->type == form.shown);
        CHECK(step->view.event->count == 21);
        const Thread* child = reader->state().threads.find(20);
        REQUIRE(child);
        CHECK(child->exe == "/bin/child");
        CHECK(child->comm == (form.params >= 17 ? "child" : "/bin/child"));
        CHECK(child->pid == 20);
        CHECK(child->ptid == 10);
        CHECK(child->uid == 33);
        CHECK(child->gid == 44);
        CHECK(child->fdlimit == 512);
        CHECK(child->cwd == "/home/me/");
        CHECK(child->container_id == (form.params >= 20 ? "bbbbbbbbbbbb" : ""));
        CHECK(child->vpid == (form.params >= 20 ? 20 : -1));
        CHECK(reader->state().threads.parent_of(*child)->comm == "bash");
        CHECK(reader->counters().odd_events == 0);
      }
    }
  }
}

// A parameter with that letter whose bytes encode its index.
std::string filled(const CaptureWriter& w, char letter, unsigned index) {
  const unsigned size = param_size(letter);
  if (size == 0) return text("/p" + std::to_string(index));
  if (size == 8) return w.p64(10 + index);
  if (size == 4) return w.p32(10 + index);
  return std::string(size, static_cast<char>(index + 1));
}

struct Conversion {
  std::uint16_t type;
  unsigned params;
  std::string_view recipe;
};
constexpr Conversion conversions[] = {
#define SCAP_CONVERT(type, count, target, recipe) {type, count, recipe},
#include "scap/convert.def"
};

TEST_CASE("scap: every old exit event is converted, with the data of its enter event") {
  for (bool swapped : {false, true}) {
    unsigned tried = 0;
    for (const Conversion& row : conversions) {
      if (!is_exit(row.type) || row.params == 0) continue;
      CAPTURE(swapped);
      CAPTURE(row.type);
      CAPTURE(row.params);
      CaptureWriter w(swapped);
      w.processes(w.process(10, 10, 1, "bash", "/"));
      auto make = [&](std::uint16_t type, unsigned count) {
        std::vector<std::string> out;
        for (unsigned i = 0; i < count; i++) out.push_back(filled(w, type_info(type).params[i], i));
        return out;
      };
      const std::uint16_t enter = static_cast<std::uint16_t>(row.type - 1);
      if (row.recipe.find('e') != row.recipe.npos)
        w.event(enter, 10, make(enter, static_cast<unsigned>(type_info(enter).params.size())));
      w.event(row.type, 10, make(row.type, row.params));
      std::unique_ptr<CaptureReader> reader = open_ok(w);
      const CaptureStep* step = next(*reader);
      // Enter events that are passed on come first.
      while (step && !is_exit(step->type)) step = next(*reader);
      REQUIRE(step);
      const CaptureEvent& event = *step->view.event;
      CHECK(event.count == event.info().params.size());
      CHECK(!(event.info().flags & obsolete));
      if (param_size(type_info(row.type).params[0]) == 8 && row.type != bpf_x)
        CHECK(event.number(0) == 10);
      CHECK(reader->counters().odd_events == 0);
      CHECK(!next(*reader));
      tried++;
    }
    CHECK(tried > 100);
  }
}

TEST_CASE("scap: calls whose arguments were in their enter events") {
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    CaptureWriter w(swapped);
    w.processes(w.process(10, 10, 1, "bash", "/home/me"));
    w.event_v1(mkdir_e, 10, {text("sub"), w.p32(0755)}).event_v1(mkdir_x, 10, {w.p64(0)});
    w.event_v1(openat_e, 10, {w.p64(-100), text("f"), w.p32(1), w.p32(0)})
        .event_v1(openat_x, 10, {w.p64(7)});
    w.event_v1(read_e, 10, {w.p64(7), w.p32(16)})
        .event_v1(read_x, 10, {w.p64(3), std::string("abc")});
    w.event_v1(close_e, 10, {w.p64(7)}).event_v1(close_x, 10, {w.p64(0)});
    w.event_v1(setuid_e, 10, {w.p32(42)}).event_v1(setuid_x, 10, {w.p64(0)});
    w.event_v1(unlinkat_e, 10, {w.p64(-100), text("gone")}).event_v1(unlinkat_x, 10, {w.p64(-2)});
    std::unique_ptr<CaptureReader> reader = open_ok(w);
    const CaptureStep* step = next(*reader);
    CHECK(step->type == mkdir_2_x);
    CHECK(all_params(step->view) == "res=0 path=sub(/home/me/sub) mode=1ED");
    step = next(*reader);
    CHECK(step->type == openat_2_x);
    CHECK(step->view.context->fd->name == "/home/me/f");
    step = next(*reader);
    CHECK(all_params(step->view) == "res=3 data=abc fd=7(<f>/home/me/f) size=16");
    step = next(*reader);
    CHECK(all_params(step->view) == "res=0 fd=7(<f>/home/me/f)");
    REQUIRE(next(*reader));
    CHECK(reader->state().threads.find(10)->uid == 42);
    step = next(*reader);
    CHECK(step->view.event->text(2) == "gone");
    CHECK(!next(*reader));
    CHECK(reader->counters().odd_events == 0);
  }
}

TEST_CASE("scap: memory and page faults come from the last event that has them") {
  CaptureWriter w;
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "bash", "/"));
  w.event(clone_20_x, 20, clone_params(w, 21, 0, 20, 10));
  w.event(munmap_x, 20, {w.p64(-22), w.p32(70), w.p32(60), "", w.p64(0), w.p64(0)});
  w.event(schedswitch_6_e, 20, {w.p64(1), w.p64(8), w.p64(9), w.p32(100), w.p32(90), w.p32(80)});
  std::unique_ptr<CaptureReader> reader = open_ok(w);
  auto check = [&](std::uint32_t size, std::uint32_t resident, std::uint32_t swapped,
                   std::uint64_t major) {
    REQUIRE(next(*reader));
    const Memory& memory = reader->state().threads.find(20)->memory;
    CHECK(memory.size == size);
    CHECK(memory.resident == resident);
    CHECK(memory.swapped == swapped);
    CHECK(memory.major_faults == major);
  };
  check(3, 4, 5, 1);
  check(70, 60, 5, 1);
  check(100, 90, 80, 8);
}

TEST_CASE("scap: events with flags and large ones, of both forms") {
  for (bool swapped : {false, true}) {
    CAPTURE(swapped);
    CaptureWriter w(swapped);
    w.processes(w.process(10, 10, 1, "bash", "/"));
    const std::vector<std::string> params = {w.p64(0), text("/tmp")};
    // The flags come after the number of the CPU.
    auto flagged = [&](bool counted, std::uint32_t flags) {
      const std::string body = w.body(chdir_x, 10, params, 5000, counted);
      return body.substr(0, 2) + w.p32(flags) + body.substr(2);
    };
    w.block(0x208, flagged(false, 0)).block(0x208, flagged(false, 1));
    w.block(0x217, flagged(true, 0)).block(0x217, flagged(true, 1)).block(0x222, flagged(true, 0));
    w.block(0x221, w.body(chdir_x, 10, params, 6000, true));
    std::unique_ptr<CaptureReader> reader = open_ok(w);
    for (bool hidden : {false, true, false, true, false, false}) {
      const CaptureStep* step = next(*reader);
      REQUIRE(step);
      CHECK(step->hidden == hidden);
      CHECK(step->type == chdir_x);
    }
    CHECK(!next(*reader));
    CHECK(reader->state().threads.find(10)->cwd == "/tmp/");
  }
}

}  // namespace
}  // namespace saker::scap
