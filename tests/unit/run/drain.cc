// SPDX-License-Identifier: Apache-2.0
#include "run/drain.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "../base/count_allocations.h"
#include "base/clock.h"
#include "decode/build.h"
#include "fake_source.h"
#include "rules_in_memory.h"

namespace saker::run {
namespace {

using capture::Lane;
constexpr std::uint64_t second = 1'000'000'000;

struct Fixture {
  test::FakeSource source;
  enrich::Epochs epochs{1};
  enrich::Containers containers;
  std::unique_ptr<enrich::ProcessTable> table =
      std::move(*enrich::ProcessTable::make(epochs, containers));
  Shared shared{source, epochs, *table, containers};
  std::unique_ptr<Generation> generation;
  enrich::Users users = enrich::Users::parse("root:x:0:0::/root:/bin/sh\n", "");
  Drain drain{shared, 0, 0, source.cpus()};
  decode::RecordBuilder builder;

  explicit Fixture(unsigned cpus, const char* rules, std::size_t event_bytes = 256u << 10)
      : source(cpus, 64u << 10, event_bytes), generation(test::rules(rules)) {
    shared.generation = generation.get();
    shared.users = &users;
  }
  void exec(unsigned cpu, std::uint32_t pid, std::uint64_t ts, std::string_view comm,
            std::uint32_t ppid = 1) {
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, comm)
        .number(SAKER_P_exec_ppid, ppid)
        .number(SAKER_P_exec_start_time, second);
    head(cpu, pid, ts);
    REQUIRE(source.write(cpu, Lane::life, builder.finish()));
  }
  void fork(unsigned cpu, std::uint32_t parent, std::uint32_t child, std::uint64_t ts) {
    builder.begin(SAKER_EV_clone)
        .number(SAKER_P_fork_child_pid, child)
        .number(SAKER_P_fork_ppid, parent)
        .number(SAKER_P_fork_start_time, second);
    head(cpu, parent, ts);
    REQUIRE(source.write(cpu, Lane::life, builder.finish()));
  }
  void open(unsigned cpu, std::uint32_t pid, std::uint64_t ts, std::string_view path) {
    builder.begin(SAKER_EV_openat)
        .number(SAKER_P_open_fd, 3)
        .blob(SAKER_P_open_name, path)
        .blob(SAKER_P_open_path, path);
    head(cpu, pid, ts);
    REQUIRE(source.write(cpu, Lane::event, builder.finish()));
  }
  void head(unsigned cpu, std::uint32_t pid, std::uint64_t ts) {
    builder.head().cpu = cpu;
    builder.head().pid = builder.head().tid = pid;
    builder.head().ts = ts;
  }
  std::string alert() {
    std::shared_ptr<output::Alert> alert = drain.alerts().pop();
    return alert ? alert->text.substr(alert->text.find(": ") + 2) : "";
  }
};

constexpr const char* opened = R"(
- rule: opened
  desc: d
  condition: evt.type = openat and fd.name = /etc/shadow
  output: "%proc.name of %proc.pname read %fd.name"
  priority: WARNING
)";

TEST_CASE("drain: the process of an event is known, whichever CPU recorded it") {
  Fixture f(4, opened);
  // The event is in the ring of CPU 0; the records of its process are on other CPUs, which are read
  // later.
  f.exec(3, 10, 2 * second, "shell");
  f.fork(2, 10, 11, 3 * second);
  f.exec(1, 11, 4 * second, "cat", 10);
  f.open(0, 11, 5 * second, "/etc/shadow");
  CHECK(f.drain.batch() == 1);
  CHECK(f.alert() == "Warning cat of shell read /etc/shadow");
  CHECK(f.drain.counters().records.get() == 4);
  CHECK(f.drain.counters().unknown.get() == 0);
  for (unsigned cpu = 0; cpu < 4; cpu++) {
    CHECK(f.source.peek(cpu, Lane::life).empty());
    CHECK(f.source.peek(cpu, Lane::event).empty());
  }
}

TEST_CASE("drain: a CPU that comes up later is seen from its first record") {
  Fixture f(240, opened);
  for (unsigned cpu = 1; cpu < 240; cpu++) f.source.keep_down(cpu);
  f.exec(0, 10, 2 * second, "shell");
  CHECK(f.drain.batch() == 0);
  CHECK_FALSE(f.source.has(200));
  // A process is created there, and has an event on another CPU before anything else was read
  // there.
  f.source.bring_up(200);
  f.fork(200, 10, 11, 3 * second);
  f.exec(200, 11, 4 * second, "cat", 10);
  f.open(0, 11, 5 * second, "/etc/shadow");
  CHECK(f.drain.batch() == 1);
  CHECK(f.alert() == "Warning cat of shell read /etc/shadow");
  CHECK(f.drain.counters().unknown.get() == 0);
  f.open(200, 11, 6 * second, "/etc/shadow");
  CHECK(f.drain.batch() == 1);
  CHECK(f.alert() == "Warning cat of shell read /etc/shadow");
  CHECK(f.drain.failure() == "");
  f.source.bring_up(201);
  f.source.refuse(true);
  f.drain.batch();
  CHECK(f.drain.failure() == "no memory, as the test wants");
}

TEST_CASE("drain: an event has the image of its time") {
  Fixture f(1, opened);
  f.exec(0, 10, 2 * second, "before");
  f.open(0, 10, 3 * second, "/etc/shadow");
  f.exec(0, 10, 4 * second, "after");
  f.open(0, 10, 5 * second, "/etc/shadow");
  f.drain.batch();
  CHECK(f.alert() == "Warning before of <NA> read /etc/shadow");
  CHECK(f.alert() == "Warning after of <NA> read /etc/shadow");
}

TEST_CASE("drain: an address has the names of the hosts file") {
  Fixture f(1, R"(
- rule: connected
  desc: d
  condition: evt.type = connect and fd.sip.name = db.example
  output: "connected to %fd.sip"
  priority: WARNING
)");
  std::vector<std::string_view> asked = f.generation->program->asked_names();
  f.generation->hosts = enrich::Hosts::of("192.0.2.7 db.example\n", asked);
  f.exec(0, 10, 2 * second, "client");
  for (std::uint8_t last : {8, 7}) {
    saker_sock sock{};
    sock.family = AF_INET;
    sock.type = SOCK_STREAM;
    sock.role = SAKER_ROLE_CLIENT;
    sock.local_port = 40000;
    sock.remote_port = 5432;
    const std::uint8_t local[] = {192, 0, 2, 1}, remote[] = {192, 0, 2, last};
    std::ranges::copy(local, sock.local);
    std::ranges::copy(remote, sock.remote);
    f.builder.begin(SAKER_EV_connect)
        .number(SAKER_P_sock_fd, 5)
        .number(SAKER_P_sock_fdtype, SAKER_FD_IPV4)
        .sock(SAKER_P_sock_sock, sock);
    f.head(0, 10, 3 * second);
    REQUIRE(f.source.write(0, Lane::event, f.builder.finish()));
  }
  f.drain.batch();
  CHECK(f.alert() == "Warning connected to 192.0.2.7");
  CHECK(f.alert() == "");
}

TEST_CASE("drain: malformed records are counted, those around them are matched") {
  Fixture f(1, opened);
  f.exec(0, 10, 2 * second, "cat");
  f.open(0, 10, 3 * second, "/etc/shadow");
  f.builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "x");
  f.head(0, 10, 3 * second);
  std::span<const std::byte> sound = f.builder.finish();
  std::vector<std::byte> bad(sound.begin(), sound.end());
  reinterpret_cast<saker_rec*>(bad.data())->nparams = 60000;
  REQUIRE(f.source.write(0, Lane::event, bad));
  REQUIRE(f.source.write(0, Lane::life, bad));
  f.open(0, 10, 4 * second, "/etc/shadow");
  CHECK(f.drain.batch() == 2);
  CHECK(f.shared.lanes[SAKER_LANE_EVENT].corrupted.get() == 1);
  CHECK(f.shared.lanes[SAKER_LANE_EVENT].corrupted_bytes.get() == bad.size());
  CHECK(f.shared.lanes[SAKER_LANE_LIFE].corrupted.get() == 1);
  CHECK(f.source.peek(0, Lane::event).empty());
}

TEST_CASE("drain: an unknown process has only its number") {
  Fixture f(1, opened);
  f.open(0, 77, 3 * second, "/etc/shadow");
  CHECK(f.drain.batch() == 1);
  CHECK(f.alert() == "Warning <NA> of <NA> read /etc/shadow");
  CHECK(f.drain.counters().unknown.get() == 1);
}

TEST_CASE("drain: it waits while the alert queue is full, and the ring keeps the rest") {
  Fixture f(1, opened, 4u << 20);
  f.exec(0, 10, 2 * second, "cat");
  constexpr std::size_t more = AlertQueue::most_alerts + 300;
  for (std::size_t i = 0; i < more; i++) f.open(0, 10, 3 * second, "/etc/shadow");
  std::thread draining([&] { f.drain.batch(); });
  // It is full by number or by bytes, whichever comes first.
  std::uint64_t pushed = 0;
  for (std::uint64_t before = 1; pushed != before || pushed == 0;) {
    before = pushed;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    pushed = f.drain.alerts().pushed();
  }
  CHECK(pushed <= AlertQueue::most_alerts);
  CHECK_FALSE(f.source.peek(0, Lane::event).empty());
  std::size_t got = 0;
  while (got < more) got += f.drain.alerts().pop() != nullptr;
  draining.join();
  CHECK(f.drain.counters().alerts.get() == more);
  CHECK(f.drain.alerts().pop() == nullptr);
}

TEST_CASE("drain: a form is rendered only if an output takes it") {
  Fixture f(1, opened);
  f.generation->format.json = false;
  f.exec(0, 10, 2 * second, "cat");
  f.open(0, 10, 3 * second, "/etc/shadow");
  f.drain.batch();
  std::shared_ptr<output::Alert> alert = f.drain.alerts().pop();
  REQUIRE(alert);
  CHECK(alert->json.empty());
  CHECK_FALSE(alert->text.empty());
  f.shared.json_followed = true;
  f.open(0, 10, 3 * second, "/etc/shadow");
  f.drain.batch();
  alert = f.drain.alerts().pop();
  REQUIRE(alert);
  CHECK_FALSE(alert->json.empty());
}

constexpr const char* in_container = R"(
- rule: opened
  desc: d
  condition: evt.type = openat and fd.name = /etc/shadow
  output: "in %container.name"
  priority: WARNING
)";

// A process in a container whose files have not been read yet.
void container_starts(Fixture& f) {
  f.builder.begin(SAKER_EV_execve)
      .blob(SAKER_P_exec_comm, "cat")
      .blob(SAKER_P_exec_cgroup, "/docker/" + std::string(64, 'd'))
      .number(SAKER_P_exec_ppid, 1)
      .number(SAKER_P_exec_start_time, second);
  f.head(0, 10, 2 * second);
  REQUIRE(f.source.write(0, Lane::life, f.builder.finish()));
}

TEST_CASE("drain: a container's first event waits until the container's files are read") {
  Fixture f(1, in_container);
  container_starts(f);
  f.open(0, 10, 3 * second, "/etc/shadow");
  std::thread reader([&f] {
    std::optional<enrich::Containers::Wanted> wanted;
    while (!wanted) {
      std::lock_guard guard(f.shared.life);
      wanted = f.containers.due(0);
    }
    // Longer than a reader needs on an idle machine.
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    std::lock_guard guard(f.shared.life);
    wanted->container.name = "web";
    const auto replacement = f.containers.answer(*wanted, true, 0);
    if (replacement && f.table->relink(replacement->old, replacement->fresh))
      f.containers.replaced(*replacement);
  });
  CHECK(f.drain.batch() == 1);
  reader.join();
  CHECK(f.alert() == "Warning in web");
}

// The time of a batch whose ring is half full, or nearly empty, while nobody reads the files.
std::chrono::nanoseconds unanswered(bool half_full) {
  Fixture f(1, in_container);
  container_starts(f);
  f.open(0, 10, 3 * second, "/etc/shadow");
  auto waiting = [&f] { return f.source.counters(0, Lane::event).waiting_bytes; };
  while (half_full && waiting() < f.source.counters(0, Lane::event).size_bytes / 2)
    f.open(0, 20, 3 * second, "/usr/lib/libc.so.6");
  const auto began = std::chrono::steady_clock::now();
  CHECK(f.drain.batch() == 1);
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(f.alert() == "Warning in <NA>");
  return took;
}

TEST_CASE("drain: while a ring fills, no event waits for a container's files") {
  CHECK(unanswered(false) >= std::chrono::milliseconds(240));
  // A busy machine may delay a batch that waits for nothing, but hardly ten times.
  bool at_once = false;
  for (int tries = 0; tries < 10 && !at_once; tries++)
    at_once = unanswered(true) < std::chrono::milliseconds(200);
  CHECK(at_once);
}

constexpr const char* by_user = R"(
- rule: opened
  desc: d
  condition: evt.type = openat and user.name = u5000
  output: "%user.name of %group.name"
  priority: WARNING
)";

// Answers after a delay with the names u5000 and g5000.
class SlowNames final : public enrich::NameService {
 public:
  std::chrono::milliseconds delay{20};
  Result<std::optional<enrich::Users::User>> user(std::uint32_t uid) override {
    std::this_thread::sleep_for(delay);
    if (uid != 5000) return std::optional<enrich::Users::User>();
    return std::optional(enrich::Users::User{uid, uid, "u5000", "/", "/bin/sh"});
  }
  Result<std::optional<enrich::Users::Group>> group(std::uint32_t gid) override {
    std::this_thread::sleep_for(delay);
    return std::optional(enrich::Users::Group{gid, "g" + std::to_string(gid)});
  }
};

// Events of a user whose name only the name service knows; the pipeline's part of it.
struct Named : Fixture {
  SlowNames service;
  enrich::UserNames names{"/nonexistent", &service};
  enrich::Users fresh;
  Named() : Fixture(1, by_user) {
    shared.names = &names;
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "cat")
        .number(SAKER_P_exec_egid, 5000)
        .number(SAKER_P_exec_loginuid, ~0u)
        .number(SAKER_P_exec_start_time, second);
    head(0, 10, 2 * second);
    REQUIRE(source.write(0, Lane::life, builder.finish()));
    builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "/tmp/x");
    head(0, 10, 3 * second);
    builder.head().uid = 5000;
    REQUIRE(source.write(0, Lane::event, builder.finish()));
  }
  void serve() {
    names.serve(saker::boot_ns(), [this] {
      fresh = names.make();
      shared.users = &fresh;
    });
  }
};

TEST_CASE("drain: a user's first event waits until the name service has answered") {
  Named f;
  std::thread asked([&f] {
    pollfd bell{f.names.bell().fd(), POLLIN, 0};
    ::poll(&bell, 1, -1);
    f.serve();
  });
  CHECK(f.drain.batch() == 1);
  asked.join();
  CHECK(f.alert() == "Warning u5000 of g5000");
}

TEST_CASE("drain: a name service that does not answer delays an event a little") {
  Named f;
  const auto began = std::chrono::steady_clock::now();
  CHECK(f.drain.batch() == 0);
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(240));
  // Later events wait for their share of the time only.
  f.service.delay = std::chrono::milliseconds(0);
  f.serve();
  f.open(0, 10, 4 * second, "/tmp/y");
  CHECK(f.drain.batch() == 0);
}

TEST_CASE("drain: once warm, events that match no rule cost no allocation") {
  Fixture f(2, opened);
  f.exec(0, 10, 2 * second, "cat");
  auto turn = [&] {
    for (int i = 0; i < 200; i++) f.open(i % 2, 10, 3 * second, "/usr/lib/libc.so.6");
    f.drain.batch();
  };
  turn();
  std::uint64_t before = f.drain.counters().records.get();
  for (int i = 0; i < 200; i++) f.open(i % 2, 10, 3 * second, "/usr/lib/libc.so.6");
  test::count_allocations(true);
  f.drain.batch();
  std::size_t allocations = test::count_allocations(false);
  CHECK(f.drain.counters().records.get() == before + 200);
  CHECK(allocations == 0);
  test::count_allocations(true);
  f.containers.hold("/docker/" + std::string(64, 'd'));
  CHECK(test::count_allocations(false) > 0);  // the counter works
}

TEST_CASE("drain: the sample tells what rules and processes cost, and only while it is wanted") {
  Fixture f(1, opened);
  f.exec(0, 10, 2 * second, "cat");
  f.exec(0, 11, 2 * second, "ls");
  f.drain.batch();
  const match::RuleCost& cost = f.generation->costs->rules()[0];
  const auto open_some = [&f] {
    for (int i = 0; i < 100; i++) f.open(0, i % 4 ? 10 : 11, 3 * second, "/etc/shadow");
    while (f.drain.alerts().pop()) {
    }
    CHECK(f.drain.batch() == 100);
    while (f.drain.alerts().pop()) {
    }
  };
  open_some();
  CHECK(cost.looks == 0);
  CHECK(f.drain.samples().rows().empty());
  f.shared.sample_every = 1;
  open_some();
  CHECK(cost.looks == 100);
  CHECK(cost.cycles > 0);
  CHECK(f.generation->costs->shared().looks == 100);
  const auto rows = f.drain.samples().rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].events + rows[1].events == 100);
  CHECK(std::max(rows[0].events, rows[1].events) == 75);
  f.shared.sample_every = 10;
  for (int i = 0; i < 20; i++) open_some();
  // 2,000 events, each in the sample or for nine others.
  CHECK(cost.looks - 100 > 1000);
  CHECK(cost.looks - 100 < 4000);
  CHECK(cost.looks % 10 == 0);
}

TEST_CASE("drain: an alert bears when its record was made, and its lane") {
  Fixture f(1, opened);
  f.exec(0, 10, 2 * second, "cat");
  f.open(0, 10, 3 * second, "/etc/shadow");
  f.drain.batch();
  const std::shared_ptr<output::Alert> alert = f.drain.alerts().pop();
  REQUIRE(alert);
  CHECK(alert->recorded == 3 * second);
  CHECK(alert->lane == SAKER_LANE_EVENT);
}

}  // namespace
}  // namespace saker::run
