// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "base/fd.h"

namespace saker {
namespace {

struct Pair {
  Fd reader, writer;
};

Pair open_pair(bool socket) {
  int ends[2];
  REQUIRE((socket ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : ::pipe(ends)) == 0);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {Fd(ends[0]), Fd(ends[1])};
}

std::string read_all(const Fd& from) {
  std::string out;
  char buffer[65536];
  for (ssize_t n; (n = ::read(from.get(), buffer, sizeof(buffer))) > 0;)
    out.append(buffer, static_cast<std::size_t>(n));
  return out;
}

TEST_CASE("log: one line per message, with its level") {
  Pair pair = open_pair(false);
  Log log(LogLevel::info, false, pair.writer.get());
  log.info("all is well");
  log.warning("not quite");
  log.debug("unseen");
  CHECK(read_all(pair.reader) == "sakerd: all is well\nsakerd: warning: not quite\n");
}

TEST_CASE("log: a reader that hangs does not block the writer, and dropped lines are reported") {
  for (bool socket : {false, true}) {
    CAPTURE(socket);
    Pair pair = open_pair(socket);
    Log log(LogLevel::info, true, pair.writer.get());
    const auto begin = std::chrono::steady_clock::now();
    const std::string line(1000, 'x');
    for (int i = 0; i < 2000; i++) log.error(line);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
    // The flags of the caller's descriptor did not change.
    CHECK((::fcntl(pair.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
    std::string got;
    for (int i = 0; i < 100; i++) {
      got += read_all(pair.reader);
      log.flush();
    }
    const std::size_t lines = static_cast<std::size_t>(std::count(got.begin(), got.end(), '\n'));
    const std::size_t at = got.find("<4>");
    REQUIRE(at != std::string::npos);
    CHECK(got.substr(at) == "<4>" + std::to_string(2000 - (lines - 1)) +
                                " lines of this log were dropped, because nobody read them\n");
    CHECK(lines > 200);
  }
}

}  // namespace
}  // namespace saker
