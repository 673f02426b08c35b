// SPDX-License-Identifier: Apache-2.0
// A sink with its own queue and thread: whatever its peer does, or fails to do, affects only this
// sink. A batch that fails is tried again, with increasing pauses.
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

namespace saker::output {

struct QueuedSinkOptions {
  std::string name = "";
  Form form = Form::text;
  lang::Priority priority = lang::Priority::debug;  // less severe alerts are not sent to it
  std::size_t queue_bytes = 8u << 20;
  Announce announce = [](std::string_view) {};
};

class QueuedSink final : public Sink {
 public:
  // Signals that the caller blocks are also blocked in its thread.
  static Result<std::unique_ptr<QueuedSink>> start(std::unique_ptr<Peer> peer,
                                                   QueuedSinkOptions options);
  // Stops at once if it was not stopped before. A thread that hangs in its peer (a dead disk) is
  // abandoned, with everything that it uses.
  ~QueuedSink() override;

  void take(const SharedAlert& alert) override;
  const SinkCounters& counters() const override;
  const std::string& name() const override;
  Form form() const override;
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
