// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

// A syslog daemon of our own.
struct Syslogd {
  std::string path;
  Fd fd;
  Syslogd() {
    char name[] = "/tmp/saker-syslog.XXXXXX";
    path = std::string(::mkdtemp(name)) + "/log";
    open();
  }
  ~Syslogd() {
    close();
    ::rmdir(path.substr(0, path.rfind('/')).c_str());
  }
  void open() {
    fd = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof(at.sun_path) - 1);
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
  }
  void close() {
    fd.reset();
    ::unlink(path.c_str());
  }
  std::string next() const {
    char buffer[65536];
    const ssize_t got = ::recv(fd.get(), buffer, sizeof(buffer), 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }
  std::unique_ptr<SyslogWriter> writer() const {
    return std::make_unique<SyslogWriter>(path, "sakerd");
  }
};

TEST_CASE("log: the same lines go to syslog, with its severities") {
  Syslogd syslogd;
  Pair pair = open_pair(false);
  Log log(LogLevel::info, false, pair.writer.get());
  log.use_syslog(syslogd.writer(), true);
  log.error("all is lost");
  log.info("all is well");
  log.debug("unseen");
  CHECK(read_all(pair.reader) == "sakerd: error: all is lost\nsakerd: all is well\n");
  const std::string error = syslogd.next(), info = syslogd.next();
  const std::string process = " sakerd[" + std::to_string(::getpid()) + "]: ";
  CHECK(error.starts_with("<27>"));
  CHECK(error.ends_with(process + "all is lost"));
  CHECK(info.starts_with("<30>"));
  CHECK(info.ends_with(process + "all is well"));
  CHECK(syslogd.next().empty());
}

TEST_CASE("log: in syslog alone, but what syslog does not take is not lost") {
  Syslogd syslogd;
  Pair pair = open_pair(false);
  Log log(LogLevel::info, false, pair.writer.get());
  log.use_syslog(syslogd.writer(), false);
  log.info("one");
  CHECK(read_all(pair.reader).empty());
  CHECK(syslogd.next().ends_with("]: one"));
  syslogd.close();
  log.info("two");
  CHECK(read_all(pair.reader) == "sakerd: two\n");
  syslogd.open();
  log.info("three");
  CHECK(read_all(pair.reader).empty());
  CHECK(syslogd.next().ends_with("]: three"));
  // The daemon no longer reads, and the writer does not wait for it.
  for (int i = 0; i < 2000; i++) log.info("more");
  CHECK(read_all(pair.reader).find("sakerd: more\n") != std::string::npos);
  log.use_syslog(nullptr, false);
  log.info("four");
  CHECK(read_all(pair.reader).ends_with("sakerd: four\n"));
}

TEST_CASE("log: the journal has it already, and passes it to syslog") {
  Syslogd syslogd;
  Pair pair = open_pair(false);
  Log log(LogLevel::info, true, pair.writer.get());
  log.use_syslog(syslogd.writer(), false);
  log.info("once");
  CHECK(read_all(pair.reader) == "<6>once\n");
  CHECK(syslogd.next().empty());
}

}  // namespace
}  // namespace saker
