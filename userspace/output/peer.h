// SPDX-License-Identifier: Apache-2.0
// The far end of a sink: what knows how alerts are written to a file, a socket or a server. Used by
// one thread, its sink's own (queued_sink.h), so it may wait, but only by Patience.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "output/alert.h"

namespace saker::output {

// How long a peer may wait: until its sink is to end, or to do something else.
class Patience {
 public:
  virtual ~Patience() = default;
  // Until the descriptor is ready for `events` (poll(2)), `timeout_ms` at most (-1: any time).
  // False: it is not, and the peer returns with what it has done.
  virtual bool wait(int fd, short events, int timeout_ms) = 0;
  // Milliseconds that are left for one attempt of so long at most; 0: return.
  virtual int left_ms(int timeout_ms) = 0;
};

// Of a batch, from its beginning on.
struct Delivery {
  std::size_t delivered = 0;  // the peer has them
  std::size_t refused = 0;    // behind those: it will never take these, they are given up
  std::string error = "";     // why it is not the whole batch; "": the time was up
  int pause_ms = 0;           // after an error: the far end asks for so long a pause
};

class Peer {
 public:
  virtual ~Peer() = default;

  // Called again with the rest, and more behind it, until all was delivered.
  virtual Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) = 0;
  virtual Result<void> reopen() { return {}; }
  // What deliver() would send for these alerts, to be shown. Sends nothing.
  virtual std::string preview(std::span<const SharedAlert> batch) = 0;
};

}  // namespace saker::output
