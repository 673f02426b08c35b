// SPDX-License-Identifier: Apache-2.0
#include "run/open_sinks.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include "../output/alerts.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/library.h"

namespace saker::run {
namespace {

struct Pipe {
  Fd read, write;
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  std::string text() const {
    char buffer[4096];
    const ssize_t n = ::read(read.get(), buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
  }
};

TEST_CASE("an output that lacks a library starts, and its alerts wait") {
  const Result<void> missing = Library("libnone.so.9", "libnone9").ready();
  REQUIRE(!missing);
  Pipe pipe;
  {
    const Log log(LogLevel::info, false, pipe.write.get());
    auto sink = sink_to(missing.error(), {.name = "kafka", .type = "kafka"}, log, nullptr);
    REQUIRE(sink);
    REQUIRE((*sink)->begin());
    (*sink)->take(test::alert("a"));
    const output::SinkCounters& counters = (*sink)->counters();
    for (int i = 0; i < 5000 && counters.errors == 0; i++) ::poll(nullptr, 0, 1);
    CHECK(counters.errors > 0);
    CHECK(counters.waiting == 1);
    CHECK(counters.lost == 0);
    (*sink)->begin_stop(boot_ns());
    (*sink)->finish();
  }
  CHECK(pipe.text().find("output kafka: the library libnone.so.9 cannot be loaded (apt-get install "
                         "libnone9); its alerts wait until") != std::string::npos);
}

TEST_CASE("an output whose settings are wrong is refused") {
  const Log log;
  auto sink = sink_to(Error{"no such file"}, {.name = "file", .type = "file"}, log, nullptr);
  REQUIRE(!sink);
  CHECK(sink.error().message == "no such file");
}

}  // namespace
}  // namespace saker::run
