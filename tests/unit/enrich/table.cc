// SPDX-License-Identifier: Apache-2.0
#include "enrich/table.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "table_fixture.h"

namespace saker::enrich {
namespace {

TEST_CASE("table: fork copies, exec replaces, and a record finds the image of its time") {
  Fixture f;
  f.scanned(1, 0, second, "init");
  const Process* shell = f.exec(10, 1, 2 * second, 2 * second, "sh");
  REQUIRE(shell);
  CHECK(shell->program->cmdline == "sh -x two words");
  CHECK(shell->program->exe == "sh");
  CHECK(shell->program->args.size() == 2);
  CHECK(shell->program->env[1] == "B=2");
  CHECK(shell->program->cwd == "/srv/");
  CHECK(shell->parent->program->comm == "init");

  CHECK(f.fork(10, 11, 3 * second)->pid == 10);
  const Process* child = f.table->find(11, 3 * second);
  REQUIRE(child);
  CHECK(child->program->comm == "sh");
  CHECK(child->program->comm.data() == shell->program->comm.data());
  CHECK(child->parent == shell);
  CHECK(child->start_time == 3 * second);

  f.exec(11, 10, 3 * second, 4 * second, "ls");
  CHECK(f.table->find(11, 4 * second)->program->comm == "ls");
  CHECK(f.table->find(11, 4 * second - 1)->program->comm == "sh");
  CHECK(f.table->find(11, 4 * second)->start_time == 3 * second);
  CHECK(f.table->find(11, 2 * second) == nullptr);
  CHECK(f.table->find(99, 4 * second) == nullptr);
  CHECK(f.table->find(ProcessTable::max_pid, 4 * second) == nullptr);
  CHECK(f.table->processes() == 3);
}

TEST_CASE("table: an exec that failed changes nothing") {
  Fixture f;
  const Process* shell = f.exec(10, 1, second, second, "sh");
  f.builder.begin(SAKER_EV_execve)
      .blob(SAKER_P_exec_filename, "/none")
      .number(SAKER_P_exec_start_time, second);
  f.builder.head().pid = 10;
  f.builder.head().ts = 2 * second;
  f.builder.head().ret = -2;
  CHECK(f.take() == shell);
  CHECK(f.table->find(10, 3 * second) == shell);
}

TEST_CASE("table: a forked child gets the thread's name, with its arguments") {
  Fixture f;
  f.exec(10, 1, second, second, "node");
  f.fork(10, 11, 2 * second, "worker");
  const Process* child = f.table->find(11, 2 * second);
  CHECK(child->program->comm == "worker");
  CHECK(child->program->args[1] == "two words");
  CHECK(child->program->env[0] == "A=1");
  CHECK(child->program->exepath == "/bin/node");
}

TEST_CASE(
    "table: repeated records, or records after a scan that saw their effect, change nothing") {
  Fixture f;
  f.scanned(10, 1, 2 * second, "now");
  f.fork(1, 10, 2 * second + 3);
  CHECK(f.table->find(10, 5 * second)->program->comm == "now");
  CHECK(f.table->processes() == 1);
  // The exit of an earlier process with that number.
  f.exit(10, second, 4 * second);
  CHECK(f.table->find(10, 5 * second) != nullptr);
  f.exit(10, 2 * second + 3, 6 * second);
  CHECK(f.table->processes() == 0);
  f.exit(10, 2 * second + 3, 6 * second);
  CHECK(f.table->processes() == 0);
  // Still there for earlier records, not for later ones.
  CHECK(f.table->find(10, 5 * second)->program->comm == "now");
  CHECK(f.table->find(10, 7 * second) == nullptr);
  f.batches(3);
  CHECK(f.table->find(10, 5 * second) == nullptr);
  CHECK(f.table->images() == 0);
}

TEST_CASE(
    "table: a number used again belongs to the new process, and to the old one for old records") {
  Fixture f;
  f.exec(10, 1, second, second, "old");
  f.exit(10, second, 2 * second);
  f.exec(20, 1, second, second, "parent");
  f.fork(20, 10, 3 * second);
  CHECK(f.table->find(10, 3 * second)->program->comm == "parent");
  CHECK(f.table->find(10, 2 * second)->program->comm == "old");
  // A late result of a scan that began earlier changes nothing.
  f.scanned(10, 1, second, "stale");
  CHECK(f.table->find(10, 4 * second)->program->comm == "parent");
  f.batches(3);
  CHECK(f.table->find(10, 3 * second)->program->comm == "parent");
  CHECK(f.table->images() == 2);
}

TEST_CASE("table: an ancestor stays readable as long as a descendant, and is freed with the last") {
  Fixture f;
  f.exec(1, 0, second, second, "a");
  f.fork(1, 2, 2 * second);
  f.exec(2, 1, 2 * second, 3 * second, "b");
  f.fork(2, 3, 4 * second);
  f.exit(1, second, 5 * second);
  f.exit(2, 2 * second, 6 * second);
  f.batches(4);
  const Process* last = f.table->find(3, 7 * second);
  REQUIRE(last);
  CHECK(last->parent->program->comm == "b");
  CHECK(last->parent->parent->program->comm == "a");
  CHECK(f.table->images() == 3);
  f.exit(3, 4 * second, 8 * second);
  f.batches(3);
  CHECK(f.table->images() == 0);
  CHECK(f.table->retired() == 0);
}

TEST_CASE("table: a chain of forks that outlive their parents stays short") {
  Fixture f;
  f.exec(1, 0, second, second, "a");
  for (std::uint32_t pid = 1; pid < 2000; pid++) {
    f.fork(pid, pid + 1, (pid + 1) * second);
    f.exit(pid, pid * second, (pid + 1) * second + 1);
    f.batches(2);
  }
  f.batches(3);
  CHECK(f.table->processes() == 1);
  CHECK(f.table->images() <= ProcessTable::max_retired_ancestors + 4);
  unsigned depth = 0;
  for (const Process* p = f.table->find(2000, 3000 * second); p; p = p->parent) depth++;
  CHECK(depth >= ProcessTable::max_retired_ancestors);
}

TEST_CASE("table: nothing is freed before every thread has ended a batch begun since") {
  Epochs epochs(2);
  Containers containers;
  auto table = std::move(*ProcessTable::make(epochs, containers));
  decode::RecordBuilder builder;
  builder.begin(SAKER_EV_execve)
      .blob(SAKER_P_exec_comm, "x")
      .number(SAKER_P_exec_start_time, second);
  builder.head().pid = 5;
  builder.head().ts = second;
  table->apply(decode::Record(builder.finish().data()));
  std::uint64_t slow = epochs.begin();
  const Process* held = table->find(5, second);
  builder.begin(SAKER_EV_procexit).number(SAKER_P_exit_start_time, second);
  builder.head().pid = 5;
  builder.head().ts = 2 * second;
  table->apply(decode::Record(builder.finish().data()));
  for (int i = 0; i < 5; i++) {
    table->collect();
    epochs.end(0, epochs.begin());
  }
  table->collect();
  CHECK(table->images() == 1);
  CHECK(held->program->comm == "x");
  epochs.end(1, slow);
  table->collect();
  CHECK(table->images() == 1);
  for (int i = 0; i < 3; i++) {
    epochs.end(0, epochs.begin());
    epochs.end(1, epochs.begin());
    table->collect();
  }
  CHECK(table->images() == 0);
}

TEST_CASE("table: credentials make a new image only if they changed, and only on success") {
  Fixture f;
  f.exec(10, 1, second, second, "su");
  const Process* before = f.table->find(10, second);
  CHECK(f.setuid(10, 1000, 2 * second, -1) == before);
  CHECK(f.setuid(10, 0, 2 * second) == before);
  const Process* after = f.setuid(10, 1000, 3 * second);
  CHECK(after->uid == 1000);
  CHECK(after->program->cmdline == "su -x two words");
  CHECK(f.table->find(10, 2 * second)->uid == 0);
  CHECK(f.setuid(77, 0, 3 * second) == nullptr);
}

TEST_CASE("table: a process and its children stay in the container it was first seen in") {
  Fixture f;
  const std::string docker = "/system.slice/docker-", ours(64, 'c'), another(64, 'd');
  f.exec(1, 0, second, second, "init", "/", 1);
  f.exec(9, 1, second, second, "other", docker + another + ".scope", 66);
  f.exec(10, 1, second, second, "runc", "/", 1);
  CHECK(f.table->find(10, second)->container.get() == nullptr);
  f.exec(10, 1, second, 2 * second, "sh", docker + ours + ".scope", 77);
  std::uint64_t ts = 2 * second;
  auto in_ours = [&](std::uint32_t pid) {
    const Process* process = f.table->find(pid, ts);
    return process && process->container && process->container->full_id == ours;
  };
  CHECK(in_ours(10));
  for (const std::string& group :
       {std::string("/"), std::string("/system.slice/ssh.service"), docker + another + ".scope",
        docker + ours + ".scope/systemd-nspawn@host.service",
        std::string("/machine.slice/systemd-nspawn@host.service")}) {
    CAPTURE(group);
    ts += second;
    f.exec(10, 1, second, ts, "moved", group, 77);
    CHECK(in_ours(10));
  }
  // The host's mount namespace does not change that either.
  f.exec(10, 1, second, ts += second, "nsenter", "/", 1);
  CHECK(in_ours(10));
  f.fork(10, 11, ts += second);
  CHECK(in_ours(11));
  // Its fork was lost: its parent's container counts.
  ts += second;
  f.exec(12, 10, ts, ts, "lost", "/", 1);
  CHECK(in_ours(12));
  CHECK(f.containers.count() == 2);
}

TEST_CASE(
    "table: a user's control group makes no container of what runs in the host's mount namespace") {
  Fixture f;
  const std::string group =
      "/user.slice/user-1000.slice/user@1000.service/docker-" + std::string(64, 'c') + ".scope";
  f.exec(1, 0, second, second, "init", "/", 1);
  f.exec(10, 1, second, second, "fake", group, 1);
  CHECK(f.table->find(10, second)->container.get() == nullptr);
  f.exec(11, 1, second, second, "rootless", group, 77);
  CHECK(f.table->find(11, second)->container);
}

TEST_CASE("table: all processes are visited once, in turns of a bounded length") {
  Fixture f;
  constexpr std::uint32_t processes = 5000;
  for (std::uint32_t i = 1; i <= processes; i++) {
    auto image = std::make_unique<Image>();
    image->pid = i * 3;
    image->start_time = image->since = second;
    image->set_text(TextBlock::make({"x", "/bin/x", "/", "", "", ""}));
    f.table->add(std::move(image));
  }
  std::vector<std::uint32_t> seen;
  unsigned turns = 0;
  for (std::uint32_t from = 0; from < ProcessTable::max_pid; turns++) {
    const std::size_t before = seen.size();
    from = f.table->each(
        from, [&](const Process& process) { seen.push_back(process.pid); }, 100);
    // A turn ends at the end of a page of the table.
    CHECK(seen.size() - before < 100 + 512);
  }
  CHECK(turns >= processes / (100 + 512));
  REQUIRE(seen.size() == processes);
  for (std::uint32_t i = 1; i <= processes; i++) REQUIRE(seen[i - 1] == i * 3);
}

TEST_CASE(
    "table: after a scan who descends from a container is in it, in whatever order they were "
    "found") {
  Fixture f;
  auto found = [&](std::uint32_t pid, std::uint32_t ppid, std::string_view cgroup) {
    auto image = std::make_unique<Image>();
    image->pid = pid;
    image->ppid = ppid;
    image->start_time = image->since = second;
    image->known = true;
    image->set_text(TextBlock::make({"x", "/bin/x", "/", cgroup, "", ""}));
    f.table->add(std::move(image));
  };
  const std::string ours(64, 'c');
  found(5, 30, "/");
  found(20, 1, "/docker/" + ours);
  found(30, 20, "/docker/" + std::string(64, 'd'));
  found(1, 0, "/");
  CHECK(f.table->link_parents(0) == ProcessTable::max_pid);
  CHECK(f.table->settle_containers(0) == ProcessTable::max_pid);
  for (std::uint32_t pid : {5u, 20u, 30u}) {
    CAPTURE(pid);
    const Process* process = f.table->find(pid, 2 * second);
    REQUIRE(process->container);
    CHECK(process->container->full_id == ours);
  }
  CHECK(f.table->find(1, 2 * second)->container.get() == nullptr);
  for (std::uint32_t pid : {5u, 20u, 30u, 1u}) f.exit(pid, second, 3 * second);
  f.batches(4);
  CHECK(f.containers.count() == 0);
}

// A process in container `digit` of docker, or on the host.
void starts(Fixture& f, std::uint32_t pid, char digit) {
  const std::string id(64, digit);
  f.exec(pid, 1, second, second, "x", digit ? "/system.slice/docker-" + id + ".scope" : "/");
}

TEST_CASE("table: a container's description reaches its processes alone, in bounded turns") {
  Fixture f;
  constexpr std::uint32_t many = 3 * ProcessTable::one_turn;
  for (std::uint32_t i = 0; i < many; i++) starts(f, 1000 + i, 'a');
  for (std::uint32_t i = 0; i < 5; i++) starts(f, 100 + i, 'b');
  starts(f, 10, 0);
  const Container* large = f.table->find(1000, second)->container;
  const Container* small = f.table->find(100, second)->container;
  REQUIRE(large);
  REQUIRE(small);
  // One that exited, and is an ancestor.
  f.fork(100, 200, 2 * second);
  f.exit(100, second, 3 * second);
  const Process* exited = f.table->find(100, 2 * second);

  auto described = [&f](const Container* old) {
    for (;;) {
      std::optional<Containers::Wanted> wanted = f.containers.due(0);
      REQUIRE(wanted);
      if (wanted->container.full_id != old->full_id) continue;
      wanted->container.name = "described";
      const auto replacement = f.containers.answer(*wanted, true, 0);
      REQUIRE(replacement);
      return *replacement;
    }
  };
  auto left = [&f](const Container* old, std::uint32_t from, std::uint32_t to) {
    std::uint32_t count = 0;
    for (std::uint32_t pid = from; pid < to; pid++)
      count += f.table->find(pid, 4 * second)->container == old;
    return count;
  };
  const auto of_large = described(large);
  CHECK_FALSE(f.table->relink(of_large.old, of_large.fresh));
  CHECK(left(large, 1000, 1000 + many) == many - ProcessTable::one_turn);
  CHECK(left(small, 101, 105) == 4);
  // Between two turns one of them forks.
  const std::uint32_t parent = f.table->find(1000, second)->container == large ? 1000 : 999 + many;
  f.fork(parent, 300, 3 * second);
  CHECK(f.table->find(300, 4 * second)->container == large);
  unsigned turns = 1;
  for (bool done = false; !done; turns++) done = f.table->relink(of_large.old, of_large.fresh);
  CHECK(turns == 4);
  f.containers.replaced(of_large);
  CHECK(left(of_large.fresh, 1000, 1000 + many) == many);
  CHECK(f.table->find(300, 4 * second)->container == of_large.fresh);
  CHECK(left(small, 101, 105) == 4);
  const auto of_small = described(small);
  CHECK(f.table->relink(of_small.old, of_small.fresh));
  CHECK(left(of_small.fresh, 101, 105) == 4);
  CHECK(exited->container == of_small.fresh);
  f.containers.replaced(of_small);
  CHECK(f.table->find(10, 4 * second)->container.get() == nullptr);
  // What was published first is there until every reader has ended its batch.
  CHECK(small->name.empty());
  f.batches(1);
}

// A program that changes its user in an endless loop must not slow down finding or freeing its
// images.
TEST_CASE(
    "table: of any number of images of one process the one of the time is found, in few steps") {
  Fixture f;
  f.exec(10, 1, second, second, "toggle");
  constexpr std::uint32_t changes = 200'000;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint32_t i = 1; i <= changes; i++) f.setuid(10, i, second + i);
  std::uint64_t wrong = 0;
  for (std::uint32_t i = 1; i <= changes; i += 7) wrong += f.table->find(10, second + i)->uid != i;
  CHECK(wrong == 0);
  CHECK(f.table->find(10, second)->uid == 0);
  // Each call frees a part of them; the others are found as before.
  f.epochs.end(0, f.epochs.begin());
  f.table->collect();
  f.epochs.end(0, f.epochs.begin());
  for (int i = 0; i < 10; i++) {
    f.table->collect();
    f.epochs.end(0, f.epochs.begin());
    for (std::uint32_t at = changes - 60'000; at <= changes; at += 997)
      wrong += f.table->find(10, second + at)->uid != at;
  }
  CHECK(wrong == 0);
  for (int i = 0; i < 100; i++) f.batches(1);
  CHECK(f.table->images() == 1);
  CHECK(f.table->find(10, 2 * second)->uid == changes);
  // Walking the chain for each would take minutes.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("table: a fork by an unknown process has only its number until /proc is read") {
  Fixture f;
  CHECK(f.fork(50, 51, 2 * second, "who") == nullptr);
  CHECK_FALSE(f.table->find(51, 2 * second)->known);
  f.scanned(51, 50, 2 * second, "named");
  CHECK(f.table->find(51, 2 * second)->known);
  CHECK(f.table->find(51, 2 * second)->program->comm == "named");
}

TEST_CASE("table: pages of empty slots are given back, and used again") {
  Fixture f;
  for (std::uint32_t pid = 1000; pid < 1010; pid++) f.exec(pid, 1, second, second, "x");
  for (std::uint32_t pid = 1000; pid < 1010; pid++) f.exit(pid, second, 2 * second);
  f.batches(3);
  f.table->trim();
  CHECK(f.table->find(1000, second) == nullptr);
  f.exec(1000, 1, 3 * second, 3 * second, "y");
  CHECK(f.table->find(1000, 3 * second)->program->comm == "y");
}

// One step of the next test: a fork, an exec, an exit, or many changes of the user.
void write_step(ProcessTable& table, decode::RecordBuilder& builder, std::uint64_t step,
                std::uint64_t (&starts)[40]) {
  const std::uint32_t pid = 1 + step * 7 % 39, parent = 1 + step * 5 % 39;
  const std::uint64_t ts = (step + 2) * 20'000'000;
  auto apply = [&](std::uint32_t who, std::uint64_t when) {
    builder.head().pid = who;
    builder.head().ts = when;
    table.apply(decode::Record(builder.finish().data()));
  };
  if (step % 3 == 0) {
    builder.begin(SAKER_EV_clone)
        .number(SAKER_P_fork_child_pid, pid)
        .number(SAKER_P_fork_ppid, parent)
        .number(SAKER_P_fork_start_time, ts)
        .blob(SAKER_P_fork_comm, "forked");
    starts[pid] = ts;
    apply(parent, ts);
  } else if (step % 5 == 1) {
    for (std::uint32_t uid = 1; uid < 20; uid++) {
      builder.begin(SAKER_EV_setuid).number(SAKER_P_cred_uid, uid);
      apply(pid, ts - 20 + uid);
    }
  } else if (step % 3 == 1) {
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "run")
        .number(SAKER_P_exec_ppid, parent)
        .number(SAKER_P_exec_start_time, starts[pid]);
    apply(pid, ts);
  } else {
    builder.begin(SAKER_EV_procexit).number(SAKER_P_exit_start_time, starts[pid]);
    apply(pid, ts);
  }
}

// One writer, and readers that follow every link: the thread and address sanitizers detect errors.
TEST_CASE("table: readers and writer at once") {
  constexpr unsigned readers = 2;
  Epochs epochs(readers);
  Containers containers;
  auto table = std::move(*ProcessTable::make(epochs, containers));
  std::atomic<bool> going{true};
  std::atomic<std::uint64_t> now{second}, found{0}, wrong{0};
  auto read = [&](unsigned thread) {
    while (going.load(std::memory_order_relaxed)) {
      std::uint64_t epoch = epochs.begin();
      std::uint64_t ts = now.load(std::memory_order_relaxed);
      for (std::uint32_t pid = 1; pid < 40; pid++) {
        const Process* p = table->find(pid, ts);
        if (!p) continue;
        found++;
        if (p->pid != pid || p->program->comm.empty()) wrong++;
        unsigned depth = 0;
        for (const Process* a = p; a && depth < 100; a = a->parent, depth++)
          if (a->program->cmdline.size() < a->program->comm.size()) wrong++;
      }
      epochs.end(thread, epoch);
    }
  };
  std::thread a(read, 0), b(read, 1);
  decode::RecordBuilder builder;
  std::uint64_t starts[40] = {};
  for (std::uint64_t step = 0; step < 30000; step++) {
    write_step(*table, builder, step, starts);
    table->collect();
    now.store((step + 2) * 20'000'000, std::memory_order_relaxed);
  }
  going = false;
  for (std::thread* thread : {&a, &b}) thread->join();
  CHECK(found > 0);
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace saker::enrich
