// SPDX-License-Identifier: Apache-2.0
#include "output/folder.h"

#include <doctest/doctest.h>

namespace saker::output {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t morning = 1'768'471'251'668'189'240;  // 2026-01-15T10:00:51.668189240Z

std::shared_ptr<Alert> alert(const std::string& message, std::uint64_t time = morning,
                             const std::string& rule = "a rule") {
  auto out = std::make_shared<Alert>();
  out->rule_name = rule;
  out->message = message;
  out->time = time;
  out->text = "10:00:51: Warning " + message;
  out->json = "{\"rule\":\"" + rule + "\"}";
  return out;
}

TEST_CASE("folder: the first passes at once, then one alert has number, first and last time") {
  Folder folder;
  folder.set_window(60 * second);
  CHECK_FALSE(folder.take(alert("m"), 1000 * second));
  CHECK_FALSE(folder.take(alert("other"), 1000 * second));
  // Threads are not synchronised: the second one comes last.
  CHECK(folder.take(alert("m", morning + 2 * second), 1001 * second));
  CHECK(folder.take(alert("m", morning + 3 * second), 1002 * second));
  CHECK(folder.take(alert("m", morning + 1 * second), 1003 * second));
  CHECK(folder.due(1059 * second).empty());
  const auto due = folder.due(1060 * second);
  REQUIRE(due.size() == 1);
  CHECK(due[0]->text ==
        "10:00:51: Warning m repeated=3 from=2026-01-15T10:00:52.668189240Z "
        "to=2026-01-15T10:00:54.668189240Z");
  CHECK(due[0]->json ==
        "{\"rule\":\"a rule\",\"repeated\":{\"count\":3,\"first\":"
        "\"2026-01-15T10:00:52.668189240Z\",\"last\":\"2026-01-15T10:00:54.668189240Z\"}}");
  CHECK(folder.empty());
  CHECK_FALSE(folder.take(alert("m"), 1061 * second));
}

TEST_CASE("folder: rules with the same message are not each other's repeats") {
  Folder folder;
  folder.set_window(second);
  CHECK_FALSE(folder.take(alert("m", morning, "a"), second));
  CHECK_FALSE(folder.take(alert("m", morning, "b"), second));
}

TEST_CASE("folder: what nobody asked for passes, and all that waits comes at the end") {
  Folder folder;
  CHECK_FALSE(folder.take(alert("m"), second));
  CHECK_FALSE(folder.take(alert("m"), second));
  folder.set_window(10 * second);
  CHECK_FALSE(folder.take(alert(""), second));
  CHECK_FALSE(folder.take(alert(""), second));
  CHECK_FALSE(folder.take(alert(std::string(5000, 'x')), second));
  CHECK_FALSE(folder.take(alert(std::string(5000, 'x')), second));
  CHECK_FALSE(folder.take(alert("m"), second));
  CHECK(folder.take(alert("m"), second));
  CHECK(folder.due(2 * second).empty());
  CHECK(folder.due(2 * second, true).size() == 1);
}

TEST_CASE("folder: a flood of different messages loses nothing and leaves others their room") {
  Folder folder;
  folder.set_window(60 * second);
  std::size_t passed = 0;
  for (int i = 0; i < 20'000; i++) passed += !folder.take(alert(std::to_string(i)), second);
  CHECK(passed == 20'000);
  CHECK_FALSE(folder.take(alert("m", morning, "another"), second));
  CHECK(folder.take(alert("m", morning, "another"), second));
  // With many rules, repeats pass, too.
  for (int rule = 0; rule < 100; rule++)
    for (int i = 0; i < 200; i++)
      passed += !folder.take(alert(std::to_string(i), morning, std::to_string(rule)), second);
  CHECK(passed == 40'000);
  CHECK_FALSE(folder.take(alert("late", morning, "late"), second));
  CHECK_FALSE(folder.take(alert("late", morning, "late"), second));
  CHECK(folder.due(61 * second).size() == 1);
  CHECK(folder.empty());
}

}  // namespace
}  // namespace saker::output
