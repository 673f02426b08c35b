// SPDX-License-Identifier: Apache-2.0
#include "run/life_lane.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "decode/build.h"
#include "fake_source.h"

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
  LifeLane lane{source, *table};
  decode::RecordBuilder builder;
  std::vector<std::uint64_t> seen;

  explicit Fixture(unsigned cpus) : source(cpus, 1u << 20, 4096) {}
  void write(unsigned cpu, std::uint64_t ts) {
    builder.begin(SAKER_EV_setuid).number(SAKER_P_cred_uid, 0);
    builder.head().pid = 7;
    builder.head().cpu = cpu;
    builder.head().ts = ts;
    REQUIRE(source.write(cpu, Lane::life, builder.finish()));
  }
  bool step(const LifeLane::Goal& goal) {
    return lane.step(goal, [this](const decode::Record& record, const enrich::Process*) {
      seen.push_back(record.head().ts);
      return true;
    });
  }
};

TEST_CASE(
    "life lane: records of many CPUs come in the order of time, in steps that give back their "
    "room") {
  constexpr unsigned cpus = 37;
  Fixture f(cpus);
  constexpr std::uint64_t records = 5000;
  for (std::uint64_t i = 0; i < records; i++)
    f.write(static_cast<unsigned>(i * 7919 % cpus), second + i);
  LifeLane::Goal goal;
  f.lane.aim(goal);
  unsigned steps = 1;
  for (; !f.step(goal); steps++) {
    REQUIRE(f.seen.size() <= steps * LifeLane::step_records);
    std::uint64_t waiting = 0;
    for (unsigned cpu = 0; cpu < cpus; cpu++)
      waiting += f.source.counters(cpu, Lane::life).waiting_bytes;
    CHECK(waiting > 0);
    CHECK(waiting <= (records - f.seen.size()) * 256);
  }
  CHECK(steps >= (records + LifeLane::step_records - 1) / LifeLane::step_records);
  REQUIRE(f.seen.size() == records);
  for (std::uint64_t i = 0; i < records; i++) REQUIRE(f.seen[i] == second + i);
}

TEST_CASE("life lane: a step ends after its time, whatever a record costs") {
  Fixture f(1);
  for (std::uint64_t i = 0; i < 3 * LifeLane::clock_records; i++) f.write(0, second + i);
  LifeLane::Goal goal;
  f.lane.aim(goal);
  std::size_t visited = 0;
  const auto slow = [&](const decode::Record&, const enrich::Process*) {
    if (visited++ == 0)
      std::this_thread::sleep_for(std::chrono::nanoseconds(LifeLane::step_ns + 1));
    return true;
  };
  CHECK_FALSE(f.lane.step(goal, slow));
  CHECK(visited == LifeLane::clock_records);
  while (!f.step(goal)) {
  }
  CHECK(visited + f.seen.size() == 3 * LifeLane::clock_records);
}

TEST_CASE("life lane: a record with the last possible time keeps no other one back") {
  Fixture f(3);
  f.write(0, second);
  f.write(2, ~std::uint64_t{0});
  f.write(1, ~std::uint64_t{0});
  LifeLane::Goal goal;
  f.lane.aim(goal);
  CHECK(f.step(goal));
  CHECK(f.seen == std::vector<std::uint64_t>{second, ~std::uint64_t{0}, ~std::uint64_t{0}});
}

TEST_CASE("life lane: a malformed record is counted for its lane") {
  Fixture f(240);
  for (unsigned cpu = 0; cpu < 240; cpu++)
    if (cpu != 3 && cpu != 99) f.source.keep_down(cpu);
  f.write(3, second);
  const std::array<std::uint64_t, 8> zeros{};
  REQUIRE(f.source.write(99, Lane::life, std::as_bytes(std::span(zeros))));
  LifeLane::Goal goal;
  f.lane.aim(goal);
  CHECK(f.step(goal));
  CHECK(f.lane.taken() == std::vector<unsigned>{3, 99});
  CHECK(f.lane.corruption(3).records == 0);
  CHECK(f.lane.corruption(99).records == 1);
  CHECK(f.source.peek(99, Lane::life).empty());
  f.lane.aim(goal);
  CHECK(f.step(goal));
  CHECK(f.lane.taken().empty());
}

TEST_CASE("life lane: threads take steps in turn, and each goal is reached, by any thread") {
  Fixture f(2);
  for (std::uint64_t i = 0; i < 3000; i++) f.write(i % 2, second + i);
  LifeLane::Goal first, second_goal, nothing;
  f.lane.aim(first);
  CHECK_FALSE(f.step(first));
  f.write(0, 2 * second);
  f.lane.aim(second_goal);
  while (!f.step(second_goal)) {
  }
  CHECK(f.seen.size() == 3001);
  // Nothing is left for the first goal, nor for an empty goal set while another one is in progress.
  CHECK(f.step(first));
  for (std::uint64_t i = 0; i < 3000; i++) f.write(1, 3 * second + i);
  f.lane.aim(first);
  CHECK_FALSE(f.step(first));
  while (!f.step(first)) {
  }
  f.lane.aim(nothing);
  CHECK(f.step(nothing));
  CHECK(f.seen.size() == 6001);
  // Records that arrive after the goal was set are not waited for.
  f.write(0, 5 * second);
  f.lane.aim(first);
  f.write(0, 6 * second);
  CHECK(f.step(first));
  CHECK(f.seen.back() == 5 * second);
}

TEST_CASE("life lane: an unfinished step of one thread does not block another") {
  Fixture f(1);
  for (std::uint64_t i = 0; i <= LifeLane::step_records; i++) f.write(0, second + i);
  LifeLane::Goal goal, idle;
  f.lane.aim(goal);
  CHECK_FALSE(f.step(goal));
  while (!f.source.peek(0, Lane::life).empty())
    f.source.consume(0, Lane::life, f.source.peek(0, Lane::life).size());
  f.lane.aim(idle);
  CHECK(f.step(idle));
}

}  // namespace
}  // namespace saker::run
