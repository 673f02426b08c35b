// SPDX-License-Identifier: Apache-2.0
// The far end of a sink: it knows how to write alerts to a file, a socket or a server. Used by one
// thread, that of its sink (queued_sink.h), so it may wait, but only through Patience.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "output/alert.h"

namespace saker::output {

// How long a peer may wait: until its sink must stop, or do something else.
class Patience {
 public:
  virtual ~Patience() = default;
  // Waits until the descriptor is ready for `events` (poll(2)), at most `timeout_ms` (-1: no
  // limit). False: it is not ready; the peer must return with what it has done.
  virtual bool wait(int fd, short events, int timeout_ms) = 0;
  // Milliseconds left for one attempt that may take `timeout_ms`; 0: return.
  virtual int left_ms(int timeout_ms) = 0;
};

// The result for a batch; the counts begin at its first alert.
struct Delivery {
  std::size_t delivered = 0;  // the peer has them
  // the alerts after those: it will never accept them, so they are dropped
  std::size_t refused = 0;
  std::string error = "";  // why the batch is incomplete; "": the time was up
  int pause_ms = 0;        // after an error: the pause that the far end asks for
  std::string note = "";   // what the far end said, if it is to be logged
};

class Peer {
 public:
  virtual ~Peer() = default;

  // Called again with the rest, followed by newer alerts, until everything was delivered.
  virtual Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) = 0;
  virtual Result<void> reopen() { return {}; }
  // The bytes that deliver() would send for these alerts, for display. Sends nothing.
  virtual std::string preview(std::span<const SharedAlert> batch) = 0;
};

}  // namespace saker::output
