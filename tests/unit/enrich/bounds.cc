// SPDX-License-Identifier: Apache-2.0
// The memory of the process table, whatever programs do.
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdio>
#include <string>
#include <vector>

#include "decode/build.h"
#include "enrich/table.h"

namespace saker::enrich {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct Fixture {
  Epochs epochs{1};
  Containers containers;
  std::unique_ptr<ProcessTable> table = std::move(*ProcessTable::make(epochs, containers));
  decode::RecordBuilder builder;
  std::uint64_t ts = second;

  void take(std::uint32_t pid) {
    builder.head().pid = pid;
    builder.head().ts = ts += 1000;
    table->apply(decode::Record(builder.finish().data()));
  }
  std::uint64_t fork(std::uint32_t parent, std::uint32_t child) {
    const std::uint64_t start = ts;
    builder.begin(SAKER_EV_clone)
        .number(SAKER_P_fork_child_pid, child)
        .number(SAKER_P_fork_ppid, parent)
        .number(SAKER_P_fork_start_time, start);
    take(parent);
    return start;
  }
  void exec(std::uint32_t pid, std::uint32_t ppid, std::uint64_t start, std::string_view comm,
            std::string_view argv, std::string_view cgroup = "/") {
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, comm)
        .blob(SAKER_P_exec_exepath, "/usr/bin/program")
        .blob(SAKER_P_exec_args, argv)
        .blob(SAKER_P_exec_cgroup, cgroup)
        .number(SAKER_P_exec_ppid, ppid)
        .number(SAKER_P_exec_start_time, start);
    take(pid);
  }
  void exit(std::uint32_t pid, std::uint64_t start) {
    builder.begin(SAKER_EV_procexit).number(SAKER_P_exit_start_time, start);
    take(pid);
  }
  void batches(int times = 3) {
    for (int i = 0; i < times; i++) {
      table->collect();
      epochs.end(0, epochs.begin());
      table->collect();
      table->trim();
    }
  }
  // A process with this many ancestors, each running its own program, which exit: oldest first, or
  // youngest first.
  std::uint32_t line(std::uint32_t first, unsigned ancestors, std::string_view argv, bool top) {
    std::vector<std::uint64_t> starts;
    for (unsigned i = 0; i <= ancestors; i++) {
      starts.push_back(fork(i ? first + i - 1 : 1, first + i));
      exec(first + i, i ? first + i - 1 : 1, starts.back(), "p" + std::to_string(i), argv);
    }
    batches();
    for (unsigned i = 0; i < ancestors; i++) {
      const unsigned which = top ? i : ancestors - 1 - i;
      exit(first + which, starts[which]);
      if (i % 8 == 0) batches();
    }
    batches();
    return first + ancestors;
  }
  unsigned depth(std::uint32_t pid) const {
    unsigned out = 0;
    for (const Process* at = table->find(pid, ts)->parent; at && at->pid != 1; at = at->parent)
      out++;
    return out;
  }
};

std::string arguments(std::size_t bytes) {
  std::string out = "program";
  for (out.push_back('\0'); out.size() < bytes; out.push_back('\0')) out.append(99, 'x');
  return out;
}

std::size_t used() {
  const struct mallinfo2 now = ::mallinfo2();
  return now.uordblks + now.hblkhd;
}

TEST_CASE("bounds: while there is space, exited ancestors are kept unchanged") {
  for (bool top : {true, false}) {
    Fixture f;
    const std::string argv = arguments(8192);
    const std::uint32_t leaf = f.line(100, 33, argv, top);
    CHECK(f.depth(leaf) == 32);
    CHECK(f.table->forgotten() == 1);
    CHECK(f.table->shortened() == 0);
    const Process* parent = f.table->find(leaf, f.ts)->parent;
    CHECK(parent->program->comm == "p32");
    CHECK(parent->program->args.size() == 82);
    CHECK(parent->program->cmdline.size() > 8000);
  }
}

TEST_CASE("bounds: 5,000 processes with 33 exited ancestors and 8 KiB of arguments each") {
  const std::size_t before = used();
  Fixture f;
  const std::string argv = arguments(8192);
  for (std::uint32_t i = 0; i < 5000; i++) f.line(1000 + 40 * i, 33, argv, i % 2);
  CHECK(f.table->processes() == 5000);
  CHECK(used() - before < 64u << 20);
  CHECK(f.table->ancestral() < ProcessTable::ancestor_bytes + 5000 * 1200);
  CHECK(f.table->forgotten() > 5000);
  CHECK(f.table->shortened() > 1000);
  // The texts of the last process are complete, and so is its parent's name.
  const Process* leaf = f.table->find(1000 + 40 * 4999 + 33, f.ts);
  REQUIRE(leaf);
  CHECK(leaf->program->args.size() == 82);
  CHECK(leaf->program->cmdline.size() > 8000);
  const Process* parent = leaf->parent;
  REQUIRE(parent);
  CHECK(parent->program->comm == "p32");
  CHECK(parent->program->exepath == "/usr/bin/program");
  CHECK(parent->program->cmdline.starts_with("p32 xxx"));
  CHECK(parent->program->cmdline.size() <= TextBlock::slim_cmdline);
  // All of it is given back.
  for (std::uint32_t i = 0; i < 5000; i++) f.table->remove(1000 + 40 * i + 33, f.ts);
  f.batches(4);
  CHECK(f.table->images() == 0);
  CHECK(f.table->ancestral() == 0);
  CHECK(used() - before < 4u << 20);
}

TEST_CASE("bounds: 5,000 processes with 60,000 bytes of arguments, and their children") {
  const std::size_t before = used();
  Fixture f;
  const std::string argv = arguments(60000);
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < 5000; i++) {
    const std::uint32_t pid = 1000 + 2 * i;
    const std::uint64_t start = f.fork(1, pid);
    f.exec(pid, 1, start, "p", argv);
    last = f.ts;
    // At its own event each has all of it.
    const Process* at_exec = f.table->find(pid, f.ts);
    REQUIRE(at_exec->program->cmdline.size() > 59000);
    f.fork(pid, pid + 1);
    if (i % 8 == 0) f.batches();
  }
  f.batches();
  CHECK(used() - before < 64u << 20);
  CHECK(f.table->abridged() > 4800);
  const std::uint32_t newest = 1000 + 2 * 4999;
  CHECK(f.table->find(newest, last)->program->args.size() == 600);
  CHECK(f.table->find(newest, f.ts)->program->cmdline.size() > 59000);
  // The others, and every child, have the beginning.
  for (std::uint32_t pid : {1000u, newest + 1}) {
    const Process* process = f.table->find(pid, f.ts);
    REQUIRE(process);
    CHECK(process->program->comm == "p");
    CHECK(process->program->exepath == "/usr/bin/program");
    CHECK(process->program->cmdline.starts_with("p xxx"));
    CHECK(process->program->cmdline.size() > 3900);
    CHECK(process->program->cmdline.size() <= TextBlock::brief_bytes);
  }
  for (std::uint32_t i = 0; i < 10000; i++) f.table->remove(1000 + i, f.ts);
  f.batches(4);
  CHECK(f.table->images() == 0);
  CHECK(used() - before < 4u << 20);
}

TEST_CASE(
    "bounds: the event of an exec has all arguments although others take the memory at once") {
  Fixture f;
  const std::string argv = arguments(60000);
  const std::uint64_t start = f.fork(1, 100);
  f.exec(100, 1, start, "first", argv);
  const std::uint64_t at = f.ts;
  for (std::uint32_t pid = 200; pid < 500; pid++) f.exec(pid, 1, f.fork(1, pid), "p", argv);
  CHECK(f.table->find(100, at)->program->cmdline.size() > 59000);
  CHECK(f.table->find(100, at)->program->args.size() == 600);
  CHECK(f.table->find(100, f.ts)->program->cmdline.size() <= TextBlock::brief_bytes);
  CHECK(f.table->find(100, f.ts)->exec_seen);
  // A process that runs a program with short arguments again loses nothing later.
  f.exec(100, 1, start, "again", arguments(200));
  const std::uint64_t abridged = f.table->abridged();
  f.exec(499, 1, f.ts, "p", arguments(100));
  CHECK(f.table->abridged() == abridged);
}

TEST_CASE("bounds: many short arguments are all kept") {
  Fixture f;
  std::string argv = "p";
  for (argv.push_back('\0'); argv.size() < 64000; argv.push_back('\0')) argv.push_back('a');
  argv.append("secret").push_back('\0');
  f.exec(100, 1, f.fork(1, 100), "p", argv);
  const Process* process = f.table->find(100, f.ts);
  CHECK(process->program->args.size() == 32000);
  CHECK(process->program->args.back() == "secret");
  CHECK(process->program->cmdline.ends_with(" a secret"));
}

TEST_CASE("bounds: a fork bomb and 100,000 containers do not displace earlier entries") {
  Fixture f;
  f.exec(10, 1, f.ts, "init", arguments(100));
  f.batches();
  std::size_t before = 0;
  for (std::uint32_t round = 0; round < 11; round++) {
    for (std::uint32_t i = 0; i < 10000; i++) {
      const std::uint32_t pid = 100 + i % 4000;
      char id[65];
      std::snprintf(id, sizeof id, "%064x", round * 10000 + i);
      const std::uint64_t start = f.fork(10, pid);
      f.exec(pid, 10, start, "worker", arguments(200),
             "/system.slice/docker-" + std::string(id) + ".scope");
      f.exit(pid, start);
      if (i % 500 == 0) f.batches();
    }
    f.batches();
    CHECK(f.table->images() == 1);
    CHECK(f.containers.count() < 1000);
    // The first round allocates memory that the others reuse.
    if (round == 0) before = used();
  }
  CHECK(used() < before + (1u << 20));
}

}  // namespace
}  // namespace saker::enrich
