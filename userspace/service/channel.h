// SPDX-License-Identifier: Apache-2.0
// The bytes of one connection of the web server, plain or through TLS. Never waits. For the
// server's thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/fd.h"

namespace saker::service {

class Channel {
 public:
  enum class State { done, wants_read, wants_write, closed };
  struct Outcome {
    State state = State::done;
    std::size_t bytes = 0;  // that were transferred, if done
  };

  virtual ~Channel() = default;
  virtual Outcome read(char* to, std::size_t most) = 0;
  virtual Outcome write(const char* from, std::size_t bytes) = 0;
  virtual int fd() const = 0;
  // There are bytes that were read from the descriptor but not requested yet: it need not become
  // readable.
  virtual bool pending() const { return false; }
  // The far end presented a certificate that was verified.
  virtual bool certified() const { return false; }
};

// For an accepted connection; null: no channel is available, and the connection is closed.
using MakeChannel = std::function<std::unique_ptr<Channel>(Fd fd)>;

std::unique_ptr<Channel> plain_channel(Fd fd);

}  // namespace saker::service
