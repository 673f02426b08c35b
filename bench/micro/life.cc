// SPDX-License-Identifier: Apache-2.0
// Lane LIFE: records per second that one thread drains into the process table, by the number of
// CPUs, each with its own ring: changes of credentials that change nothing (the cost of the merge
// alone), those that change something, and forks with their exits. Writes build/bench/life.json.
// `life --pass CASE` drains a case until all memory is allocated, and then once more in
// counted_pass(), for bench/micro/instructions.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../tests/unit/run/fake_source.h"
#include "decode/build.h"
#include "keeper.h"
#include "run/life_lane.h"

namespace saker {
namespace {

using capture::Lane;
constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint32_t toggler = 77;
constexpr std::size_t life_bytes = 256u << 10;

enum class Kind { same, changed, forks };

struct Life {
  test::FakeSource source;
  enrich::Epochs epochs{1};
  enrich::Containers containers;
  std::unique_ptr<enrich::ProcessTable> table =
      std::move(*enrich::ProcessTable::make(epochs, containers));
  run::LifeLane lane{source, *table};
  run::LifeLane::Goal goal;
  decode::RecordBuilder builder;
  std::uint64_t ts = second;
  std::uint32_t turn = 0;

  explicit Life(unsigned cpus) : source(cpus, life_bytes, 4096) {
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "x")
        .blob(SAKER_P_exec_exepath, "/bin/x")
        .number(SAKER_P_exec_ppid, 1)
        .number(SAKER_P_exec_start_time, ts);
    builder.head().pid = toggler;
    builder.head().ts = ts;
    table->apply(decode::Record(builder.finish().data()));
  }
  bool write(unsigned cpu, std::uint32_t pid) {
    builder.head().pid = pid;
    builder.head().ts = ts += 10;
    builder.head().ret = 0;
    return source.write(cpu, Lane::life, builder.finish());
  }
  bool one(unsigned cpu, Kind kind) {
    if (kind != Kind::forks) {
      builder.begin(SAKER_EV_setuid).number(SAKER_P_cred_uid, kind == Kind::same ? 0 : turn & 1);
      return write(cpu, toggler);
    }
    const std::uint32_t child = 1000 + turn / 2 % 30000;
    if (turn % 2) {
      builder.begin(SAKER_EV_procexit)
          .number(SAKER_P_exit_start_time, ts / 10'000'000 * 10'000'000);
      return write(cpu, child);
    }
    builder.begin(SAKER_EV_clone)
        .number(SAKER_P_fork_child_pid, child)
        .number(SAKER_P_fork_ppid, toggler)
        .number(SAKER_P_fork_start_time, ts);
    return write(cpu, toggler);
  }
  // Until a ring is full, or enough is written. What did not fit comes first the next time.
  std::uint64_t fill(Kind kind) {
    std::uint64_t written = 0;
    for (unsigned cpu = 0; written < 200'000 && one(cpu, kind); cpu = (cpu + 1) % source.cpus())
      written++, turn++;
    return written;
  }
  void drain() {
    const std::uint64_t epoch = epochs.begin();
    lane.aim(goal);
    while (!lane.step(goal, [](const decode::Record&, const enrich::Process*) { return true; })) {
    }
    epochs.end(0, epoch);
  }
};

struct Case {
  const char* name;
  Kind kind;
  unsigned cpus;
};
std::vector<Case> cases() {
  std::vector<Case> out;
  for (unsigned cpus : {1u, 2u, 32u, 256u})
    for (const auto& [name, kind] :
         {std::pair{"nothing changed", Kind::same}, std::pair{"changed", Kind::changed},
          std::pair{"fork and exit", Kind::forks}})
      out.push_back({name, kind, cpus});
  return out;
}
std::string name_of(const Case& row) {
  return std::string(row.name) + ", " + std::to_string(row.cpus) + " CPUs";
}

// The first batches of a flood allocate what the others use.
void warm(Life& life, Kind kind) {
  for (int i = 0; i < 4; i++) {
    life.fill(kind);
    life.drain();
  }
}

void add_case(const Case& row) {
  benchmark::RegisterBenchmark(name_of(row).c_str(), [=](benchmark::State& state) {
    Life life(row.cpus);
    std::uint64_t records = 0;
    warm(life, row.kind);
    for (auto _ : state) {
      state.PauseTiming();
      records += life.fill(row.kind);
      state.ResumeTiming();
      life.drain();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(records));
  })->Unit(benchmark::kMillisecond);
}

// A separate function, so that callgrind can count from it.
[[gnu::noinline]] void counted_pass(Life& life) { life.drain(); }

int pass(const std::string& name) {
  for (const Case& row : cases()) {
    if (name_of(row) != name) continue;
    Life life(row.cpus);
    warm(life, row.kind);
    const std::uint64_t records = life.fill(row.kind);
    counted_pass(life);
    std::printf("%llu events\n", static_cast<unsigned long long>(records));
    return 0;
  }
  for (const Case& row : cases()) std::printf("%s\n", name_of(row).c_str());
  return 2;
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  using namespace saker;
  if (argc > 1 && std::string(argv[1]) == "--pass") return pass(argc > 2 ? argv[2] : "");
  benchmark::Initialize(&argc, argv);
  Keeper keeper;
  for (const Case& row : cases()) add_case(row);
  benchmark::RunSpecifiedBenchmarks(&keeper);
  keeper.finish("life");
  return 0;
}
