// SPDX-License-Identifier: Apache-2.0
#include "enrich/user_names.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/clock.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;
using Kind = UserNames::Kind;
constexpr std::uint64_t second = 1'000'000'000;

// A directory service with a user for each number of `users`; it can fail, and it can hang.
class Directory final : public NameService {
 public:
  std::set<std::uint32_t> users, groups;
  std::string prefix = "u";
  bool down = false;
  std::atomic<bool> hangs{false};
  std::atomic<unsigned> asked{0};

  Result<std::optional<Users::User>> user(std::uint32_t uid) override {
    asked++;
    while (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (down) return Error{"down"};
    if (!users.contains(uid)) return std::optional<Users::User>();
    const std::string name = prefix + std::to_string(uid);
    return std::optional(Users::User{uid, uid, name, "/home/" + name, "/bin/sh"});
  }
  Result<std::optional<Users::Group>> group(std::uint32_t gid) override {
    asked++;
    if (!groups.contains(gid)) return std::optional<Users::Group>();
    return std::optional(Users::Group{gid, "g" + std::to_string(gid)});
  }
};

struct Fixture {
  std::string root = fs::temp_directory_path() / ("saker-names-" + std::to_string(::getpid()));
  Directory directory;
  std::optional<UserNames> names;
  unsigned published = 0;
  std::uint64_t now = 0;  // of requests; 0: the clock's

  Fixture() {
    fs::remove_all(root);
    fs::create_directories(root + "/etc");
    write("passwd", "root:x:0:0::/root:/bin/sh\nlocal:x:1000:1000::/home/local:/bin/sh\n");
    write("group", "root:x:0:\n");
    write("subuid", "local:100000:65536\nbroken\nlast:4294967000:65536\n");
    names.emplace(root, &directory);
    REQUIRE(names->read_files(false));
  }
  ~Fixture() { fs::remove_all(root); }
  void write(const char* name, const std::string& text) const {
    std::ofstream(root + "/etc/" + name) << text;
  }
  void serve(std::uint64_t now = boot_ns()) {
    names->serve(now, [this] { published++; });
  }
  std::uint64_t ask(Kind kind, std::uint32_t number) {
    return names->ask(kind, number, now ? now : boot_ns());
  }
  std::string name(std::uint32_t uid) const {
    const Users users = names->make();
    return users.user(uid) ? users.user(uid)->name : "";
  }
};

TEST_CASE("user names: numbers that the files have not are asked, once, and then named") {
  Fixture f;
  f.directory.users = {5000};
  f.directory.groups = {6000};
  CHECK(f.ask(Kind::user, 1000) == 0);
  const std::uint64_t user = f.ask(Kind::user, 5000);
  CHECK(user != 0);
  CHECK(f.ask(Kind::user, 5000) == user);
  const std::uint64_t none = f.ask(Kind::user, 5001);
  const std::uint64_t group = f.ask(Kind::group, 6000);
  CHECK(f.names->done() < user);
  f.serve();
  CHECK(f.names->done() >= std::max({user, none, group}));
  CHECK(f.published >= 1);
  CHECK(f.name(5000) == "u5000");
  CHECK(f.name(1000) == "local");
  CHECK(f.name(5001).empty());
  CHECK(f.names->make().group(6000)->name == "g6000");
  CHECK(f.names->home(5000) == "/home/u5000");
  CHECK(f.names->home(1000) == "/home/local");
  for (std::uint32_t uid : {5000u, 5001u}) CHECK(f.ask(Kind::user, uid) == 0);
  const unsigned published = f.published;
  f.serve();
  CHECK(f.directory.asked == 3);
  CHECK(f.published == published);
  CHECK(f.names->found() == 2);
}

TEST_CASE("user names: the service is not asked for subordinate numbers or the number for none") {
  Fixture f;
  for (std::uint32_t uid : {100000u, 165535u, 4294967000u, ~0u - 1, ~0u})
    CHECK(f.ask(Kind::user, uid) == 0);
  // Groups have a list of their own.
  for (std::uint32_t uid : {99999u, 165536u}) CHECK(f.ask(Kind::user, uid) != 0);
  CHECK(f.ask(Kind::group, 100000) != 0);
  f.serve();
  CHECK(f.directory.asked == 3);
}

TEST_CASE("user names: answers grow old, and a name that was found outlives its service") {
  Fixture f;
  f.directory.users = {5000};
  const std::uint64_t now = boot_ns() + 10'000 * second;
  (void)f.ask(Kind::user, 5000);
  (void)f.ask(Kind::user, 5001);
  f.serve(now - 3700 * second);
  f.now = now;
  CHECK(f.name(5000) == "u5000");
  // An account that was made since; one without a name is asked again after a minute.
  f.directory.users = {5000, 5001};
  f.directory.prefix = "renamed";
  CHECK(f.ask(Kind::user, 5001) != 0);
  f.serve(now);
  CHECK(f.name(5001) == "renamed5001");
  CHECK(f.name(5000) == "renamed5000");
  f.directory.down = true;
  f.serve(now + 3700 * second);
  CHECK(f.names->failed() == 2);
  CHECK(f.name(5000) == "renamed5000");
  f.directory.down = false;
  f.directory.users.clear();
  f.serve(now + 3800 * second);
  CHECK(f.name(5000).empty());
}

TEST_CASE("user names: a flood of numbers is bounded, and names that were found stay") {
  Fixture f;
  f.directory.users = {5000};
  (void)f.ask(Kind::user, 5000);
  f.serve();
  std::uint64_t waiting = 0;
  for (std::uint32_t uid = 200'000; uid < 202'000; uid++) waiting += f.ask(Kind::user, uid) != 0;
  CHECK(waiting == 1024);
  CHECK(f.names->refused() == 2000 - 1024);
  for (std::uint32_t uid = 210'000; uid < 260'000; uid++) {
    if (uid % 1000 == 0) f.serve();
    (void)f.ask(Kind::user, uid);
  }
  f.serve();
  CHECK(f.directory.asked > 40'000);
  CHECK(f.name(5000) == "u5000");
  // Publishing costs every drain thread its caches.
  CHECK(f.published == 1);
}

TEST_CASE("user names: no event waits for a service that hangs") {
  Fixture f;
  f.directory.users = {5000, 5001};
  f.directory.hangs = true;
  CHECK(f.ask(Kind::user, 5000) != 0);
  std::thread asking([&] { f.serve(); });
  while (!f.names->busy_since()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  CHECK(f.ask(Kind::user, 5000) == 0);
  CHECK(f.ask(Kind::user, 5001) == 0);
  CHECK(f.names->busy_with() == "user 5000");
  f.directory.hangs = false;
  asking.join();
  f.serve();
  CHECK(f.name(5001) == "u5001");
  CHECK(f.names->longest_ns() > 100'000'000);
}

TEST_CASE("user names: the system's own name service knows root, and no impossible number") {
  SystemNames names;
  Result<std::optional<Users::User>> root = names.user(0), none = names.user(4'000'000'001u);
  REQUIRE(root);
  REQUIRE(*root);
  CHECK((*root)->name == "root");
  CHECK((*root)->home == "/root");
  REQUIRE(none);
  CHECK_FALSE(*none);
  Result<std::optional<Users::Group>> group = names.group(0);
  REQUIRE(group);
  REQUIRE(*group);
  CHECK((*group)->name == "root");
}

}  // namespace
}  // namespace saker::enrich
