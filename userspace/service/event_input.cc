// SPDX-License-Identifier: Apache-2.0
#include "service/event_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "recording/frame.h"

namespace saker::service {
namespace {

using recording::file_magic;

constexpr int look_again_ms = 10;

Result<Fd> open_named(const std::string& path) {
  if (path != "-") {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return Error::from_errno("cannot open capture " + path);
    return file;
  }
  if (::isatty(STDIN_FILENO))
    return Error{"standard input is a terminal: send a capture into it, as in - < FILE"};
  Fd file(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!file) return Error::from_errno("standard input");
  return file;
}

// The first bytes in a pipe, which stay in it; fewer only if the pipe has ended.
std::string front_of_pipe(int pipe) {
  char bytes[file_magic.size()];
  for (;;) {
    int copy[2];
    if (::pipe2(copy, O_CLOEXEC) != 0) return {};
    const Fd out(copy[0]), in(copy[1]);
    const ssize_t there = ::tee(pipe, in.get(), sizeof bytes, 0);
    if (there < 0 && errno == EINTR) continue;
    if (there <= 0) return {};
    pollfd state{pipe, POLLIN, 0};
    const bool ended = ::poll(&state, 1, 0) > 0 && (state.revents & POLLHUP) != 0;
    if (there == static_cast<ssize_t>(sizeof bytes) || ended) {
      const ssize_t got = ::read(out.get(), bytes, static_cast<std::size_t>(there));
      return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
    }
    ::poll(nullptr, 0, look_again_ms);
  }
}

std::string front_of(int file, mode_t mode) {
  char bytes[file_magic.size()];
  ssize_t got = 0;
  if (S_ISFIFO(mode)) return front_of_pipe(file);
  if (S_ISREG(mode)) got = ::pread(file, bytes, sizeof bytes, 0);
  if (S_ISSOCK(mode)) got = ::recv(file, bytes, sizeof bytes, MSG_PEEK | MSG_WAITALL);
  return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
}

// A file without a name, which vanishes with its descriptor.
Fd nameless_file() {
  const char* asked = std::getenv("TMPDIR");
  for (const char* directory : {asked && *asked ? asked : "/tmp", "/tmp"}) {
    Fd file(::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
  }
  return Fd(::memfd_create("saker-input", MFD_CLOEXEC));
}

Result<Fd> kept(Fd from, const std::string& name) {
  Fd to = nameless_file();
  if (!to) return Error::from_errno(name + ": a place to keep it");
  std::vector<char> bytes(1u << 20);
  for (;;) {
    const ssize_t got = ::read(from.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno(name);
    if (got == 0) return to;
    for (ssize_t done = 0; done < got;) {
      const ssize_t wrote =
          ::write(to.get(), bytes.data() + done, static_cast<std::size_t>(got - done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return Error::from_errno(name + ": keeping it");
      done += wrote;
    }
  }
}

}  // namespace

Result<EventInput> open_event_input(const std::string& path) {
  EventInput input;
  input.name = path == "-" ? "standard input" : path;
  Result<Fd> file = open_named(path);
  if (!file) return file.error();
  struct stat info;
  if (::fstat((*file).get(), &info) != 0)
    return Error::from_errno("cannot open capture " + input.name);
  if (S_ISDIR(info.st_mode))
    return Error{"cannot open capture " + input.name + ": it is a directory"};
  input.recording = front_of((*file).get(), info.st_mode) == file_magic;
  if (input.recording && !S_ISREG(info.st_mode)) file = kept(std::move(*file), input.name);
  if (!file) return file.error();
  input.file = std::move(*file);
  return input;
}

}  // namespace saker::service
