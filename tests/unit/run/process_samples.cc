// SPDX-License-Identifier: Apache-2.0
#include "run/process_samples.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace saker::run {
namespace {

TEST_CASE("process samples: a busy process is there, however many others come and go") {
  ProcessSamples samples;
  enrich::LoneProcess busy, other;
  busy.pid = 7;
  busy.known = true;
  busy.own.comm = "busy";
  for (std::uint32_t i = 0; i < 100'000; i++) {
    other.pid = 1000 + i;
    samples.note(other, 1, 64);
    if (i % 50 == 0) samples.note(busy, 10, 64);
  }
  const std::vector<ProcessSamples::Row> rows = samples.rows();
  CHECK(rows.size() <= ProcessSamples::most);
  const auto row = std::ranges::find(rows, 7u, &ProcessSamples::Row::pid);
  REQUIRE(row != rows.end());
  CHECK(row->comm == "busy");
  // Once it has its place it keeps it.
  CHECK(row->events > 64 * 500);
  CHECK(row->cycles == row->events * 10);
  samples.forget();
  CHECK(samples.rows().empty());
}

TEST_CASE("process samples: a name of any length is cut, and an exec changes it") {
  ProcessSamples samples;
  enrich::LoneProcess process;
  process.pid = 1;
  process.own.comm = "a name of more than sixteen";
  samples.note(process, 1, 1);
  CHECK(samples.rows().at(0).comm == "a name of more ");
  process.own.comm = "new";
  samples.note(process, 1, 1);
  CHECK(samples.rows().at(0).comm == "new");
  CHECK(samples.rows().at(0).events == 2);
}

}  // namespace
}  // namespace saker::run
