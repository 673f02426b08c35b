// SPDX-License-Identifier: Apache-2.0
// Everything that changes a running pipeline, at once and under a flood of both lanes: for
// ThreadSanitizer, which reports what two threads do to each other. No record and no alert is lost
// without being counted. SAKER_AT_ONCE_SECONDS=60 runs it for a minute.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/clock.h"
#include "decode/build.h"
#include "fake_source.h"
#include "rules_in_memory.h"
#include "run/filter.h"
#include "run/pipeline.h"

namespace saker::run {
namespace {

using capture::Lane;
constexpr std::uint64_t second = 1'000'000'000;
constexpr unsigned cpus = 3, processes = 50;

constexpr const char* rules[] = {R"(
- rule: one
  desc: d
  condition: evt.type = openat and fd.name startswith /watched and user.name != nobody
  output: "%proc.cmdline %user.name %container.name %proc.aname[2]"
  priority: WARNING
)",
                                 R"(
- rule: other
  desc: d
  condition: evt.type in (openat, execve) and proc.name startswith p
  output: "%proc.cmdline %group.name"
  priority: CRITICAL
)"};

// Every number has a name, which changes.
class ChangingNames final : public enrich::NameService {
 public:
  Result<std::optional<enrich::Users::User>> user(std::uint32_t uid) override {
    return std::optional(enrich::Users::User{uid, uid, "u" + std::to_string(turn_++), "/", ""});
  }
  Result<std::optional<enrich::Users::Group>> group(std::uint32_t gid) override {
    return std::optional(enrich::Users::Group{gid, "g" + std::to_string(turn_++)});
  }

 private:
  std::atomic<unsigned> turn_{0};
};

class Counter final : public TapSink {
 public:
  explicit Counter(std::atomic<std::uint64_t>& events) : events_(events) {}
  bool take(std::string_view, const recording::BlockHead& head) override {
    events_ += head.events;
    return true;
  }
  void end(const TapTotals&) override {}

 private:
  std::atomic<std::uint64_t>& events_;
};

// Processes that fork, exec, change their user, open files and exit, on one CPU.
class Producer {
 public:
  Producer(test::FakeSource& source, unsigned cpu) : source_(source), cpu_(cpu) {}
  std::uint64_t written() const { return written_; }
  void turn() {
    const std::uint32_t pid = 4'000'000 + cpu_ * processes + turn_++ % processes;
    const std::string group =
        turn_ % 3 ? "" : "/docker/" + std::string(63, 'a') + "0123456789"[pid % 10];
    builder_.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "p" + std::to_string(turn_ % 7))
        .blob(SAKER_P_exec_cgroup, group)
        .number(SAKER_P_exec_ppid, pid > 4'000'000 ? pid - 1 : 1)
        .number(SAKER_P_exec_egid, 7000 + turn_ % 11)
        .number(SAKER_P_exec_start_time, second);
    write(Lane::life, pid);
    builder_.begin(SAKER_EV_setuid).number(SAKER_P_cred_uid, turn_ % 5);
    write(Lane::life, pid);
    for (int i = 0; i < 5; i++) {
      builder_.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "/watched/" + std::to_string(i));
      write(Lane::event, pid);
    }
    if (turn_ % 4) return;
    builder_.begin(SAKER_EV_procexit).number(SAKER_P_exit_start_time, second);
    write(Lane::life, pid);
  }

 private:
  void write(Lane lane, std::uint32_t pid) {
    builder_.head().pid = builder_.head().tid = pid;
    builder_.head().cpu = cpu_;
    builder_.head().uid = 6000 + turn_ % 13;
    builder_.head().ts = boot_ns();
    if (source_.write(cpu_, lane, builder_.finish())) written_++;
  }

  test::FakeSource& source_;
  const unsigned cpu_;
  decode::RecordBuilder builder_;
  std::uint32_t turn_ = 0;
  std::uint64_t written_ = 0;
};

struct Everything {
  test::FakeSource source{cpus, 64u << 10, 256u << 10};
  const Log log{LogLevel::error};
  ChangingNames names;
  std::unique_ptr<Pipeline> pipeline;
  std::vector<Producer> producers;
  std::atomic<std::uint64_t> followed{0}, recorded{0};
  std::atomic<bool> going{true};
  std::vector<std::thread> threads;

  Everything() {
    PipelineOptions options;
    options.drain_threads = 2;
    options.name_service = &names;
    pipeline = std::move(*Pipeline::make(source, log, options));
    REQUIRE(pipeline->start(test::rules(rules[0]), {}, [&](const output::Alert&) { followed++; }));
    for (unsigned cpu = 0; cpu < cpus; cpu++) producers.emplace_back(source, cpu);
    for (Producer& producer : producers)
      threads.emplace_back([this, &producer] {
        while (going) {
          for (int i = 0; i < 20; i++) producer.turn();
          std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
      });
  }
  // What the main thread does when it is asked to.
  void change(unsigned turn) {
    pipeline->follow_json(turn % 2);
    pipeline->sample(turn % 3);
    pipeline->outputs().fold(turn % 5 ? 0 : second);
    TapOptions tap;
    tap.records.set();
    auto number = pipeline->record(std::move(tap), std::make_unique<Counter>(recorded));
    REQUIRE(number);
    REQUIRE(pipeline->replace(test::rules(rules[turn % 2]), {}));
    pipeline->reopen_outputs();
    pipeline->housekeeping();
    if (turn % 2)
      pipeline->end_recording(*number);
    else
      pipeline->end_recording_now(*number);
  }
  // What the status and the metrics read.
  std::uint64_t report() const {
    std::uint64_t seen = pipeline->rule_costs().shared().cycles + pipeline->shared().table.images();
    for (const auto& drain : pipeline->drains())
      seen += drain->counters().records.get() + drain->samples().rows().size();
    return seen;
  }
  void stop() {
    going = false;
    for (std::thread& thread : threads) thread.join();
    pipeline->stop();
  }
};

TEST_CASE("at once: floods, reloads, recordings, followers, names and reports") {
  const char* wanted = std::getenv("SAKER_AT_ONCE_SECONDS");
  const std::uint64_t seconds = wanted ? std::strtoull(wanted, nullptr, 10) : 2;
  Everything all;
  unsigned turns = 0;
  for (const std::uint64_t end = boot_ns() + seconds * second; boot_ns() < end || turns < 4;
       turns++) {
    all.change(turns);
    CHECK(all.report() > 0);
    CHECK(all.pipeline->failure() == "");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  all.stop();
  std::uint64_t written = 0, drained = 0, alerts = 0;
  for (const Producer& producer : all.producers) written += producer.written();
  for (const auto& drain : all.pipeline->drains()) {
    drained += drain->counters().records.get();
    alerts += drain->counters().alerts.get();
  }
  MESSAGE(written << " records, " << alerts << " alerts, " << all.recorded.load() << " recorded, "
                  << turns << " changes, " << all.pipeline->names().asked() << " names asked");
  CHECK(drained == written);
  CHECK(all.pipeline->outputs().passed() + all.pipeline->outputs().folded() >= alerts);
  CHECK(all.followed == all.pipeline->outputs().passed());
  CHECK(all.recorded > 0);
}

}  // namespace
}  // namespace saker::run
