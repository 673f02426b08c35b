// SPDX-License-Identifier: Apache-2.0
// Connections: to a mining pool's port, and one that a shell takes over.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "scenario.h"

namespace saker::cli {
namespace {

constexpr char pool_address[] = "192.0.2.10";  // reserved for documentation, belongs to nobody
constexpr std::uint16_t pool_port = 3333;

sockaddr_in address_of(const char* ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

// A listening socket; `address` gets the port that the kernel chose.
int listener(sockaddr_in& address) {
  socklen_t size = sizeof address;
  sockaddr* generic = reinterpret_cast<sockaddr*>(&address);
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (::bind(fd, generic, size) == 0 && ::listen(fd, 1) == 0 &&
      ::getsockname(fd, generic, &size) == 0)
    return fd;
  int errnum = errno;
  ::close(fd);
  errno = errnum;
  return -1;
}

// Gives the loopback interface of the current network namespace an address, and brings it up.
bool set_loopback_address(const char* ip) {
  int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  sockaddr_in address = address_of(ip, 0);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  bool done = ::ioctl(fd, SIOCSIFADDR, &request) == 0;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  done = done && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  int errnum = errno;
  ::close(fd);
  errno = errnum;
  return done;
}

}  // namespace

void act_mining_port(Stage& stage) {
  // In a private network namespace the address belongs to the loopback interface: nothing leaves
  // the machine.
  if (::unshare(CLONE_NEWNET) != 0) return stage.fail("private network namespace", errno);
  if (!set_loopback_address(pool_address)) return stage.fail(pool_address, errno);
  sockaddr_in pool = address_of(pool_address, pool_port);
  int server = listener(pool);
  if (server < 0) return stage.fail("listen", errno);
  int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int connected = ::connect(client, reinterpret_cast<sockaddr*>(&pool), sizeof pool);
  int errnum = errno;
  stage.returned();
  if (connected != 0) stage.fail("connect", errnum);
  ::close(client);
  ::close(server);
}

void act_reverse_shell(Stage& stage) {
  sockaddr_in address = address_of("127.0.0.1", 0);
  int server = listener(address);
  if (server < 0) return stage.fail("listen on loopback", errno);
  int client = ::socket(AF_INET, SOCK_STREAM, 0);  // the shell inherits it
  if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return stage.fail("connect on loopback", errno);
  int peer = ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
  pid_t child = ::fork();
  if (child == 0) {
    std::string take = "exec 0<&" + std::to_string(client) + "; read line";
    ::execl("/bin/sh", "sh", "-c", take.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  // One line lets the shell finish; it gets nothing to run.
  if (peer >= 0 && ::send(peer, "end\n", 4, MSG_NOSIGNAL) != 4) stage.fail("send", errno);
  int status = 0;
  if (child > 0) ::waitpid(child, &status, 0);
  stage.returned();
  ::close(peer);
  ::close(client);
  ::close(server);
  if (child < 0) return stage.fail("fork", errno);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) stage.fail("/bin/sh did not run to its end");
}

}  // namespace saker::cli
