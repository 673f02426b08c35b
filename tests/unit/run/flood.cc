// SPDX-License-Identifier: Apache-2.0
// A flood of alerts, with a severe one from time to time: no severe alert is lost, and every other
// alert is delivered or counted. SAKER_FLOOD_SECONDS=60 runs it for a minute.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "../output/alerts.h"
#include "base/clock.h"
#include "decode/build.h"
#include "fake_source.h"
#include "rules_in_memory.h"
#include "run/pipeline.h"

namespace saker::run {
namespace {

using capture::Lane;

constexpr const char* rules = R"(
- rule: noise
  desc: d
  condition: evt.type = openat and fd.name startswith /watched
  output: "opened %fd.name by %proc.name pid=%proc.pid command=%proc.cmdline user=%user.name"
  priority: NOTICE
- rule: deed
  desc: d
  condition: evt.type = openat and fd.name startswith /critical
  output: "deed %fd.name"
  priority: CRITICAL
)";
constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t count_lines(const std::string& path, std::string_view with) {
  std::ifstream in(path);
  std::uint64_t lines = 0;
  for (std::string line; std::getline(in, line);) lines += line.find(with) != std::string::npos;
  return lines;
}

struct Fixture {
  test::Directory directory;
  test::FakeSource source{1, 64u << 10, 4u << 20};
  Log log{LogLevel::error};
  std::unique_ptr<Pipeline> pipeline = std::move(*Pipeline::make(source, log, {}));
  decode::RecordBuilder builder;
  std::vector<std::byte> noise = record("/watched/file"), deed = record("/critical/file");
  std::atomic<std::uint64_t> followed{0};

  std::vector<std::byte> record(std::string_view path) {
    builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, path);
    builder.head().pid = 1;
    builder.head().ts = ~0ull >> 1;
    std::span<const std::byte> bytes = builder.finish();
    return {bytes.begin(), bytes.end()};
  }
  std::string file() const { return directory / "alerts"; }
  void start(bool to_stdout) {
    Config config;
    config.stdout_output.enabled = to_stdout;
    config.file_output = {.enabled = true, .path = file()};
    Result<Sinks> sinks = open_sinks(config, log);
    REQUIRE(sinks);
    REQUIRE(begin_sinks(*sinks));
    REQUIRE(pipeline->start(test::rules(rules), std::move(*sinks),
                            [this](const output::Alert&) { followed++; }));
  }
  const output::SinkCounters& counters(std::size_t sink) {
    return pipeline->outputs().sinks()[sink].sink->counters();
  }
};

TEST_CASE("flood: every severe alert is delivered, every other delivered or counted") {
  const char* wanted = std::getenv("SAKER_FLOOD_SECONDS");
  const std::uint64_t seconds = wanted ? std::strtoull(wanted, nullptr, 10) : 2;
  constexpr std::uint64_t a_turn = 500;  // per millisecond: 500,000 a second
  Fixture f;
  f.start(false);
  std::uint64_t deeds = 0, written = 0, found_no_room = 0;
  // Of the sensor's threads; this one is the kernel.
  const auto sensor_cpu = [] {
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID) - clock_ns(CLOCK_THREAD_CPUTIME_ID);
  };
  const std::uint64_t begin = boot_ns(), cpu_before = sensor_cpu();
  for (std::uint64_t turn = 0; turn < seconds * 1000; turn++) {
    for (std::uint64_t i = 0; i < a_turn; i++)
      (f.source.write(0, Lane::event, f.noise) ? written : found_no_room)++;
    if (turn % 50 == 0) {
      while (!f.source.write(0, Lane::event, f.deed)) std::this_thread::yield();
      deeds++;
    }
    const std::uint64_t next = begin + (turn + 1) * second / 1000;
    if (const std::uint64_t now = boot_ns(); now < next)
      std::this_thread::sleep_for(std::chrono::nanoseconds(next - now));
  }
  f.pipeline->stop();
  const std::uint64_t made = f.pipeline->drains()[0]->counters().alerts.get();
  const std::uint64_t cpu = sensor_cpu() - cpu_before;
  // Beside other work on the machine many find no room; then the last figure says whether a machine
  // of its own could keep up.
  MESSAGE(written << " events in, " << found_no_room << " more found no room; " << made
                  << " alerts made, " << f.counters(0).lost.load() << " lost by the file; "
                  << made * second / std::max<std::uint64_t>(cpu, 1)
                  << " alerts for a second of one CPU");
  CHECK(made == written + deeds);
  CHECK(f.pipeline->outputs().passed() == made);
  CHECK(f.followed == made);
  CHECK(f.counters(0).written + f.counters(0).lost == made);
  CHECK(count_lines(f.file(), "Critical deed") == deeds);
  CHECK(count_lines(f.file(), "Notice opened") == f.counters(0).written - deeds);
}

// In a separate process, because stdout belongs to the whole process.
int run_with_stuck_stdout() {
  int ends[2];
  if (::pipe(ends) != 0 || ::fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0) return 1;
  ::dup2(ends[1], STDOUT_FILENO);
  Fixture f;
  f.start(true);
  constexpr std::uint64_t opens = 20'000;
  for (std::uint64_t i = 0; i < opens; i++)
    while (!f.source.write(0, Lane::event, f.noise)) std::this_thread::yield();
  // The file and the follower get everything, stdout gets a full pipe.
  if (!test::await([&] { return f.counters(1).written == opens && f.followed == opens; })) return 2;
  if (f.counters(0).written > 100 || f.counters(0).waiting == 0) return 3;
  // Nothing that status needs waits for it.
  const std::uint64_t asked = boot_ns();
  for (const OpenSink& open : f.pipeline->outputs().sinks())
    if (open.sink->counters().taken != opens) return 4;
  f.pipeline->housekeeping();
  if (boot_ns() - asked > second / 10) return 5;
  const std::uint64_t stopping = boot_ns();
  f.pipeline->stop();
  if (boot_ns() - stopping > 5 * second) return 6;
  if (f.counters(0).written + f.counters(0).lost != opens) return 7;
  return count_lines(f.file(), "Notice opened") == opens ? 0 : 8;
}

TEST_CASE("flood: a stdout that nobody reads costs only itself") {
#ifdef __SANITIZE_THREAD__
  std::puts("SKIP flood: ThreadSanitizer does not follow threads of a child process");
  return;
#endif
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_with_stuck_stdout());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace saker::run
