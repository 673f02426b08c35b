// SPDX-License-Identifier: Apache-2.0
// Writes to a descriptor that somebody else opened (stdout, stderr) without ever waiting for its
// reader: a pipe, a terminal or a socket that takes nothing at the moment returns EAGAIN. Other
// users of the descriptor are not affected: its flags do not change. A regular file may still wait
// for its disk. One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/fd.h"

namespace saker {

class PromptWriter {
 public:
  // `fd` stays open; the caller keeps it.
  explicit PromptWriter(int fd);

  // Bytes written, or -errno.
  std::int64_t write(std::string_view bytes);
  // For poll(2): POLLOUT when it takes more.
  int fd() const { return own_ ? own_.get() : fd_; }

 private:
  enum class Means { write, send, careful };

  int fd_;
  Fd own_;  // the same file, reopened as non-blocking; empty if it cannot be reopened
  Means means_ = Means::write;
};

}  // namespace saker
