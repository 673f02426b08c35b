// SPDX-License-Identifier: Apache-2.0
#include "run/pipeline.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "decode/build.h"
#include "fake_source.h"
#include "rules_in_memory.h"

namespace saker::run {
namespace {

using capture::Lane;

constexpr const char* first = R"(
- rule: first
  desc: d
  condition: evt.type = openat and fd.name startswith /watched
  output: "first %proc.name"
  priority: WARNING
)";
constexpr const char* second_rules = R"(
- rule: second
  desc: d
  condition: evt.type in (openat, unlink) and fd.name startswith /watched
  output: "second %proc.name"
  priority: NOTICE
)";

struct Fixture {
  test::FakeSource source;
  Log log{LogLevel::error};
  std::unique_ptr<Pipeline> pipeline;
  std::atomic<std::uint64_t> firsts{0}, seconds{0};

  Fixture(unsigned cpus, unsigned threads) : source(cpus, 64u << 10, 1u << 20) {
    PipelineOptions options;
    options.drain_threads = threads;
    pipeline = std::move(*Pipeline::make(source, log, options));
  }
  Pipeline::Follower follower() {
    return [this](const output::Alert& alert) {
      (alert.text.find("first") != std::string::npos ? firsts : seconds)++;
    };
  }
  bool open(decode::RecordBuilder& builder, unsigned cpu) {
    builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "/watched/file");
    builder.head().pid = 1;
    builder.head().cpu = cpu;
    builder.head().ts = ~0ull >> 1;
    return source.write(cpu, Lane::event, builder.finish());
  }
};

TEST_CASE("pipeline: requests life and the rules' events, reports, detaches at the end") {
  Fixture f(2, 2);
  REQUIRE(f.pipeline->start(test::rules(first), {}, f.follower()));
  CHECK(f.source.asked()[SAKER_EV_openat]);
  CHECK(f.source.asked()[SAKER_EV_procexit]);
  // Changes of namespaces are reported without a request; calls that change nothing only for rules
  // that ask.
  CHECK_FALSE(f.source.asked()[SAKER_EV_setns]);
  CHECK_FALSE(f.source.asked()[SAKER_EV_unlink]);
  CHECK(f.pipeline->shared().table.processes() > 0);
  decode::RecordBuilder builder;
  for (int i = 0; i < 100; i++) REQUIRE(f.open(builder, i % 2));
  f.pipeline->stop();
  CHECK(f.firsts == 100);
  CHECK(f.source.asked().none());
  CHECK(f.pipeline->failure().empty());
}

TEST_CASE("pipeline: threads share the CPUs online, and cover all CPU numbers") {
  test::FakeSource source(240, 64u << 10, 64u << 10);
  const Log log{LogLevel::error};
  for (unsigned cpu = 0; cpu < 240; cpu++)
    if (cpu != 4 && cpu != 5 && cpu != 130) source.keep_down(cpu);
  for (unsigned threads : {0u, 2u, 3u, 9u}) {
    PipelineOptions options;
    options.drain_threads = threads;
    auto pipeline = std::move(*Pipeline::make(source, log, options));
    CHECK(pipeline->drains().size() == std::clamp(threads, 1u, 3u));
    unsigned next = 0, most = 0;
    for (const auto& drain : pipeline->drains()) {
      CHECK(drain->first_cpu() == next);
      next += drain->cpu_count();
      unsigned here = 0;
      for (unsigned cpu : {4, 5, 130})
        here += cpu >= drain->first_cpu() && cpu < drain->first_cpu() + drain->cpu_count();
      most = std::max(most, here);
    }
    CHECK(next == 240);
    CHECK(most == (2 + pipeline->drains().size()) / pipeline->drains().size());
  }
}

TEST_CASE("pipeline: rules are replaced under load without losing a record") {
  Fixture f(2, 2);
  REQUIRE(f.pipeline->start(test::rules(first), {}, f.follower()));
  std::atomic<bool> going{true};
  std::uint64_t written = 0;
  std::thread producer([&] {
    decode::RecordBuilder builder;
    while (going) {
      for (unsigned cpu = 0; cpu < 2; cpu++) written += f.open(builder, cpu);
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  for (int i = 0; i < 20; i++) {
    bool odd = i % 2;
    REQUIRE(f.pipeline->replace(test::rules(odd ? first : second_rules), {}));
    CHECK(f.source.asked()[SAKER_EV_unlink] == !odd);
    f.pipeline->housekeeping();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  going = false;
  producer.join();
  f.pipeline->stop();
  std::uint64_t records = 0;
  for (const auto& drain : f.pipeline->drains()) records += drain->counters().records.get();
  CHECK(records == written);
  CHECK(f.firsts + f.seconds == written);
  CHECK(f.firsts > 0);
  CHECK(f.seconds > 0);
}

TEST_CASE("pipeline: what rules cost stays counted when they are replaced") {
  Fixture f(1, 1);
  REQUIRE(f.pipeline->start(test::rules(first), {}, f.follower()));
  f.pipeline->sample(1);
  decode::RecordBuilder builder;
  const auto open_until = [&](std::atomic<std::uint64_t>& count, std::uint64_t until) {
    for (int i = 0; i < 10'000 && count < until; i++) {
      (void)f.open(builder, 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(count >= until);
  };
  open_until(f.firsts, 50);
  const std::uint64_t before = f.pipeline->rule_costs().rules().find("first")->second.looks;
  CHECK(before > 0);
  REQUIRE(f.pipeline->replace(test::rules(second_rules), {}));
  for (int i = 0; i < 3; i++) f.pipeline->housekeeping();
  open_until(f.seconds, 50);
  f.pipeline->housekeeping();
  const RuleCostSums costs = f.pipeline->rule_costs();
  CHECK(costs.rules().find("first")->second.looks >= before);
  CHECK(costs.rules().find("second")->second.looks > 0);
  CHECK(costs.shared().cycles > 0);
}

TEST_CASE("pipeline: threads with much to free wake the others at intervals, not at each batch") {
  constexpr unsigned threads = 8;
  Fixture f(threads, threads);
  REQUIRE(f.pipeline->start(test::rules(first), {}, f.follower()));
  decode::RecordBuilder builder;
  const auto begin = std::chrono::steady_clock::now();
  // Images of one process that replace each other as fast as possible.
  std::uint64_t ts = 1'000'000'000, batches = 0;
  for (unsigned i = 0; i < 100'000; i++) {
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "x")
        .number(SAKER_P_exec_start_time, 1'000'000'000);
    builder.head().pid = 4'000'000;
    builder.head().ts = ts++;
    for (int tries = 0; !f.source.write(i % threads, Lane::life, builder.finish()); tries++)
      std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
  for (const auto& drain : f.pipeline->drains()) batches += drain->counters().batches.get();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  CHECK(f.source.kicks() <= (static_cast<std::uint64_t>(took.count()) / 10 + 2) * threads);
  CHECK(batches > threads);
  f.pipeline->stop();
}

TEST_CASE("pipeline: a thread that makes no progress is named") {
  test::FakeSource source(1, 64u << 10, 1u << 20);
  const Log log{LogLevel::error};
  PipelineOptions options;
  // Idle threads make a turn each second.
  options.stalled_ns = 3'000'000'000;
  auto pipeline = std::move(*Pipeline::make(source, log, options));
  std::atomic<bool> held{true};
  pipeline->set_annotator([&](output::Alert&) {
    while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  REQUIRE(pipeline->start(test::rules(first), {}, {}));
  for (int i = 0; i < 35; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    pipeline->housekeeping();
  }
  CHECK(pipeline->stalled() == "");
  decode::RecordBuilder builder;
  builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "/watched/file");
  builder.head().pid = 1;
  builder.head().ts = ~0ull >> 1;
  REQUIRE(source.write(0, Lane::event, builder.finish()));
  for (int i = 0; i < 1000 && pipeline->stalled().empty(); i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    pipeline->housekeeping();
  }
  CHECK(pipeline->stalled().starts_with("the output thread"));
  held = false;
  for (int i = 0; i < 500 && !pipeline->stalled().empty(); i++)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(pipeline->stalled() == "");
  pipeline->stop();
}

TEST_CASE("pipeline: if the source cannot attach, the old rules stay") {
  Fixture f(1, 1);
  REQUIRE(f.pipeline->start(test::rules(first), {}, f.follower()));
  f.source.refuse(true);
  CHECK_FALSE(f.pipeline->replace(test::rules(second_rules), {}));
  f.source.refuse(false);
  decode::RecordBuilder builder;
  REQUIRE(f.open(builder, 0));
  f.pipeline->stop();
  CHECK(f.firsts == 1);
  CHECK(f.seconds == 0);
}

TEST_CASE(
    "pipeline: alerts are in the file when it has stopped, and a moved file is opened again") {
  std::string directory = std::filesystem::temp_directory_path() / "saker-pipeline-test";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  Fixture f(1, 1);
  Config config;
  config.stdout_output.enabled = false;
  config.file_output = {.enabled = true, .path = directory + "/alerts"};
  Result<Sinks> sinks = open_sinks(config, f.log);
  REQUIRE(sinks);
  REQUIRE(begin_sinks(*sinks));
  REQUIRE(f.pipeline->start(test::rules(first), std::move(*sinks), {}));
  decode::RecordBuilder builder;
  REQUIRE(f.open(builder, 0));
  for (int i = 0; i < 500 && std::filesystem::file_size(config.file_output.path) == 0; i++)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::filesystem::rename(config.file_output.path, directory + "/old");
  f.pipeline->reopen_outputs();
  for (int i = 0; i < 500 && !std::filesystem::exists(config.file_output.path); i++)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(f.open(builder, 0));
  f.pipeline->stop();
  for (std::string name : {"/old", "/alerts"}) {
    Result<std::string> text = read_file(directory + name, 10000);
    REQUIRE(text);
    CHECK(text->find("Warning first") != std::string::npos);
    CHECK(std::count(text->begin(), text->end(), '\n') == 1);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace saker::run
