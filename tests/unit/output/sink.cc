// SPDX-License-Identifier: Apache-2.0
#include "output/sink.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace saker::output {
namespace {

// A directory of its own for each test, gone at its end.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/saker-sink-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() {
    for (const char* file : {"/a", "/b", "/link"}) ::unlink((path_ + file).c_str());
    ::rmdir(path_.c_str());
  }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string content(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Alert alert(const std::string& text) {
  Alert made;
  made.text = text;
  made.json = "{\"" + text + "\"}";
  return made;
}

struct Log {
  std::vector<std::string> lines;
  LineSink::Announce announce() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
};

TEST_CASE("lines are appended, whole batches at once") {
  Directory directory;
  Log log;
  std::ofstream(directory / "a") << "before\n";
  auto sink = LineSink::to_file(directory / "a", Form::text, log.announce());
  REQUIRE(sink);
  (*sink)->add(alert("one"));
  (*sink)->add(alert("two"));
  CHECK(content(directory / "a") == "before\n");
  (*sink)->flush();
  CHECK(content(directory / "a") == "before\none\ntwo\n");
  CHECK((*sink)->counters().written == 2);
  CHECK(log.lines.empty());
}

TEST_CASE("a JSON sink takes the other line") {
  Directory directory;
  auto sink = LineSink::to_file(directory / "a", Form::json, [](std::string_view) {});
  REQUIRE(sink);
  (*sink)->add(alert("one"));
  (*sink)->flush();
  CHECK(content(directory / "a") == "{\"one\"}\n");
}

TEST_CASE("reopen follows logrotate: nothing taken before is missing") {
  Directory directory;
  auto sink = LineSink::to_file(directory / "a", Form::text, [](std::string_view) {});
  REQUIRE(sink);
  (*sink)->add(alert("old"));
  (*sink)->flush();
  ::rename((directory / "a").c_str(), (directory / "b").c_str());
  (*sink)->add(alert("new"));
  REQUIRE((*sink)->reopen());
  (*sink)->flush();
  CHECK(content(directory / "b") == "old\n");
  CHECK(content(directory / "a") == "new\n");
}

TEST_CASE("the file is for its owner and group, and never a link") {
  Directory directory;
  ::umask(0);
  {
    auto sink = LineSink::to_file(directory / "a", Form::text, [](std::string_view) {});
    REQUIRE(sink);
  }
  struct stat about {};
  REQUIRE(::stat((directory / "a").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0640);
  ::umask(022);
  REQUIRE(::symlink((directory / "a").c_str(), (directory / "link").c_str()) == 0);
  auto sink = LineSink::to_file(directory / "link", Form::text, [](std::string_view) {});
  REQUIRE_FALSE(sink);
  CHECK(sink.error().message.find("symbolic link") != std::string::npos);
}

TEST_CASE("a directory that is not there is named, with what to do") {
  auto sink = LineSink::to_file("/nowhere/at/all", Form::text, [](std::string_view) {});
  REQUIRE_FALSE(sink);
  CHECK(sink.error().message.find("/nowhere/at/all") != std::string::npos);
  CHECK(sink.error().message.find("make its directory") != std::string::npos);
}

TEST_CASE("a full disk costs nothing that fits the limit, and is announced once") {
  Directory directory;
  Log log;
  auto sink = LineSink::to_file("/dev/full", Form::text, log.announce());
  REQUIRE(sink);
  (*sink)->add(alert("kept"));
  (*sink)->flush();
  (*sink)->flush();
  CHECK((*sink)->counters().errors == 2);
  CHECK((*sink)->counters().written == 0);
  CHECK((*sink)->pending() == "kept\n");
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].find("No space left") != std::string::npos);
  // Room again, told by the owner who writes through a ring of its own.
  (*sink)->completed(5);
  CHECK((*sink)->counters().written == 1);
  CHECK((*sink)->pending().empty());
  CHECK(log.lines.size() == 2);
}

TEST_CASE("beyond the limit the oldest go, and every one is counted") {
  Log log;
  auto sink = LineSink::to_file("/dev/full", Form::text, log.announce());
  REQUIRE(sink);
  (*sink)->set_limit(100);
  for (int i = 0; i < 50; i++) (*sink)->add(alert("alert " + std::to_string(1000 + i)));
  std::uint64_t left = (*sink)->pending().size() / 11;
  CHECK((*sink)->counters().lost + left == 50);
  CHECK((*sink)->pending().ends_with("alert 1049\n"));
  CHECK((*sink)->pending().size() <= 100);
  CHECK_FALSE(log.lines.empty());
}

TEST_CASE("a line that was begun is never given up in its middle") {
  Log log;
  auto sink = LineSink::to_file("/dev/full", Form::text, log.announce());
  REQUIRE(sink);
  (*sink)->set_limit(60);
  (*sink)->add(alert("begun but not ended"));
  (*sink)->completed(5);
  for (int i = 0; i < 20; i++) (*sink)->add(alert("later"));
  CHECK((*sink)->pending().starts_with(" but not ended\nlater\n"));
  CHECK((*sink)->counters().written == 0);
}

TEST_CASE("what is left at the end is counted as lost") {
  Log log;
  {
    auto sink = LineSink::to_file("/dev/full", Form::text, log.announce());
    REQUIRE(sink);
    (*sink)->add(alert("one"));
  }
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[1].find("1 alerts could not be written") != std::string::npos);
}

}  // namespace
}  // namespace saker::output
