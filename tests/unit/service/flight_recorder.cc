// SPDX-License-Identifier: Apache-2.0
#include "service/flight_recorder.h"

#include <doctest/doctest.h>

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
  FlightRecorderConfig config;
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

}  // namespace
}  // namespace saker::service
