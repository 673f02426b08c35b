// SPDX-License-Identifier: Apache-2.0
// The spool as outputs see it: every alert is delivered or counted as lost, once, over restarts,
// damage and a full spool.
#include "output/spool/spool.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>

#include "../alerts.h"
#include "base/clock.h"
#include "output/queued_sink.h"
#include "output/spool/cursor.h"
#include "output/spool/spool_peer.h"

namespace saker::output {
namespace {

using lang::Priority;
using test::alert;
using test::await;

struct Fixture {
  test::Directory directory;
  test::Announced announced;
  SpoolOptions options{
      .directory = directory / "spool", .max_bytes = 4u << 20, .announce = announced.announce()};

  std::shared_ptr<Spool> open() {
    auto spool = Spool::open(options);
    REQUIRE_MESSAGE(spool, (spool ? "" : spool.error().message));
    REQUIRE((*spool)->begin());
    return std::move(*spool);
  }
};

std::shared_ptr<SpoolCursor> claimed(Spool& spool, const std::string& name = "out",
                                     Priority priority = Priority::debug) {
  auto cursor = spool.cursor(name);
  REQUIRE(cursor);
  REQUIRE((*cursor)->claim(priority, [] {}));
  return std::move(*cursor);
}

void append(Spool& spool, std::vector<SharedAlert> alerts) { REQUIRE(spool.append(alerts)); }

// The texts; of long ones only the last character.
std::string read_all(SpoolCursor& cursor) {
  std::vector<SharedAlert> alerts;
  for (std::size_t before = 1; before != alerts.size();) {
    before = alerts.size();
    cursor.read(1 << 20, alerts);
  }
  std::string out;
  for (const SharedAlert& each : alerts)
    out += each->text.size() > 10 ? each->text.substr(each->text.size() - 1) : each->text;
  return out;
}

}  // namespace

TEST_CASE("spool: severe alerts first, the rest as they came, each with all that it was") {
  Fixture f;
  auto spool = f.open();
  auto cursor = claimed(*spool);
  append(*spool, {alert("a", Priority::notice), alert("b", Priority::debug),
                  alert("c", Priority::critical), alert("d", Priority::warning)});
  append(*spool, {alert("e", Priority::emergency), alert("f", Priority::notice)});
  CHECK(cursor->waiting() == 6);
  CHECK(read_all(*cursor) == "ceabdf");
  CHECK(cursor->waiting() == 6);
  REQUIRE(cursor->done(6));
  CHECK(cursor->waiting() == 0);
  CHECK(cursor->collect_lost() == 0);
}

TEST_CASE("spool: over a restart each output goes on where it was") {
  Fixture f;
  {
    auto spool = f.open();
    auto first = claimed(*spool, "first"), second = claimed(*spool, "second", Priority::warning);
    append(*spool, {alert("1"), alert("2", Priority::error), alert("3")});
    CHECK(read_all(*first) == "123");
    REQUIRE(first->done(2));
    CHECK(second->waiting() == 1);
  }
  auto spool = f.open();
  append(*spool, {alert("4")});
  auto first = claimed(*spool, "first"), second = claimed(*spool, "second", Priority::warning);
  auto later = claimed(*spool, "later");
  append(*spool, {alert("5")});
  CHECK(read_all(*first) == "345");
  CHECK(read_all(*second) == "2");
  CHECK(read_all(*later) == "5");
  CHECK(first->collect_lost() + second->collect_lost() + later->collect_lost() == 0);
}

TEST_CASE("spool: two processes cannot have it") {
  Fixture f;
  auto spool = f.open();
  auto other = Spool::open(f.options);
  REQUIRE_FALSE(other);
  CHECK(other.error().message.find("another process uses it") != std::string::npos);
}

TEST_CASE("spool: a directory that others may write to is refused") {
  Fixture f;
  std::filesystem::create_directory(f.options.directory);
  std::filesystem::permissions(f.options.directory, std::filesystem::perms::all);
  CHECK_FALSE(Spool::open(f.options));
}

TEST_CASE("spool: where it is full the least severe and the oldest go, and are counted") {
  Fixture f;
  auto spool = f.open();
  auto cursor = claimed(*spool);
  const std::string much(9'000, 'x');
  std::uint64_t made = 0;
  for (int i = 0; i < 100; i++, made++) append(*spool, {alert(much + "C", Priority::critical)});
  for (int i = 0; i < 2000; i++, made++) append(*spool, {alert(much + "d", Priority::debug)});
  for (int i = 0; i < 50; i++, made++) append(*spool, {alert(much + "w", Priority::warning)});
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_in(f.options.directory)) bytes += segment.bytes;
  CHECK(bytes <= f.options.max_bytes);
  const std::uint64_t lost = cursor->collect_lost();
  CHECK(lost > 1000);
  const std::string got = read_all(*cursor);
  CHECK(std::ranges::count(got, 'C') == 100);
  CHECK(std::ranges::count(got, 'w') == 50);
  CHECK(got.size() + lost + cursor->collect_lost() == made);
}

TEST_CASE("spool: what every output has had goes first") {
  Fixture f;
  auto spool = f.open();
  auto cursor = claimed(*spool);
  const std::string much(9'000, 'x');
  append(*spool, {alert("d", Priority::debug)});
  for (int i = 0; i < 1000; i++) {
    append(*spool, {alert(much + "C", Priority::critical)});
    std::vector<SharedAlert> out;
    cursor->read(1, out);
    REQUIRE(out.size() == 1);
    CHECK(out[0]->severe());
    REQUIRE(cursor->done(1));
  }
  CHECK(read_all(*cursor) == "d");
  CHECK(cursor->collect_lost() == 0);
}

TEST_CASE("spool: an alert less severe than all that fill it is lost, and counted") {
  Fixture f;
  auto spool = f.open();
  auto cursor = claimed(*spool);
  const std::string much(9'000, 'x');
  std::uint64_t made = 2;
  for (int i = 0; i < 1000; i++, made++) append(*spool, {alert(much + "C", Priority::critical)});
  append(*spool, {alert("d", Priority::debug), alert("d", Priority::debug)});
  const std::string got = read_all(*cursor);
  CHECK(got.find('d') == got.npos);
  CHECK(got.size() + cursor->collect_lost() == made);
}

TEST_CASE("spool: a segment damaged at any byte costs some alerts, which are counted") {
  Fixture f;
  std::uint64_t made = 0;
  {
    auto spool = f.open();
    auto cursor = claimed(*spool);
    // Several segments of 64 KiB.
    for (int i = 0; i < 120; i++, made++) append(*spool, {alert(std::string(1'200, 'x'))});
  }
  const std::vector<Segment> segments = segments_in(f.options.directory);
  REQUIRE(segments.size() >= 3);
  const std::string path = segment_path(f.options.directory, segments[1].level, segments[1].first);
  const std::string whole = test::content(path);
  for (std::size_t at = 0; at < whole.size(); at += 1 + at % 487) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    std::ofstream(path, std::ios::binary) << damaged;
    auto spool = f.open();
    auto cursor = claimed(*spool);
    const std::uint64_t got = read_all(*cursor).size(), lost = cursor->collect_lost();
    CHECK(lost > 0);
    CHECK(lost <= 16);
    CHECK(got + lost == made);
  }
  CHECK_FALSE(f.announced.lines().empty());
  CHECK(f.announced.lines()[0].find("is damaged at byte") != std::string::npos);
  // The whole of it, and one that is gone.
  std::ofstream(path, std::ios::binary) << "";
  for (int turn = 0; turn < 2; turn++) {
    auto spool = f.open();
    auto cursor = claimed(*spool);
    const std::uint64_t got = read_all(*cursor).size(), lost = cursor->collect_lost();
    CHECK(lost == segments[2].first - segments[1].first);
    CHECK(got + lost == made);
    cursor.reset();
    spool.reset();
    std::filesystem::remove(path);
  }
}

TEST_CASE("spool: a file that ends anywhere, as a crash leaves it, loses nothing before") {
  Fixture f;
  {
    auto spool = f.open();
    auto cursor = claimed(*spool);
    for (int i = 0; i < 30; i++) append(*spool, {alert(std::string(40, 'a' + i % 26))});
  }
  const std::vector<Segment> segments = segments_in(f.options.directory);
  REQUIRE(segments.size() == 1);
  const std::string path = segment_path(f.options.directory, segments[0].level, segments[0].first);
  const std::string whole = test::content(path);
  const std::string position = position_path(f.options.directory, "out");
  const std::string at_first = test::content(position);
  for (std::size_t cut = 0; cut <= whole.size(); cut += 1 + cut % 41) {
    for (const Segment& each : segments_in(f.options.directory))
      std::filesystem::remove(segment_path(f.options.directory, each.level, each.first));
    std::ofstream(path, std::ios::binary) << whole.substr(0, cut);
    std::ofstream(position, std::ios::binary) << at_first;
    const std::size_t kept = cut / (whole.size() / 30);
    auto spool = f.open();
    auto cursor = claimed(*spool);
    append(*spool, {alert("!")});
    const std::string got = read_all(*cursor);
    CHECK(got.size() == kept + 1);
    CHECK(got.back() == '!');
    CHECK(cursor->collect_lost() == (cut != 0 && kept == 0 ? 1 : 0));
  }
}

TEST_CASE("spool: a number is used once, whatever a loss of power has left") {
  Fixture f;
  {
    auto spool = f.open();
    auto cursor = claimed(*spool);
    append(*spool, {alert("1"), alert("2"), alert("3")});
    CHECK(read_all(*cursor) == "123");
    REQUIRE(cursor->done(3));
  }
  for (const Segment& each : segments_in(f.options.directory))
    std::filesystem::remove(segment_path(f.options.directory, each.level, each.first));
  auto spool = f.open();
  append(*spool, {alert("4")});
  auto cursor = claimed(*spool);
  CHECK(read_all(*cursor) == "4");
  CHECK(cursor->collect_lost() == 0);
}

TEST_CASE("spool: what is old goes, and is counted") {
  Fixture f;
  f.options.max_age_ns = 1'000'000'000;
  f.options.flush_ns = 10'000'000;
  auto spool = f.open();
  auto cursor = claimed(*spool);
  append(*spool, {alert("1"), alert("2")});
  CHECK(await([&] { return segments_in(f.options.directory).empty(); }));
  CHECK(await([&] { return cursor->collect_lost() == 2; }));
  append(*spool, {alert("3")});
  CHECK(read_all(*cursor) == "3");
}

TEST_CASE("spool: an output that is no more is forgotten, others are not") {
  Fixture f;
  auto spool = f.open();
  claimed(*spool, "gone");
  claimed(*spool, "stays");
  append(*spool, {alert("1")});
  const std::string stays[] = {"stays"};
  spool->keep_only(stays);
  CHECK(positions_in(f.options.directory) == std::vector<std::string>{"stays"});
  REQUIRE(f.announced.lines().size() == 1);
  CHECK(f.announced.lines()[0].find("gone is no more; up to 1 alerts") != std::string::npos);
}

// A server that may be away.
struct Server {
  std::atomic<bool> away{true};
  std::mutex lock;
  std::string got;
  std::string text() {
    std::lock_guard guard(lock);
    return got;
  }
};
class ServerPeer final : public Peer {
 public:
  explicit ServerPeer(Server& server) : server_(server) {}
  Delivery deliver(std::span<const SharedAlert> batch, Patience&) override {
    if (server_.away) return {.error = "away"};
    std::lock_guard guard(server_.lock);
    for (const SharedAlert& each : batch) server_.got += each->text;
    return {.delivered = batch.size()};
  }
  std::string preview(std::span<const SharedAlert>) override { return {}; }

 private:
  Server& server_;
};

std::unique_ptr<QueuedSink> output_of(Fixture& f, Spool& spool, Server& server) {
  auto cursor = spool.cursor("out");
  REQUIRE(cursor);
  QueuedSinkOptions options{.name = "out", .cursor = *cursor, .announce = f.announced.announce()};
  return std::move(*QueuedSink::start(std::make_unique<ServerPeer>(server), std::move(options)));
}

TEST_CASE("spool: a sink whose server is away delivers when it is back, over a restart too") {
  Fixture f;
  Server server;
  {
    auto spool = f.open();
    auto writer = std::move(*QueuedSink::start(spool_peer(spool), {.name = "spool"}));
    auto sink = output_of(f, *spool, server);
    for (const char* text : {"a", "b", "c"}) {
      writer->take(alert(text));
      sink->take(alert(text));
    }
    CHECK(await([&] { return sink->counters().waiting == 3 && sink->counters().errors >= 2; }));
    CHECK(writer->counters().written == 3);
    CHECK(sink->counters().taken == 3);
    sink->begin_stop(boot_ns());
    REQUIRE(sink->finish());
    CHECK(sink->counters().lost == 0);
    CHECK(sink->counters().kept == 3);
  }
  auto spool = f.open();
  auto sink = output_of(f, *spool, server);
  append(*spool, {alert("d")});
  server.away = false;
  CHECK(await([&] { return server.text() == "abcd"; }));
  CHECK(await([&] { return sink->counters().written == 4; }));
  CHECK(sink->counters().taken == 4);
  // Another one with its name continues when it has ended: it was reconfigured.
  server.away = true;
  auto next = output_of(f, *spool, server);
  append(*spool, {alert("e")});
  CHECK(await([&] { return sink->counters().waiting == 1; }));
  sink->begin_stop(boot_ns());
  server.away = false;
  CHECK(await([&] { return server.text() == "abcde"; }));
}

TEST_CASE("spool: what it throws out while a sink is stuck is counted at once") {
  Fixture f;
  Server server;
  auto spool = f.open();
  auto sink = output_of(f, *spool, server);
  const std::string much(9'000, 'x');
  std::uint64_t made = 0;
  for (; made < 1000; made++) append(*spool, {alert(much)});
  CHECK(await([&] { return sink->counters().lost > 100; }));
  CHECK(sink->counters().taken == made);
  server.away = false;
  CHECK(await([&] { return sink->counters().waiting == 0; }));
  CHECK(sink->counters().written + sink->counters().lost == made);
  CHECK(server.text().size() == sink->counters().written * much.size());
}

}  // namespace saker::output
