// SPDX-License-Identifier: Apache-2.0
#include "action_step.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace saker::cli {
namespace {

int fail(const char* what) {
  std::perror(what);
  return 1;
}

sockaddr_in address_of(char* const* words) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[1])));
  ::inet_pton(AF_INET, words[0], &address.sin_addr);
  return address;
}

int open_listener(const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 1) != 0)
    return -1;
  return fd;
}

int connect_to(int type, const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
             ? 0
             : fail("connect");
}

int start_from_memory() {
  const int from = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const int to = ::memfd_create("saker-step", MFD_CLOEXEC);
  while (::sendfile(to, from, nullptr, 1 << 20) > 0) continue;
  char name[] = "saker-in-memory", argument[] = "--version";
  char *words[] = {name, argument, nullptr}, *environment[] = {nullptr};
  ::fexecve(to, words, environment);
  return fail("execute from memory");
}

int attach_to_child() {
  const pid_t child = ::fork();
  if (child == 0)
    for (;;) ::pause();
  const long attached = ::ptrace(PTRACE_ATTACH, child, nullptr, nullptr);
  if (attached == 0) ::waitpid(child, nullptr, 0);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return attached == 0 ? 0 : fail("attach");
}

int set_user(char* uid) {
  const uid_t user = static_cast<uid_t>(std::atoi(uid));
  if (::setresuid(user, user, user) != 0) return fail("become a user");
  return ::setuid(user) == 0 ? 0 : fail("setuid");
}

// The only kind that an unprivileged user may have, whatever vm.unprivileged_userfaultfd says.
int handle_faults(char* uid) {
  const uid_t user = static_cast<uid_t>(std::atoi(uid));
  if (::setresuid(user, user, user) != 0) return fail("become a user");
  return ::syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY) >= 0 ? 0 : fail("userfaultfd");
}

int start_as(char* const* words) {
  const passwd* user = ::getpwnam(words[0]);
  if (!user) return fail(words[0]);
  if (::setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) return fail("become a user");
  char* arguments[] = {words[1], nullptr};
  ::execv(words[1], arguments);
  return fail(words[1]);
}

}  // namespace

int run_step(std::span<char* const> words) {
  const std::string_view step = words.empty() ? "" : words[0];
  char* const* rest = words.data() + 1;
  const std::size_t arguments = words.empty() ? 0 : words.size() - 1;
  if (step == "memory") return start_from_memory();
  if (step == "traceme") return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1;
  if (step == "attach") return attach_to_child();
  if (step == "setuid" && arguments == 1) return set_user(rest[0]);
  if (step == "userfaultfd" && arguments == 1) return handle_faults(rest[0]);
  if (step == "as" && arguments == 2) return start_as(rest);
  if (arguments == 2) {
    const sockaddr_in address = address_of(rest);
    if (step == "udp") return connect_to(SOCK_DGRAM, address);
    if (step == "listen") return open_listener(address) >= 0 ? 0 : fail("listen");
    if (step == "connect")
      return open_listener(address) >= 0 ? connect_to(SOCK_STREAM, address) : fail("listen");
  }
  std::fputs("saker generate-step: no such step\n", stderr);
  return 2;
}

}  // namespace saker::cli
