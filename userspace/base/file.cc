// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/fd.h"

namespace saker {
namespace {

// Appends up to `limit` bytes.
Result<void> read_all(int fd, const char* name, std::size_t limit, std::string& out) {
  char buffer[16384];
  while (out.size() < limit) {
    ssize_t got = ::read(fd, buffer, std::min(sizeof(buffer), limit - out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno(name);
    if (got == 0) break;
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return {};
}

// Whether there are bytes to read, or the end of the input.
Result<void> wait_for_input(int fd, const std::string& name, int patience_ms) {
  pollfd asked{fd, POLLIN, 0};
  for (;;) {
    const int ready = ::poll(&asked, 1, patience_ms);
    if (ready > 0) return {};
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return Error::from_errno(name);
    return Error{name + ": no data arrived for " + std::to_string(patience_ms / 1000) + " s",
                 ETIMEDOUT};
  }
}

Result<std::string> read_to_end(int fd, const std::string& name, std::size_t limit,
                                int patience_ms) {
  std::string out;
  char buffer[65536];
  while (out.size() <= limit) {
    // Read first: for a pipe that never had a writer, read() reports the end but poll() reports
    // nothing.
    const ssize_t got = ::read(fd, buffer, std::min(sizeof(buffer), limit + 1 - out.size()));
    if (got == 0) break;
    if (got > 0) {
      out.append(buffer, static_cast<std::size_t>(got));
    } else if (errno == EAGAIN) {
      if (Result<void> ready = wait_for_input(fd, name, patience_ms); !ready) return ready.error();
    } else if (errno != EINTR) {
      return Error::from_errno(name);
    }
  }
  return out;
}

}  // namespace

Result<std::string> read_input(const std::string& path, std::size_t limit, int patience_ms) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return Error::from_errno(path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return Error::from_errno(path);
  if (S_ISDIR(info.st_mode)) return Error::from_errno(path, EISDIR);
  Result<std::string> text = read_to_end(fd.get(), path, limit, patience_ms);
  if (text && text->empty() && S_ISFIFO(info.st_mode))
    return Error{path + ": it is a pipe without a writer", EPIPE};
  return text;
}

Result<std::string> read_standard_input(std::size_t limit) {
  return read_to_end(STDIN_FILENO, "standard input", limit, -1);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  return read_file_at(AT_FDCWD, path.c_str(), limit);
}

Result<std::string> read_file_at(int dirfd, const char* path, std::size_t limit) {
  // O_NONBLOCK: opening a FIFO in place of a file must not block the caller.
  Fd fd(::openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return Error::from_errno(path);
  std::string out;
  if (Result<void> done = read_all(fd.get(), path, limit, out); !done) return done.error();
  return out;
}

Result<Fd> open_regular_file(const std::string& path) {
  // Opening an unknown device may have side effects, so the type is checked first; the file could
  // change in between, so it is checked again afterwards.
  struct stat st;
  if (::lstat(path.c_str(), &st) < 0) return Error::from_errno(path);
  if (!S_ISREG(st.st_mode)) return Error{path + ": not a regular file", EINVAL};
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!fd) return Error::from_errno(path);
  if (::fstat(fd.get(), &st) < 0) return Error::from_errno(path);
  if (!S_ISREG(st.st_mode)) return Error{path + ": not a regular file", EINVAL};
  return fd;
}

Result<std::string> read_regular_file(const std::string& path, std::size_t limit) {
  Result<Fd> fd = open_regular_file(path);
  if (!fd) return fd.error();
  struct stat st;
  if (::fstat(fd->get(), &st) < 0) return Error::from_errno(path);
  const auto too_large = [&] {
    return Error{path + ": larger than " + std::to_string(limit) + " bytes", EFBIG};
  };
  if (static_cast<std::uint64_t>(st.st_size) > limit) return too_large();
  std::string out;
  if (Result<void> done = read_all(fd->get(), path.c_str(), limit + 1, out); !done)
    return done.error();
  if (out.size() > limit) return too_large();
  return out;
}

std::vector<std::string> names_in(const std::string& directory, std::size_t most) {
  std::vector<std::string> out;
  DIR* dir = ::opendir(directory.c_str());
  if (!dir) return out;
  while (out.size() < most) {
    const dirent* entry = ::readdir(dir);
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") out.emplace_back(name);
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace saker
