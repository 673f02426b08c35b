// SPDX-License-Identifier: Apache-2.0
// In a separate process, because dropped privileges cannot be regained.
#include "service/privileges.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"

namespace saker::service {
namespace {

// The number of the first failed check; 0: all passed.
int look() {
  if (!drop_privileges()) return 1;
  Result<std::string> status = read_file("/proc/thread-self/status", 16384);
  if (!status) return 2;
  // CAP_DAC_READ_SEARCH is bit 2, CAP_SYS_PTRACE bit 19.
  const std::size_t at = status->find("CapEff:\t");
  if (at == std::string::npos) return 3;
  if (std::stoull(status->substr(at + 8, 16), nullptr, 16) & ~0x80004ull) return 4;
  if (status->find("NoNewPrivs:\t1") == std::string::npos) return 5;
  if (status->find("Seccomp:\t2") == std::string::npos) return 6;
  if (::prctl(PR_GET_DUMPABLE) != 0) return 7;
  errno = 0;
  if (::mount("none", "/tmp", "tmpfs", 0, nullptr) != -1 || errno != EPERM) return 8;
  if (::unshare(CLONE_NEWNS) != -1 || errno != EPERM) return 9;
  if (::syscall(SYS_fork) != -1 || errno != EPERM) return 10;
  char* const none[] = {nullptr};
  if (::execve("/bin/true", none, none) != -1 || errno != EPERM) return 11;
  if (::socket(AF_PACKET, SOCK_RAW, 0) != -1 || errno != EPERM) return 12;
  // Calls that the daemon still makes.
  bool ran = false;
  std::thread([&] { ran = ::open("/etc/passwd", O_RDONLY) >= 0; }).join();
  if (!ran) return 13;
  if (::socket(AF_UNIX, SOCK_STREAM, 0) < 0) return 14;
  return 0;
}

TEST_CASE(
    "privileges: given up are every capability but two, other programs and most of the kernel") {
#ifdef __SANITIZE_THREAD__
  MESSAGE("SKIP the thread sanitizer runs no thread in a child");
  return;
#endif
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(look());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace saker::service
