// SPDX-License-Identifier: Apache-2.0
// A sink with its own queue and thread: whatever its peer does, or fails to do, affects only this
// sink. A batch that fails is tried again, with increasing pauses. With a cursor the
// queue is the spool's: take() does nothing, and what was not delivered by the end stays there.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bell.h"
#include "output/backlog.h"
#include "output/peer.h"
#include "output/sink.h"
#include "output/spool/spool.h"

namespace saker::output {

struct QueuedSinkOptions {
  std::string name = "";
  Form form = Form::text;
  lang::Priority priority = lang::Priority::debug;  // less severe alerts are not sent to it
  std::size_t queue_bytes = 8u << 20;
  // Alerts are gathered: at least this long between two batches, unless a batch is full or the sink
  // stops.
  std::uint64_t gather_ns = 0;
  SharedCursor cursor = nullptr;
  bool feeds_others = false;
  Announce announce = [](std::string_view) {};
};

class QueuedSink final : public Sink {
 public:
  static std::unique_ptr<QueuedSink> make(std::unique_ptr<Peer> peer, QueuedSinkOptions options);
  // And begins.
  // Signals that the caller blocks are also blocked in its thread.
  static Result<std::unique_ptr<QueuedSink>> start(std::unique_ptr<Peer> peer,
                                                   QueuedSinkOptions options);
  // Stops at once if it was not stopped before. A thread that hangs in its peer (a dead disk) is
  // abandoned, with everything that it uses.
  ~QueuedSink() override;

  // Signals that are blocked are so in its thread too; it has the rights of the caller's.
  Result<void> begin() override;
  void take(const SharedAlert& alert) override;
  const SinkCounters& counters() const override;
  const std::string& name() const override;
  Form form() const override;
  bool feeds_others() const override;
  void reopen() override;
  void begin_stop(std::uint64_t deadline) override;
  bool finish() override;

 private:
  class Work;
  explicit QueuedSink(std::unique_ptr<Work> work);

  std::unique_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace saker::output
