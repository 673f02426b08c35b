// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace saker {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("saker-file-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

TEST_CASE("file: a regular file is read whole or not at all") {
  Folder folder;
  const std::string plain = folder.path / "plain";
  std::ofstream(plain) << "0123456789";
  Result<std::string> all = read_regular_file(plain, 10);
  REQUIRE(all);
  CHECK(*all == "0123456789");
  CHECK(read_regular_file(plain, 9).error().code == EFBIG);
  CHECK(read_file(plain, 9));
}

TEST_CASE("file: an irregular file is refused and does not block the reader") {
  Folder folder;
  const fs::path fifo = folder.path / "fifo", link = folder.path / "link",
                 plain = folder.path / "plain";
  std::ofstream(plain) << "x";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  fs::create_symlink(plain, link);
  for (const std::string& path : {fifo.string(), link.string(), folder.path.string(),
                                  std::string("/dev/zero"), std::string("/dev/null")}) {
    CAPTURE(path);
    CHECK_FALSE(read_regular_file(path, 100));
  }
  // A file without an end that reports size 0.
  CHECK_FALSE(read_regular_file("/proc/self/maps", 10));
}

TEST_CASE("file: names in a directory, sorted, and none if it does not exist") {
  Folder folder;
  for (const char* name : {"b", "a", ".c"}) std::ofstream(folder.path / name) << "";
  CHECK(names_in(folder.path) == std::vector<std::string>{".c", "a", "b"});
  CHECK(names_in(folder.path, 2).size() == 2);
  CHECK(names_in(folder.path / "none").empty());
  CHECK(names_in("/proc/self/status").empty());
}

}  // namespace
}  // namespace saker
