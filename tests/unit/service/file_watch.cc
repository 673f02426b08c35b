// SPDX-License-Identifier: Apache-2.0
#include "service/file_watch.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>

#include "../output/alerts.h"

namespace saker::service {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t second = 1'000'000'000, future = ~0ull >> 2;

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

struct Fixture {
  test::Directory directory;
  FileWatch watch;
  std::uint64_t now = 1000 * second;

  // Something has happened, and then nothing for long.
  bool changed() {
    pollfd fd{watch.fd(), POLLIN, 0};
    while (::poll(&fd, 1, 0) > 0) watch.note(now);
    now += second;
    return watch.changed(now);
  }
  bool noted() {
    pollfd fd{watch.fd(), POLLIN, 0};
    return ::poll(&fd, 1, 0) > 0;
  }
};

TEST_CASE("file watch: a file written in place, replaced, removed and created again") {
  Fixture f;
  const std::string path = f.directory / "rules.yaml";
  write(path, "a");
  REQUIRE(f.watch.watch({path}, future, f.now));
  CHECK_FALSE(f.changed());
  write(path, "b b");
  CHECK(f.changed());
  CHECK_FALSE(f.changed());
  write(path + ".new", "c");
  CHECK_FALSE(f.changed());  // another file
  fs::rename(path + ".new", path);
  CHECK(f.changed());
  fs::remove(path);
  CHECK(f.changed());
  write(path, "d");
  CHECK(f.changed());
  fs::permissions(path, fs::perms::owner_read);
  CHECK(f.changed());
}

TEST_CASE("file watch: of a directory the rule files count, also those that come") {
  Fixture f;
  const std::string rules = f.directory / "rules.d";
  fs::create_directory(rules);
  REQUIRE(f.watch.watch({rules}, future, f.now));
  write(rules + "/notes.txt", "x");
  CHECK_FALSE(f.changed());
  write(rules + "/a.yaml", "x");
  CHECK(f.changed());
  fs::remove(rules + "/a.yaml");
  CHECK(f.changed());
  // The directory itself is replaced.
  fs::create_directory(f.directory / "new");
  write(f.directory / "new/b.yaml", "x");
  fs::rename(rules, f.directory / "old");
  fs::rename(f.directory / "new", rules);
  CHECK(f.changed());
}

TEST_CASE("file watch: a ConfigMap of Kubernetes is swapped by a link on the way") {
  Fixture f;
  const std::string mount = f.directory / "mount";
  fs::create_directories(mount + "/..first");
  write(mount + "/..first/rules.yaml", "a");
  fs::create_symlink("..first", mount + "/..data");
  fs::create_symlink("..data/rules.yaml", mount + "/rules.yaml");
  for (const std::string& watched : {mount, mount + "/rules.yaml"}) {
    REQUIRE(f.watch.watch({watched}, future, f.now));
    CHECK_FALSE(f.changed());
    const std::string next = watched == mount ? "..second" : "..third";
    fs::create_directory(mount + "/" + next);
    write(mount + "/" + next + "/rules.yaml", "b");
    fs::create_symlink(next, mount + "/..data_tmp");
    fs::rename(mount + "/..data_tmp", mount + "/..data");
    CHECK(f.changed());
    CHECK_FALSE(f.changed());
  }
}

TEST_CASE("file watch: it waits until nothing happens, but not for ever") {
  Fixture f;
  const std::string path = f.directory / "rules.yaml";
  write(path, "a");
  REQUIRE(f.watch.watch({path}, future, f.now));
  const std::uint64_t begin = f.now;
  int looks = 0;
  for (bool found = false; !found && looks < 1000; looks++) {
    write(path, std::string(static_cast<std::size_t>(looks) + 2, 'x'));
    REQUIRE(f.noted());
    f.watch.note(f.now);
    CHECK(f.watch.due() > f.now);
    f.now += FileWatch::quiet_ns / 5;
    found = f.watch.changed(f.now);
  }
  CHECK(f.now - begin >= FileWatch::longest_ns);
  CHECK(f.now - begin < FileWatch::longest_ns + FileWatch::quiet_ns);
}

TEST_CASE("file watch: what changed while it was being read is read again, once") {
  Fixture f;
  const std::string path = f.directory / "rules.yaml";
  write(path, "a");
  REQUIRE(f.watch.watch({path}, 0, f.now));
  CHECK(f.watch.due() != 0);
  CHECK(f.changed());
  // As if the clock had been set back since.
  REQUIRE(f.watch.watch({path}, 0, f.now));
  CHECK_FALSE(f.changed());
}

TEST_CASE("file watch: a file that is not there may come; links in a circle end") {
  Fixture f;
  const std::string path = f.directory / "saker.toml";
  fs::create_symlink("b", f.directory / "a");
  fs::create_symlink("a", f.directory / "b");
  REQUIRE(f.watch.watch({path, f.directory / "a/x.yaml", "/nonexistent/x.yaml"}, future, f.now));
  write(path, "a");
  CHECK(f.changed());
  f.watch.stop();
  CHECK(f.watch.fd() == -1);
  CHECK(f.watch.due() == 0);
}

}  // namespace
}  // namespace saker::service
