// SPDX-License-Identifier: Apache-2.0
#include "output/queued_sink.h"

#include <doctest/doctest.h>
#include <malloc.h>
#include <poll.h>

#include "alerts.h"
#include "base/clock.h"

namespace saker::output {
namespace {

using test::alert;
using test::await;
constexpr std::uint64_t second = 1'000'000'000;

// The behaviour of a peer, set by the test from another thread.
struct Control {
  std::atomic<bool> stuck{false}, failing{false}, hanging{false};
  std::atomic<int> reopened{0}, attempts{0};
  std::mutex lock;
  std::string got;
  std::string text() {
    std::lock_guard guard(lock);
    return got;
  }
};

class TestPeer final : public Peer {
 public:
  explicit TestPeer(Control& control) : control_(control) {}
  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override {
    control_.attempts++;
    while (control_.hanging) ::poll(nullptr, 0, 1);
    if (control_.stuck) {
      patience.wait(never_.fd(), POLLIN, -1);
      return {};
    }
    if (control_.failing) return {.error = "it fails"};
    std::lock_guard guard(control_.lock);
    for (const SharedAlert& alert : batch) control_.got += alert->text;
    return {.delivered = batch.size()};
  }
  std::string preview(std::span<const SharedAlert>) override { return {}; }
  Result<void> reopen() override {
    control_.reopened++;
    return {};
  }

 private:
  Control& control_;
  Bell never_;
};

struct Fixture {
  Control control;
  test::Announced announced;
  std::unique_ptr<QueuedSink> sink;

  explicit Fixture(QueuedSinkOptions options = {}) {
    options.name = "test";
    options.announce = announced.announce();
    sink = std::move(*QueuedSink::start(std::make_unique<TestPeer>(control), std::move(options)));
  }
  const SinkCounters& counters() { return sink->counters(); }
};

TEST_CASE("queued sink: alerts arrive, and each is counted") {
  Fixture f;
  for (const char* text : {"a", "b", "c"}) f.sink->take(alert(text));
  CHECK(await([&] { return f.control.text() == "abc"; }));
  CHECK(await([&] { return f.counters().written == 3; }));
  CHECK(f.counters().taken == 3);
  CHECK(f.counters().lost == 0);
  CHECK(f.counters().waiting == 0);
}

TEST_CASE("queued sink: alerts below its priority are not taken") {
  Fixture f({.priority = lang::Priority::warning});
  f.sink->take(alert("n", lang::Priority::notice));
  f.sink->take(alert("w", lang::Priority::warning));
  CHECK(await([&] { return f.control.text() == "w"; }));
  CHECK(f.counters().taken == 1);
}

TEST_CASE("queued sink: alerts are gathered until the interval ends, a batch is full or it stops") {
  Fixture f({.gather_ns = 3600 * second});
  f.sink->take(alert("1"));
  REQUIRE(await([&] { return f.control.text() == "1"; }));  // the first one does not wait
  f.sink->take(alert("2"));
  f.sink->take(alert("3"));
  CHECK(f.counters().waiting == 2);
  f.sink->take(alert(std::string(300'000, 'x').c_str()));
  REQUIRE(await([&] { return f.control.text().size() > 300'000; }));
  CHECK(f.control.attempts == 2);
  f.sink->take(alert("4"));
  f.sink->begin_stop(boot_ns() + 10 * second);
  CHECK(f.sink->finish());
  CHECK(f.control.text().ends_with("4"));
  CHECK(f.counters().lost == 0);
}

TEST_CASE("queued sink: a stuck peer loses only alerts that do not fit, and they are counted") {
  Fixture f({.queue_bytes = 20 * alert("x")->bytes()});
  f.control.stuck = true;
  f.sink->take(alert("1"));
  REQUIRE(await([&] { return f.control.attempts == 1; }));
  const std::uint64_t begin = boot_ns();
  for (int i = 0; i < 1000; i++)
    f.sink->take(alert("x", i == 500 ? lang::Priority::critical : lang::Priority::notice));
  CHECK(boot_ns() - begin < second);  // nobody waited
  CHECK(f.counters().taken == 1001);
  CHECK(f.counters().lost == 1000 - 20);
  CHECK(f.counters().waiting == 21);
  f.sink->begin_stop(boot_ns() + second / 10);
  CHECK(f.sink->finish());
  CHECK(boot_ns() - begin < 2 * second);
  CHECK(f.counters().lost == 1001);
  CHECK(f.counters().waiting == 0);
}

TEST_CASE("queued sink: a failed batch is tried again, and reported once") {
  Fixture f;
  f.control.failing = true;
  f.sink->take(alert("a"));
  REQUIRE(await([&] { return f.control.attempts >= 3; }));
  f.sink->take(alert("b"));
  f.control.failing = false;
  CHECK(await([&] { return f.control.text() == "ab"; }));
  CHECK(await([&] { return f.announced.lines().size() == 2; }));
  CHECK(f.announced.lines()[0] == "test: it fails; alerts are kept and tried again");
  CHECK(f.announced.lines()[1] == "test: works again");
  CHECK(f.counters().errors >= 3);
  CHECK(f.counters().lost == 0);
}

TEST_CASE("queued sink: at the end it writes what it has") {
  Fixture f;
  for (int i = 0; i < 1000; i++) f.sink->take(alert("x"));
  f.sink->begin_stop(boot_ns() + 10 * second);
  CHECK(f.sink->finish());
  CHECK(f.counters().written == 1000);
  f.sink->take(alert("late"));
  CHECK(f.counters().lost == 1);
}

TEST_CASE("queued sink: it is reopened even while its peer waits") {
  Fixture f;
  f.control.stuck = true;
  f.sink->take(alert("a"));
  REQUIRE(await([&] { return f.control.attempts == 1; }));
  f.sink->reopen();
  CHECK(await([&] { return f.control.reopened == 1 && f.control.attempts == 2; }));
}

TEST_CASE("queued sink: a thread that hangs is abandoned") {
  static Control control;  // the abandoned thread still uses it
  control.hanging = true;
  auto sink = QueuedSink::start(std::make_unique<TestPeer>(control), {.name = "dead disk"});
  REQUIRE(sink);
  (*sink)->take(alert("a"));
  REQUIRE(await([&] { return control.attempts == 1; }));
  const std::uint64_t begin = boot_ns();
  (*sink)->begin_stop(boot_ns() + second / 10);
  CHECK_FALSE((*sink)->finish());
  sink->reset();
  CHECK(boot_ns() - begin < 2 * second);
  control.hanging = false;
  CHECK(await([&] { return control.text() == "a"; }));
}

TEST_CASE(
    "queued sinks: with every peer dead, memory is that of their queues, and all is counted") {
  constexpr std::size_t queue_bytes = 256u << 10;
  constexpr int sinks = 10, alerts = 20'000;  // far more than fit
  std::vector<std::unique_ptr<Fixture>> dead;
  for (int i = 0; i < sinks; i++) {
    dead.push_back(std::make_unique<Fixture>(QueuedSinkOptions{.queue_bytes = queue_bytes}));
    dead.back()->control.failing = true;
  }
  const std::size_t before = ::mallinfo2().uordblks;
  std::size_t most = 0;
  for (int i = 0; i < alerts; i++) {
    auto made = std::make_shared<Alert>();
    made->text = std::to_string(i) + std::string(500, 'x');
    made->priority = i % 100 == 0 ? lang::Priority::critical : lang::Priority::notice;
    for (const std::unique_ptr<Fixture>& each : dead) each->sink->take(made);
    most = std::max(most, ::mallinfo2().uordblks);
  }
  // Each has its queue and the batch that its thread holds (at most 256 KiB).
  CHECK(most - std::min(before, most) <= sinks * 2 * queue_bytes);
  for (const std::unique_ptr<Fixture>& each : dead) {
    each->sink->begin_stop(1);
    CHECK(each->sink->finish());
    CHECK(each->counters().taken == alerts);
    CHECK(each->counters().written + each->counters().lost == alerts);
  }
}

}  // namespace
}  // namespace saker::output
