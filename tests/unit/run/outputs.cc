// SPDX-License-Identifier: Apache-2.0
#include "run/outputs.h"

#include <doctest/doctest.h>

#include "../output/alerts.h"
#include "base/clock.h"

namespace saker::run {
namespace {

// Keeps the texts of the alerts that it takes.
class Keeper final : public output::Sink {
 public:
  explicit Keeper(std::string& to) : to_(to) {}
  void take(const output::SharedAlert& alert) override {
    to_ += alert->text;
    counters_.taken++;
    counters_.written++;
  }
  const output::SinkCounters& counters() const override { return counters_; }
  const std::string& name() const override { return name_; }
  output::Form form() const override { return output::Form::text; }
  void begin_stop(std::uint64_t) override { to_ += '.'; }
  bool finish() override { return true; }

 private:
  std::string& to_;
  const std::string name_ = "keeper";
  output::SinkCounters counters_;
};

std::shared_ptr<output::Alert> alert(const std::string& text) {
  return std::make_shared<output::Alert>(*test::alert(text));
}

struct Fixture {
  Bell bell;
  AlertQueue queue{bell};
  Outputs outputs{bell};
  std::string first, second;
  std::atomic<bool> going{false};
  std::thread thread;

  ~Fixture() { end(); }
  // Ends the output thread: what sinks took can be read.
  void end() {
    going = false;
    if (thread.joinable()) thread.join();
  }
  static Sinks sinks(const std::string& name, std::unique_ptr<output::Sink> sink) {
    Sinks out;
    out.push_back({{.name = name, .type = "file"}, std::move(sink)});
    return out;
  }
  void start() { outputs.start(sinks("first", std::make_unique<Keeper>(first)), {&queue}, {}, {}); }
  // replace() waits for the output thread.
  void run() {
    going = true;
    thread = std::thread([this] {
      while (going) outputs.turn();
    });
  }
};

TEST_CASE("outputs: alerts from before a change go to the old sinks, later ones to the new") {
  Fixture f;
  f.start();
  for (const char* text : {"a", "b", "c"}) f.queue.push(alert(text));
  f.run();
  f.outputs.replace(Fixture::sinks("second", std::make_unique<Keeper>(f.second)));
  f.queue.push(alert("d"));
  CHECK(test::await([&] { return f.outputs.passed() == 4; }));
  f.end();
  CHECK(f.first == "abc.");
  CHECK(f.second == "d");
}

TEST_CASE("outputs: a sink whose configuration did not change stays, with its counters") {
  Fixture f;
  f.start();
  f.run();
  f.queue.push(alert("a"));
  f.outputs.replace(Fixture::sinks("first", nullptr));
  f.queue.push(alert("b"));
  CHECK(test::await([&] { return f.outputs.passed() == 2; }));
  f.end();
  CHECK(f.first == "ab");
  REQUIRE(f.outputs.sinks().size() == 1);
  CHECK(f.outputs.sinks()[0].sink->counters().written == 2);
}

TEST_CASE("outputs: alerts that a sink could not write at the end are reported") {
  class Loser final : public output::Sink {
   public:
    void take(const output::SharedAlert&) override {}
    const output::SinkCounters& counters() const override { return counters_; }
    const std::string& name() const override { return name_; }
    output::Form form() const override { return output::Form::text; }
    void begin_stop(std::uint64_t) override { counters_.lost += 2; }
    bool finish() override { return true; }

   private:
    const std::string name_ = "loser";
    output::SinkCounters counters_;
  };
  Fixture f;
  f.outputs.start(Fixture::sinks("loser", std::make_unique<Loser>()), {&f.queue}, {}, {});
  CHECK(f.outputs.stop(1) ==
        std::vector<std::string>{"loser: 2 alerts could not be written before the end"});
}

TEST_CASE("outputs: the sensor's own alerts overtake those in the queues") {
  Fixture f;
  f.start();
  f.queue.push(alert("a"));
  f.outputs.report(alert("own"));
  while (f.outputs.turn()) {
  }
  CHECK(f.first == "owna");
}

TEST_CASE("outputs: a reload reopens a changed file, but not an unchanged one") {
  test::Directory directory;
  Log log(LogLevel::error);
  Config config;
  config.stdout_output.enabled = false;
  config.file_output = {.enabled = true, .path = directory / "a"};
  Result<Sinks> running = open_sinks(config, log);
  REQUIRE(running);
  REQUIRE(running->size() == 1);
  Result<Sinks> same = open_sinks(config, log, *running);
  REQUIRE(same);
  CHECK((*same)[0].sink == nullptr);
  config.json_output = true;
  Result<Sinks> other = open_sinks(config, log, *running);
  REQUIRE(other);
  CHECK((*other)[0].sink != nullptr);
  CHECK((*other)[0].sink->form() == output::Form::json);
}

TEST_CASE("outputs: how long each alert took is counted by the lane of its record") {
  Fixture f;
  f.start();
  const auto pass = [&f](std::uint64_t recorded, std::uint8_t lane) {
    auto one = alert("x");
    one->recorded = recorded;
    one->lane = lane;
    f.queue.push(std::move(one));
  };
  const std::uint64_t now = boot_ns();
  pass(now - 3'000'000'000, SAKER_LANE_EVENT);
  pass(now - 60'000'000'000, SAKER_LANE_EVENT);
  pass(now + 60'000'000'000, SAKER_LANE_LIFE);  // a clock that is wrong
  pass(0, SAKER_LANE_EVENT);                    // of no record
  while (f.outputs.turn()) {
  }
  const Latency::Histogram event = f.outputs.latency().histogram(SAKER_LANE_EVENT),
                           life = f.outputs.latency().histogram(SAKER_LANE_LIFE);
  CHECK(event.alerts.back() == 1);
  CHECK(event.alerts[16] + event.alerts[17] == 1);  // up to 5 s, or 10 on a slow machine
  CHECK(event.total_ns >= 63'000'000'000);
  CHECK(event.longest_ns >= 60'000'000'000);
  CHECK(life.alerts[0] == 1);
  CHECK(life.total_ns == 0);
}

TEST_CASE("outputs: repeats are folded where that is asked for, and none is left at the end") {
  Fixture f;
  f.start();
  const auto pass = [&f](const std::string& message) {
    auto one = alert(message + ";");
    one->message = message;
    one->recorded = 1;
    f.queue.push(std::move(one));
    while (f.outputs.turn()) {
    }
  };
  pass("a");
  pass("a");
  CHECK(f.first == "a;a;");
  f.outputs.fold(3'600'000'000'000);
  for (const char* message : {"a", "b", "a", "a"}) pass(message);
  CHECK(f.first == "a;a;a;b;");
  CHECK(f.outputs.folded() == 2);
  f.outputs.finish_folds();
  CHECK(f.first.starts_with("a;a;a;b;a; repeated=2 from="));
  CHECK(f.outputs.passed() == 5);
}

TEST_CASE("alert queue: the output thread is woken by the first, by a severe one, and by many") {
  Bell bell;
  AlertQueue queue(bell);
  auto rung = [&] {
    pollfd fd{bell.fd(), POLLIN, 0};
    const bool yes = ::poll(&fd, 1, 0) == 1;
    bell.clear();
    return yes;
  };
  queue.push(alert("a"));
  CHECK(rung());
  queue.push(alert("b"));
  CHECK_FALSE(rung());
  auto severe = alert("c");
  severe->priority = lang::Priority::critical;
  queue.push(severe);
  CHECK(rung());
  for (std::size_t i = 0; i < AlertQueue::most_alerts / 4; i++) queue.push(alert("d"));
  CHECK(rung());
  queue.push(alert("e"));
  queue.end_batch();
  CHECK(rung());
}

TEST_CASE("alert queue: it is bounded by bytes, and one larger alert passes alone") {
  Bell bell;
  AlertQueue queue(bell);
  const std::string large(AlertQueue::most_bytes, 'x');
  std::thread producer([&] {
    for (int i = 0; i < 3; i++) queue.push(alert(large));
  });
  REQUIRE(test::await([&] { return queue.pushed() == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(queue.pushed() == 1);
  int got = 0;
  CHECK(test::await([&] { return (got += queue.pop() != nullptr) == 3; }));
  producer.join();
}

}  // namespace
}  // namespace saker::run
