// SPDX-License-Identifier: Apache-2.0
#include "output/clock.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

namespace saker::output {
namespace {

constexpr std::uint64_t moment = 1768471251668189240;

class TimeZone {
 public:
  explicit TimeZone(const char* name) {
    const char* before = std::getenv("TZ");
    if (before) before_ = before;
    had_ = before != nullptr;
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~TimeZone() {
    had_ ? ::setenv("TZ", before_.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }

 private:
  std::string before_;
  bool had_ = false;
};

TEST_CASE("evt.time is local, with nine digits") {
  std::string utc, east;
  {
    TimeZone zone("UTC0");
    append_time_of_day(utc, moment);
  }
  {
    TimeZone zone("XXX-5:30");
    append_time_of_day(east, moment);
  }
  CHECK(utc == "10:00:51.668189240");
  CHECK(east == "15:30:51.668189240");
}

TEST_CASE("the other two are UTC in every time zone") {
  TimeZone zone("XXX-5:30");
  std::string iso, json;
  append_iso8601(iso, moment);
  append_utc(json, moment);
  CHECK(iso == "2026-01-15T10:00:51.668189240+0000");
  CHECK(json == "2026-01-15T10:00:51.668189240Z");
}

TEST_CASE("small fractions keep their zeros") {
  std::string json;
  append_utc(json, 1'000'000'007);
  CHECK(json == "1970-01-01T00:00:01.000000007Z");
}

}  // namespace
}  // namespace saker::output
