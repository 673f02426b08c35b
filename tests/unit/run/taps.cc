// SPDX-License-Identifier: Apache-2.0
// Recordings of the events in drain threads: begun and ended under load, with a condition, bounded.
#include "run/taps.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "decode/build.h"
#include "fake_source.h"
#include "recording/reader.h"
#include "rules_in_memory.h"
#include "run/filter.h"
#include "run/pipeline.h"

namespace saker::run {
namespace {

using capture::Lane;

struct Taken {
  std::atomic<std::uint64_t> events{0}, blocks{0}, whole{0};
  std::atomic<bool> ended{false}, full{false};
  TapTotals totals;
};

class Collector final : public TapSink {
 public:
  explicit Collector(Taken& to) : to_(to) {}
  bool take(std::string_view block, const recording::BlockHead& head) override {
    if (to_.full || block.empty()) return false;
    to_.events += head.events;
    to_.blocks++;
    return true;
  }
  void round(std::uint64_t whole, const TapTotals&) override { to_.whole = whole; }
  void end(const TapTotals& totals) override {
    to_.totals = totals;
    to_.ended = true;
  }

 private:
  Taken& to_;
};

struct Fixture {
  test::FakeSource source;
  Log log{LogLevel::error};
  std::unique_ptr<Pipeline> pipeline;
  decode::RecordBuilder builder;

  Fixture(unsigned cpus, unsigned threads) : source(cpus, 64u << 10, 1u << 20) {
    PipelineOptions options;
    options.drain_threads = threads;
    pipeline = std::move(*Pipeline::make(source, log, options));
    REQUIRE(pipeline->start(
        test::rules("- rule: r\n  desc: d\n  condition: evt.type = openat and fd.name = /x\n"
                    "  output: x\n  priority: DEBUG\n"),
        {}, {}));
  }
  void unlink(unsigned cpu, std::string_view path) {
    builder.begin(SAKER_EV_unlink).blob(SAKER_P_path_name, path);
    builder.head().pid = 1;
    builder.head().cpu = cpu;
    builder.head().ts = ~0ull >> 1;
    while (!source.write(cpu, Lane::event, builder.finish())) std::this_thread::yield();
  }
  std::uint64_t record(Taken& taken, std::unique_ptr<match::Program> filter = nullptr) {
    TapOptions options;
    options.asks[SAKER_EV_unlink] = true;
    options.records.set();
    options.filter = std::move(filter);
    options.cut_ns = 10'000'000;
    Result<std::uint64_t> number =
        pipeline->record(std::move(options), std::make_unique<Collector>(taken));
    REQUIRE(number);
    return *number;
  }
  template <typename Condition>
  static void await(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); i++)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(condition());
  }
};

TEST_CASE("taps: a recording can be replaced by another without a gap") {
  Fixture f(2, 2);
  Taken first, second;
  std::uint64_t old = f.record(first);
  for (int i = 0; i < 500; i++) f.unlink(i % 2, "/before");
  f.record(second);
  f.pipeline->end_recording_now(old);
  CHECK(first.ended);
  CHECK(first.events >= 500);
  CHECK(f.pipeline->recordings() == 1);
  CHECK(f.source.asked()[SAKER_EV_unlink]);
  for (int i = 0; i < 500; i++) f.unlink(i % 2, "/after");
  Fixture::await([&] { return second.events >= 500; });
}

TEST_CASE("taps: everything before the end is in the recording, and then its hooks are detached") {
  Fixture f(2, 2);
  for (int round = 0; round < 5; round++) {
    Taken taken;
    std::uint64_t number = f.record(taken);
    CHECK(f.source.asked()[SAKER_EV_unlink]);
    for (int i = 0; i < 1000; i++) f.unlink(i % 2, "/some/file");
    f.pipeline->end_recording(number);
    CHECK_FALSE(f.source.asked()[SAKER_EV_unlink]);
    Fixture::await([&] { return taken.ended.load(); });
    CHECK(taken.events >= 1000);
    CHECK(taken.totals.events == taken.events);
    CHECK(taken.totals.lost == 0);
    Fixture::await([&] { return f.pipeline->recordings() == 0; });
    f.pipeline->housekeeping();
  }
}

TEST_CASE("taps: blocks end in time, one recording does not disturb the other") {
  Fixture f(2, 1);
  Taken all, some;
  Result<std::unique_ptr<match::Program>> filter =
      compile_filter("evt.type = unlink and fs.path.name endswith 7", {});
  REQUIRE(filter);
  f.record(all);
  f.record(some, std::move(*filter));
  for (int i = 0; i < 100; i++) f.unlink(i % 2, "/some/" + std::to_string(i));
  Fixture::await([&] { return all.events >= 100 && some.events == 10; });
  CHECK_FALSE(all.ended);
  std::uint64_t cut = all.whole;
  Fixture::await([&] { return all.whole > cut; });
  f.pipeline->stop();
  CHECK(all.ended);
  CHECK(some.totals.events == 10);
}

TEST_CASE("taps: events that nobody takes are counted as lost") {
  Fixture f(1, 1);
  Taken taken;
  taken.full = true;
  f.record(taken);
  for (int i = 0; i < 100; i++) f.unlink(0, "/some/file");
  f.pipeline->stop();
  CHECK(taken.totals.events == 0);
  CHECK(taken.totals.lost >= 100);
}

TEST_CASE("filter: a single condition, with macros of files, and errors with their places") {
  CHECK(compile_filter("evt.type = openat", {}));
  Result<std::unique_ptr<match::Program>> wrong =
      compile_filter("evt.type = openat and fd.nam = x", {});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("condition:1:23: error") != std::string::npos);
  CHECK(wrong.error().message.find("\n  1 | evt.type = openat and fd.nam = x\n") !=
        std::string::npos);
  CHECK_FALSE(compile_filter("program_started and evt.type = openat", {}));
  CHECK(compile_filter("program_started and evt.type = openat", {"rules"}));
  CHECK_FALSE(compile_filter("", {}));
}

}  // namespace
}  // namespace saker::run
