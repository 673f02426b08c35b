// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>

#include <algorithm>

#include "base/fd.h"

namespace saker {

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  return read_file_at(AT_FDCWD, path.c_str(), limit);
}

Result<std::string> read_file_at(int dirfd, const char* path, std::size_t limit) {
  // O_NONBLOCK: a FIFO in the place of a file must not hold the caller.
  Fd fd(::openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return Error::from_errno(path);
  std::string out;
  char buffer[4096];
  while (out.size() < limit) {
    ssize_t got = ::read(fd.get(), buffer, std::min(sizeof(buffer), limit - out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno(path);
    if (got == 0) break;
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return out;
}

}  // namespace saker
