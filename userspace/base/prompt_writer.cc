// SPDX-License-Identifier: Apache-2.0
#include "base/prompt_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace saker {

PromptWriter::PromptWriter(int fd) : fd_(fd) {
  struct stat st;
  if (::fstat(fd, &st) < 0) return;
  if (S_ISSOCK(st.st_mode)) means_ = Means::send;
  if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) return;
  // O_NONBLOCK belongs to the open file description, which other processes may share; so this opens
  // a separate one.
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  own_ = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!own_) means_ = Means::careful;
}

std::int64_t PromptWriter::write(std::string_view bytes) {
  if (means_ == Means::careful) {
    // poll(2) promises space for at least this much.
    pollfd room{fd_, POLLOUT, 0};
    if (::poll(&room, 1, 0) <= 0) return -EAGAIN;
    bytes = bytes.substr(0, std::min<std::size_t>(bytes.size(), PIPE_BUF));
  }
  const ssize_t wrote = means_ == Means::send
                            ? ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                            : ::write(fd(), bytes.data(), bytes.size());
  return wrote < 0 ? -errno : wrote;
}

}  // namespace saker
