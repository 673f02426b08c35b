// SPDX-License-Identifier: Apache-2.0
#include "service/flight_recorder.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace saker::service {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

output::Alert alert_at(std::uint64_t time, lang::Priority priority, std::string rule) {
  output::Alert alert;
  alert.rule = 0;
  alert.time = time * second;
  alert.priority = priority;
  alert.rule_name = std::move(rule);
  alert.text = "text";
  alert.json = R"({"rule":"x"})";
  return alert;
}

TEST_CASE("flight recorder: which alerts make a file, and how it is named") {
  run::FlightRecorderConfig config;
  config.enabled = true;
  config.directory = "/d";
  config.before_ns = 5 * second;
  config.after_ns = 2 * second;
  config.rules = {"named"};
  FlightRequests requests(config);

  output::Alert mild = alert_at(100, lang::Priority::warning, "other");
  requests.note(mild);
  CHECK(mild.text == "text");
  CHECK_FALSE(requests.take());

  output::Alert severe = alert_at(100, lang::Priority::critical, "a/b ../c");
  requests.note(severe);
  CHECK(severe.text == "text recording=/d/1970-01-01T00:01:40.000000000Z-a-b-c.skr");
  CHECK(severe.json == R"({"rule":"x","recording":"/d/1970-01-01T00:01:40.000000000Z-a-b-c.skr"})");
  std::optional<FlightRequests::Request> request = requests.take();
  REQUIRE(request);
  CHECK((request->from == 95 * second && request->until == 102 * second));

  output::Alert soon = alert_at(101, lang::Priority::debug, "named");
  requests.note(soon);
  CHECK(soon.text == severe.text);
  CHECK_FALSE(requests.take());
  requests.full(request->path);
  output::Alert next = alert_at(101, lang::Priority::debug, "named");
  requests.note(next);
  CHECK(next.text.ends_with("Z-named.skr"));
  CHECK(requests.take());
}

TEST_CASE(
    "flight recorder: a rule with capture: true makes a file of its own length, unless it is not "
    "to") {
  run::FlightRecorderConfig config;
  config.enabled = true;
  config.directory = "/d";
  config.after_ns = 2 * second;
  output::Alert plain = alert_at(100, lang::Priority::debug, "plain length");
  plain.capture = true;
  output::Alert longer = alert_at(101, lang::Priority::debug, "longer");
  longer.capture = true;
  longer.capture_ms = 7000;
  output::Alert silent = longer;

  FlightRequests requests(config);
  requests.note(plain);
  CHECK(plain.text.ends_with("-plain-length.skr"));
  std::optional<FlightRequests::Request> first = requests.take();
  REQUIRE(first);
  CHECK(first->until == 102 * second);
  requests.note(longer);
  CHECK(longer.text == plain.text);
  std::optional<FlightRequests::Request> prolonged = requests.take();
  REQUIRE(prolonged);
  CHECK((prolonged->path == first->path && prolonged->until == 108 * second));
  output::Alert again = plain;
  again.text = "text";
  requests.note(again);
  CHECK(again.text == plain.text);
  CHECK_FALSE(requests.take());

  config.rules_ask = false;
  requests.note(longer);
  requests.use(config);
  CHECK_FALSE(requests.take());
  requests.note(silent);
  CHECK(silent.text == "text");
  CHECK_FALSE(requests.take());
}

TEST_CASE("flight recorder: a file whose end moves gets the events in between, once") {
  std::string directory = "/tmp/saker-flight-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()));
  run::FlightRecorderConfig config;
  config.enabled = true;
  config.directory = directory;
  config.before_ns = 5 * second;
  config.after_ns = 2 * second;
  FlightRequests requests(config);
  FlightCounters counters;
  Log log;
  auto recorder = FlightRecorder::make(config, requests, "host", log, counters);
  REQUIRE(bool(recorder));
  auto come = [&](const char* block, std::uint64_t time) {
    recording::BlockHead head{};
    head.first_time = head.last_time = time * second;
    (*recorder)->take(block, head);
    (*recorder)->round(time * second, {});
  };
  come("<94>", 94);
  come("<99>", 99);
  output::Alert alert = alert_at(100, lang::Priority::critical, "bad");
  requests.note(alert);
  come("<100>", 100);
  come("<102>", 102);
  come("<103>", 103);
  output::Alert late = alert_at(102, lang::Priority::debug, "asks");
  late.capture = true;
  late.capture_ms = 3000;
  requests.note(late);
  come("<104>", 104);
  come("<105>", 105);
  come("<106>", 106);
  std::ifstream file(directory + "/1970-01-01T00:01:40.000000000Z-bad.skr", std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  CHECK(bytes.ends_with("<99><100><102><103><104><105>"));
  CHECK(bytes.find("<94>") == std::string::npos);
  CHECK((counters.files.get() == 1 && counters.errors.get() == 0));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace saker::service
