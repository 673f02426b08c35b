// SPDX-License-Identifier: Apache-2.0
#include "base/syslog_writer.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace saker {
namespace {

constexpr unsigned facility_daemon = 3;
// Receivers cut longer ones; rsyslog at 8 KiB.
constexpr std::size_t longest_message = 8000;

// As local sockets understand it: RFC 3164 without the host.
std::string head(unsigned severity, const std::string& tag) {
  return "<" + std::to_string(facility_daemon * 8 + severity) + ">" + syslog_time(::time(nullptr)) +
         " " + tag + "[" + std::to_string(::getpid()) + "]: ";
}

}  // namespace

std::string syslog_time(std::time_t seconds) {
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm parts{};
  ::localtime_r(&seconds, &parts);
  char out[32];
  std::snprintf(out, sizeof(out), "%s %2d %02d:%02d:%02d", months[parts.tm_mon % 12], parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return out;
}

bool SyslogWriter::connect() {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(to.sun_path)) return false;
  std::memcpy(to.sun_path, path_.data(), path_.size());
  fd_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd_ && ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0)
    return true;
  fd_.reset();
  return false;
}

bool SyslogWriter::write(unsigned severity, std::string_view message) {
  const std::string line = head(severity, tag_) + std::string(message.substr(0, longest_message));
  // The second time if the receiver was started again since.
  for (int attempt = 0; attempt < 2; attempt++) {
    if (!fd_ && !connect()) return false;
    const ssize_t sent = ::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return true;
    if (errno == EAGAIN) return false;
    fd_.reset();
  }
  return false;
}

}  // namespace saker
