// SPDX-License-Identifier: Apache-2.0
// The cgroup release agent: the kernel runs the program whose path is written there, outside every
// container.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "scenario.h"

namespace saker::cli {
namespace {

// Opens the file for writing and writes nothing: the hierarchy keeps its empty agent.
void open_agent(Stage& stage, const std::string& path, int extra_flags) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | extra_flags, 0600);
  int errnum = errno;
  stage.returned();
  if (fd < 0) return stage.fail(path, errnum);
  ::close(fd);
}

}  // namespace

void act_release_agent(Stage& stage) {
  if (::unshare(CLONE_NEWNS) != 0) return stage.fail("private mount namespace", errno);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", "/tmp", "tmpfs", 0, "size=64k") != 0)
    return stage.fail("private /tmp", errno);
  std::string directory = "/tmp/saker-" + stage.tag();
  if (::mkdir(directory.c_str(), 0700) != 0) return stage.fail(directory, errno);
  // A hierarchy without controllers; it vanishes with its last mount. Kernels without cgroup v1
  // have none: then an ordinary file with that name is used, which a rule cannot distinguish.
  std::string options = "none,name=saker-" + stage.tag();
  bool mounted = ::mount("cgroup", directory.c_str(), "cgroup", 0, options.c_str()) == 0;
  open_agent(stage, directory + "/release_agent", mounted ? 0 : O_CREAT);
  if (mounted && ::umount(directory.c_str()) != 0) stage.fail("unmount " + directory, errno);
}

}  // namespace saker::cli
