// SPDX-License-Identifier: Apache-2.0
// The bytes of one connection of the web server: as they are, or through TLS. Never waits. The
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
    std::size_t bytes = 0;  // that were moved, if done
  };

  virtual ~Channel() = default;
  virtual Outcome read(char* to, std::size_t most) = 0;
  virtual Outcome write(const char* from, std::size_t bytes) = 0;
  virtual int fd() const = 0;
  // Bytes that were read from the descriptor and not asked for yet: it need not become readable.
  virtual bool pending() const { return false; }
  // The far end has shown a certificate that was verified.
  virtual bool certified() const { return false; }
};

// Of a connection that was accepted; null: it cannot be had, and is closed.
using MakeChannel = std::function<std::unique_ptr<Channel>(Fd fd)>;

std::unique_ptr<Channel> plain_channel(Fd fd);

}  // namespace saker::service
