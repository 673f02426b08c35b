// SPDX-License-Identifier: Apache-2.0
#include "output/line_peer.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "alerts.h"
#include "base/bell.h"

namespace saker::output {
namespace {

using test::alert;
using test::content;
using test::Directory;

// Waits for nothing.
class Hasty final : public Patience {
 public:
  bool wait(int, short, int) override { return false; }
  int left_ms(int) override { return 0; }
};

Delivery deliver(Peer& peer, std::vector<SharedAlert> batch) {
  Hasty hasty;
  return peer.deliver(batch, hasty);
}

TEST_CASE("file: lines are appended") {
  Directory directory;
  std::ofstream(directory / "a") << "before\n";
  auto peer = file_peer(directory / "a", Form::text);
  REQUIRE(peer);
  CHECK(deliver(**peer, {alert("one"), alert("two")}).delivered == 2);
  CHECK(content(directory / "a") == "before\none\ntwo\n");
}

TEST_CASE("file: as JSON, and a line that was rendered in only one form") {
  Directory directory;
  auto peer = file_peer(directory / "a", Form::json);
  REQUIRE(peer);
  auto only_text = std::make_shared<Alert>();
  only_text->text = "text";
  CHECK(deliver(**peer, {alert("one"), only_text}).delivered == 2);
  CHECK(content(directory / "a") == "{\"one\"}\ntext\n");
}

TEST_CASE("file: a moved or removed file is created again without a request") {
  Directory directory;
  auto peer = file_peer(directory / "a", Form::text);
  REQUIRE(peer);
  CHECK(deliver(**peer, {alert("one")}).delivered == 1);
  std::filesystem::rename(directory / "a", directory / "b");
  CHECK(deliver(**peer, {alert("two")}).delivered == 1);
  CHECK(content(directory / "b") == "one\n");
  CHECK(content(directory / "a") == "two\n");
  std::filesystem::remove(directory / "a");
  CHECK(deliver(**peer, {alert("three")}).delivered == 1);
  CHECK(content(directory / "a") == "three\n");
}

TEST_CASE("file: reopen makes the file at once") {
  Directory directory;
  auto peer = file_peer(directory / "a", Form::text);
  REQUIRE(peer);
  std::filesystem::rename(directory / "a", directory / "b");
  REQUIRE((*peer)->reopen());
  CHECK(std::filesystem::exists(directory / "a"));
}

TEST_CASE("file: nothing is delivered while its directory is missing, and everything afterwards") {
  Directory directory;
  std::filesystem::create_directory(directory / "d");
  auto peer = file_peer(directory / "d/a", Form::text);
  REQUIRE(peer);
  std::filesystem::remove_all(directory / "d");
  Delivery none = deliver(**peer, {alert("one")});
  CHECK(none.delivered == 0);
  CHECK(none.error.find("make its directory") != std::string::npos);
  std::filesystem::create_directory(directory / "d");
  CHECK(deliver(**peer, {alert("one")}).delivered == 1);
  CHECK(content(directory / "d/a") == "one\n");
}

TEST_CASE("file: readable for its owner and group, and never a link") {
  Directory directory;
  const mode_t before = ::umask(0);
  REQUIRE(file_peer(directory / "a", Form::text));
  ::umask(before);
  struct stat about {};
  REQUIRE(::stat((directory / "a").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0640);
  REQUIRE(::symlink((directory / "a").c_str(), (directory / "link").c_str()) == 0);
  auto link = file_peer(directory / "link", Form::text);
  REQUIRE_FALSE(link);
  CHECK(link.error().message.find("symbolic link") != std::string::npos);
}

TEST_CASE("file: a full disk is an error, and nothing counts as delivered") {
  auto peer = file_peer("/dev/full", Form::text);
  REQUIRE(peer);
  Delivery none = deliver(**peer, {alert("kept")});
  CHECK(none.delivered == 0);
  CHECK(none.error == "No space left on device");
}

TEST_CASE("file: if the reader takes a part of a line, the line is finished first") {
  Directory directory;
  REQUIRE(::mkfifo((directory / "f").c_str(), 0600) == 0);
  Fd reader(::open((directory / "f").c_str(), O_RDONLY | O_NONBLOCK));
  auto peer = file_peer(directory / "f", Form::text);
  REQUIRE(peer);
  REQUIRE(::fcntl(reader.get(), F_SETPIPE_SZ, 4096) == 4096);
  const std::string first(3000, 'a'), second(3000, 'b'), third(10, 'c');
  const std::vector<SharedAlert> all = {alert(first), alert(second), alert(third)};
  std::string got;
  auto read_all = [&] {
    char buffer[8192];
    for (ssize_t n; (n = ::read(reader.get(), buffer, sizeof(buffer))) > 0;)
      got.append(buffer, static_cast<std::size_t>(n));
  };
  Hasty hasty;
  std::span<const SharedAlert> left(all);
  for (int i = 0; i < 10 && !left.empty(); i++) {
    Delivery some = (*peer)->deliver(left, hasty);
    CHECK(some.error.empty());
    if (i == 0) CHECK(some.delivered == 1);
    left = left.subspan(some.delivered);
    read_all();
  }
  CHECK(left.empty());
  CHECK(got == first + "\n" + second + "\n" + third + "\n");
}

}  // namespace
}  // namespace saker::output
