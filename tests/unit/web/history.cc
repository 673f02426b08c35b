// SPDX-License-Identifier: Apache-2.0
// What is written to the history is found in it again.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "web/history_reader.h"
#include "web/history_writer.h"
#include "web/stored_alert.h"

namespace saker::web {
namespace {

constexpr std::uint64_t day_ns = 86'400'000'000'000;

struct NoPatience final : output::Patience {
  bool wait(int, short, int) override { return true; }
  int left_ms(int timeout_ms) override { return timeout_ms; }
};

struct Fixture {
  std::string directory;
  HistoryLimits limits;
  std::unique_ptr<HistoryWriter> writer;
  std::uint64_t next = 1;

  Fixture() {
    char name[] = "/tmp/saker-history.XXXXXX";
    directory = ::mkdtemp(name);
  }
  ~Fixture() { std::filesystem::remove_all(directory); }

  void open() {
    auto opened = HistoryWriter::open(directory, limits);
    REQUIRE(opened);
    writer = std::move(*opened);
  }
  HistoryReader reader() const { return HistoryReader(directory, limits.age_ns); }

  static output::SharedAlert alert(std::uint64_t id, const std::string& rule,
                                   const std::string& text, const std::string& fields = "",
                                   std::uint64_t time = clock_ns(CLOCK_REALTIME)) {
    auto parsed =
        parse_alert("{\"rule\":\"" + rule + "\",\"priority\":\"Warning\",\"output\":\"" + text +
                        "\",\"tags\":[\"net\",\"T1\"],\"output_fields\":{" + fields + "}}",
                    time);
    REQUIRE(parsed);
    parsed->id = id;
    return std::make_shared<StoredAlert>(std::move(*parsed));
  }
  output::Delivery write(std::vector<output::SharedAlert> batch) {
    NoPatience patience;
    return writer->deliver(batch, patience);
  }
  static std::vector<std::uint64_t> ids(const HistoryRows& found) {
    std::vector<std::uint64_t> out;
    for (const HistoryRows::Row& row : found.rows) out.push_back(row.id);
    return out;
  }
};

using Ids = std::vector<std::uint64_t>;

TEST_CASE("history: what was written is found, also after a new start") {
  Fixture f;
  f.open();
  CHECK(f.writer->last_id() == 0);
  const output::Delivery done =
      f.write({f.alert(1, "a", "read of /etc/shadow by cat", R"("container.name":"web")"),
               f.alert(2, "b", "shell", R"("k8s.ns.name":"db","k8s.pod.name":"pg-0")"),
               f.alert(3, "a", "read of /etc/passwd by vim", R"("container.id":"host")")});
  CHECK(done.delivered == 3);
  CHECK(done.error == "");
  HistoryReader reader = f.reader();
  CHECK(f.ids(reader.find({})) == Ids{3, 2, 1});
  CHECK(f.ids(reader.find({.rule = "a"})) == Ids{3, 1});
  CHECK(f.ids(reader.find({.rule = "a' OR 1=1 --"})).empty());
  CHECK(f.ids(reader.find({.tag = "T1"})) == Ids{3, 2, 1});
  CHECK(f.ids(reader.find({.tag = "T"})).empty());
  CHECK(f.ids(reader.find({.container = "web"})) == Ids{1});
  CHECK(f.ids(reader.find({.container = "host"})).empty());
  CHECK(f.ids(reader.find({.pod = "db/pg-0"})) == Ids{2});
  CHECK(f.ids(reader.find({.priority = 3})).empty());
  CHECK(f.ids(reader.find({.before = 3, .limit = 1})) == Ids{2});
  CHECK(reader.find({.before = 3, .limit = 1}).more);
  CHECK(reader.find({.limit = 1}).rows.front().line.find("vim") != std::string::npos);
  CHECK(reader.names(NameKind::tags, 10) == std::vector<std::string>{"T1", "net"});
  f.open();
  CHECK(f.writer->last_id() == 3);
  f.write({f.alert(4, "c", "later")});
  CHECK(f.ids(reader.find({})) == Ids{4, 3, 2, 1});
  CHECK(reader.size().alerts == 4);
}

TEST_CASE("history: words of a search") {
  CHECK(match_expression("shad") == "\"shad\"*");
  CHECK(match_expression("/etc/shadow cat") == "\"etc shadow\"* AND \"cat\"*");
  CHECK(match_expression("\" OR rowid:*^(") == "\"OR\"* AND \"rowid\"*");
  CHECK(match_expression("!?") == "");
  Fixture f;
  f.open();
  f.write({f.alert(1, "a", "read of /etc/shadow by cat"), f.alert(2, "a", "etc, and a shadow")});
  HistoryReader reader = f.reader();
  CHECK(f.ids(reader.find({.text = "/etc/shadow"})) == Ids{1});
  CHECK(f.ids(reader.find({.text = "shad"})) == Ids{2, 1});
  CHECK(f.ids(reader.find({.text = "shadow cat"})) == Ids{1});
  CHECK(f.ids(reader.find({.text = "NEAR(a b)"})).empty());
  // Nothing that could be found is not everything.
  CHECK(f.ids(reader.find({.text = "!?"})).empty());
}

TEST_CASE("history: counts over time") {
  Fixture f;
  f.open();
  const std::uint64_t hour = clock_ns(CLOCK_REALTIME) / 3'600'000'000'000 * 3'600'000'000'000;
  f.write({f.alert(1, "a", "x", "", hour - 10), f.alert(2, "a", "x", "", hour + 10),
           f.alert(3, "b", "x", "", hour + 20), f.alert(4, "a", "x", "", hour + 30)});
  HistoryReader reader = f.reader();
  const HistoryCounts counts = reader.count(0, INT64_MAX, 3600);
  REQUIRE(counts.rows.size() == 3);
  const std::int64_t at = static_cast<std::int64_t>(hour / 1'000'000'000);
  CHECK(counts.rows[0].from == at - 3600);
  CHECK(counts.rows[1].from == at);
  CHECK(counts.rows[1].rule == "a");
  CHECK(counts.rows[1].alerts == 2);
  CHECK(counts.rows[2].alerts == 1);
  CHECK(counts.rows[2].priority == 4);
}

TEST_CASE("history: bounded in size and age, the oldest go") {
  Fixture f;
  f.limits.bytes = 4u << 20;
  f.limits.age_ns = 10 * day_ns;
  f.open();
  std::string text;
  for (int i = 0; i < 400; i++) text += "word" + std::to_string(i) + " ";
  std::uint64_t id = 1;
  f.write({f.alert(id++, "old", "x", "", clock_ns(CLOCK_REALTIME) - 11 * day_ns)});
  for (int batch = 0; batch < 60; batch++) {
    std::vector<output::SharedAlert> alerts;
    for (int i = 0; i < 50; i++) alerts.push_back(f.alert(id++, "a", text));
    REQUIRE(f.write(std::move(alerts)).delivered == 50);
  }
  HistoryReader reader = f.reader();
  const HistorySize size = reader.size();
  CHECK(size.problems.empty());
  CHECK(size.files > 3);
  CHECK(size.files <= HistoryWriter::files + 1);
  // The log that is written ahead of the newest comes on top.
  CHECK(size.bytes < f.limits.bytes + (2u << 20));
  CHECK(size.alerts < id);
  const HistoryRows found = reader.find({.limit = 400});
  REQUIRE(found.rows.size() == 400);
  CHECK(found.rows.front().id == id - 1);
  CHECK(found.rows.back().id == id - 400);
  CHECK(f.ids(reader.find({.rule = "old"})).empty());
}

TEST_CASE("history: a damaged file is left and named, and the others go on") {
  Fixture f;
  f.open();
  f.write({f.alert(1, "a", "x")});
  f.writer.reset();
  std::ofstream(history_file(f.directory, 2)) << std::string(8192, 'z');
  f.open();
  f.write({f.alert(2, "a", "y")});
  HistoryReader reader = f.reader();
  CHECK(f.ids(reader.find({})) == Ids{2, 1});
  REQUIRE(reader.size().problems.size() == 1);
  CHECK(reader.size().problems.front().find("0000000002.db") != std::string::npos);
}

TEST_CASE("history: a line that is no alert is none") {
  for (const char* line :
       {"", "{}", "[]", "nonsense", R"({"rule":"a"})", R"({"rule":1,"priority":"Warning"})",
        R"({"rule":"a","priority":"Terrible"})", "\xff"})
    CHECK_FALSE(parse_alert(line, 0));
  const auto alert = parse_alert(
      R"({"rule":"a","priority":"Error","output":7,"output_fields":[1],"tags":"x"})", 5);
  REQUIRE(alert);
  CHECK(alert->time == 5);
  CHECK(alert->tags.empty());
}

}  // namespace
}  // namespace saker::web
