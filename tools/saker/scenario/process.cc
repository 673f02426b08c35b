// SPDX-License-Identifier: Apache-2.0
// What a process does to another one or to itself: execution from memory, ptrace, loading a kernel
// module.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "scenario.h"

namespace saker::cli {
namespace {

bool copy_into(int to, int from) {
  for (;;) {
    ssize_t moved = ::sendfile(to, from, nullptr, 1 << 20);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return moved == 0;
  }
}

// Copies this program into an anonymous file. -1 and errno on failure.
int program_in_memory(const Stage& stage) {
  int from = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (from < 0) return -1;
  int to = ::memfd_create(("saker-" + stage.tag()).c_str(), MFD_CLOEXEC);
  bool copied = to >= 0 && copy_into(to, from);
  int errnum = errno;
  ::close(from);
  if (copied) return to;
  if (to >= 0) ::close(to);
  errno = errnum;
  return -1;
}

}  // namespace

void act_fileless_execution(Stage& stage) {
  int program = program_in_memory(stage);
  if (program < 0) return stage.fail("program in memory", errno);
  pid_t child = ::fork();
  if (child == 0) {
    char name[] = "saker-in-memory", argument[] = "--help";
    char* words[] = {name, argument, nullptr};
    char* environment[] = {nullptr};
    int quiet = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(quiet, STDOUT_FILENO);
    ::fexecve(program, words, environment);
    ::_exit(127);
  }
  int status = 0;
  if (child > 0) ::waitpid(child, &status, 0);
  stage.returned();
  ::close(program);
  if (child < 0) return stage.fail("fork", errno);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    stage.fail("the program in memory did not run to its end");
}

void act_ptrace(Stage& stage) {
  pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  if (child < 0) return stage.fail("fork", errno);
  long attached = ::ptrace(PTRACE_ATTACH, child, nullptr, nullptr);
  int errnum = errno;
  stage.returned();
  if (attached != 0) {
    stage.fail("attach to a child", errnum);
  } else {
    ::waitpid(child, nullptr, 0);
    ::ptrace(PTRACE_DETACH, child, nullptr, nullptr);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

void act_load_module(Stage& stage) {
  // No ELF header: the kernel must return ENOEXEC, so nothing can be loaded, whatever the machine
  // allows.
  int fd = ::memfd_create(("saker-" + stage.tag() + ".ko").c_str(), MFD_CLOEXEC);
  if (fd < 0) return stage.fail("memfd_create", errno);
  static constexpr char text[] = "this is not a kernel module\n";
  if (::write(fd, text, sizeof text - 1) < 0) stage.fail("write", errno);
  long loaded = ::syscall(SYS_finit_module, fd, "", 0);
  int errnum = errno;
  stage.returned();
  ::close(fd);
  if (loaded == 0) stage.fail("the kernel accepted a text as a module");
  if (errnum == ENOSYS) stage.skip("this kernel has no loadable modules");
}

}  // namespace saker::cli
