// SPDX-License-Identifier: Apache-2.0
// Files that should not be read or written: sensitive ones, /etc, the directories for programs,
// secrets.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "scenario.h"

namespace saker::cli {
namespace {

// Creates and removes a file; the creation is the action.
void create_file(Stage& stage, const std::string& path) {
  int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  int errnum = errno;
  stage.returned();
  if (fd < 0) return stage.fail(path, errnum);
  ::close(fd);
  if (::unlink(path.c_str()) != 0) stage.fail("remove " + path, errno);
}

// Opens for reading as an intruder would; the content is discarded.
void read_file(Stage& stage, const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  int errnum = errno;
  stage.returned();
  if (fd < 0) return stage.fail(path, errnum);
  char bytes[64];
  if (::read(fd, bytes, sizeof bytes) < 0) stage.fail("read " + path, errno);
  ::close(fd);
}

}  // namespace

void act_read_sensitive_file(Stage& stage) {
  // Not every system has all of them; a minimal one may have none.
  for (const char* path : {"/etc/shadow", "/etc/sudoers", "/etc/gshadow"})
    if (::access(path, R_OK) == 0) return read_file(stage, path);
  stage.skip("neither /etc/shadow nor /etc/sudoers nor /etc/gshadow can be read here");
}

void act_write_below_etc(Stage& stage) { create_file(stage, "/etc/saker-" + stage.tag()); }

void act_write_below_binary_dir(Stage& stage) {
  create_file(stage, "/usr/bin/saker-" + stage.tag());
}

void act_modify_binary_dir(Stage& stage) {
  std::string before = "/usr/bin/saker-" + stage.tag(), after = before + ".moved";
  int fd = ::open(before.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return stage.fail(before, errno);
  ::close(fd);
  int renamed = ::rename(before.c_str(), after.c_str());
  int errnum = errno;
  stage.returned();
  if (renamed != 0) stage.fail("rename " + before, errnum);
  if (::unlink(renamed == 0 ? after.c_str() : before.c_str()) != 0)
    stage.fail("remove " + before, errno);
}

void act_read_secrets(Stage& stage) {
  // A private /run: the host's is not touched, and the private one vanishes with the process.
  if (::unshare(CLONE_NEWNS) != 0) return stage.fail("private mount namespace", errno);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", "/run", "tmpfs", 0, "size=64k,mode=755") != 0)
    return stage.fail("private /run", errno);
  std::string directory = "/run";
  for (const char* step : {"/secrets", "/kubernetes.io", "/serviceaccount"}) {
    directory += step;
    if (::mkdir(directory.c_str(), 0755) != 0) return stage.fail(directory, errno);
  }
  std::string token = directory + "/token";
  int fd = ::open(token.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return stage.fail(token, errno);
  std::string text = "not a secret, " + stage.tag() + "\n";
  bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  if (!written) return stage.fail("write " + token, errno);
  read_file(stage, token);
}

}  // namespace saker::cli
