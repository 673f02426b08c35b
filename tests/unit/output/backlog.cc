// SPDX-License-Identifier: Apache-2.0
#include "output/backlog.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "alerts.h"

namespace saker::output {
namespace {

using lang::Priority;
using test::alert;

std::string texts(Backlog& backlog) {
  std::vector<SharedAlert> out;
  backlog.pop(SIZE_MAX, out);
  std::string all;
  for (const SharedAlert& each : out) all += each->text;
  return all;
}

TEST_CASE("backlog: the severe come first, the rest in their order") {
  Backlog backlog(1 << 20);
  backlog.push(alert("a", Priority::notice));
  backlog.push(alert("b", Priority::critical));
  backlog.push(alert("c", Priority::warning));
  backlog.push(alert("d", Priority::emergency));
  backlog.push(alert("e", Priority::notice));
  CHECK(backlog.size() == 5);
  CHECK(texts(backlog) == "bdace");
  CHECK(backlog.bytes() == 0);
}

TEST_CASE("backlog: the least severe are dropped, the oldest first") {
  const std::size_t one = alert("a")->bytes();
  Backlog backlog(4 * one);
  for (const char* text : {"a", "b"}) CHECK(backlog.push(alert(text, Priority::notice)) == 0);
  CHECK(backlog.push(alert("c", Priority::debug)) == 0);
  CHECK(backlog.push(alert("d", Priority::warning)) == 0);
  CHECK(backlog.push(alert("e", Priority::warning)) == 1);   // c is dropped
  CHECK(backlog.push(alert("f", Priority::notice)) == 1);    // a is dropped
  CHECK(backlog.push(alert("g", Priority::debug)) == 1);     // itself
  CHECK(backlog.push(alert("h", Priority::critical)) == 1);  // b is dropped
  CHECK(backlog.bytes() == 4 * one);
  CHECK(texts(backlog) == "hdef");
}

TEST_CASE("backlog: a flood leaves space for severe alerts") {
  const std::size_t one = alert("a")->bytes();
  Backlog backlog(100 * one);
  std::size_t lost = 0;
  for (int i = 0; i < 10'000; i++)
    lost += backlog.push(alert("a", i % 200 == 0 ? Priority::critical : Priority::notice));
  CHECK(lost == 9'900);
  std::vector<SharedAlert> out;
  backlog.pop(SIZE_MAX, out);
  CHECK(std::ranges::count_if(out, [](const SharedAlert& a) { return a->severe(); }) == 50);
}

TEST_CASE("backlog: an alert larger than the limit passes alone") {
  Backlog backlog(10);
  CHECK(backlog.push(alert("large")) == 0);
  CHECK(backlog.push(alert("other", Priority::debug)) == 1);
  CHECK(texts(backlog) == "large");
}

TEST_CASE("backlog: a batch has a limited size, but at least one alert") {
  Backlog backlog(1 << 20);
  for (int i = 0; i < 10; i++) backlog.push(alert("x"));
  std::vector<SharedAlert> out;
  backlog.pop(1, out);
  CHECK(out.size() == 1);
  backlog.pop(2 * alert("x")->bytes(), out);
  CHECK(out.size() == 3);
  CHECK(backlog.clear() == 7);
  CHECK(backlog.size() == 0);
}

}  // namespace
}  // namespace saker::output
