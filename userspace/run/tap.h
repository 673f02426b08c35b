// SPDX-License-Identifier: Apache-2.0
// The place where events leave the drain threads for a recording: each thread gathers its own
// blocks, the recording thread packs them and passes them to a sink. begin_batch, offer and
// end_batch: drain thread `thread`, during a batch; cut and pass: the recording thread; counters:
// any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/spsc_ring.h"
#include "capture/source.h"
#include "match/matcher.h"
#include "recording/block.h"
#include "recording/builder.h"
#include "recording/frame.h"
#include "run/counters.h"

namespace saker::run {

struct TapTotals {
  std::uint64_t events = 0;  // passed to the sink
  std::uint64_t lost = 0;    // not passed, because the sink was too far behind
};

// The receiver of a recording. For the recording thread.
class TapSink {
 public:
  virtual ~TapSink() = default;
  // A packed block of events, and its head. False: there is no space for it, its events are lost.
  virtual bool take(std::string_view block, const recording::BlockHead& head) = 0;
  // Called after each round of blocks. Everything that happened before `whole` (wall clock, ns) has
  // been passed.
  virtual void round(std::uint64_t whole, const TapTotals& totals) { (void)whole, (void)totals; }
  // Nothing follows.
  virtual void end(const TapTotals& totals) { (void)totals; }
};

// The first block of a recording of this host.
std::string recording_description(const std::string& host, const std::string& program);

struct TapOptions {
  capture::RecordTypes asks;               // events to request from the source
  capture::RecordTypes records;            // events to record, of those that arrive
  std::unique_ptr<match::Program> filter;  // null: all of them
  std::uint32_t ignore_pid = 0;            // a process that is not recorded; 0: none
  // an event waits at most about this long for its block to end
  std::uint64_t cut_ns = 1'000'000'000;
};

class Tap {
 public:
  // Blocks waiting from one drain thread; further blocks are lost.
  static constexpr std::size_t queue_length = 8;

  // `bell`, an eventfd, rings when a block has arrived.
  Tap(TapOptions options, unsigned threads, int bell, std::unique_ptr<TapSink> sink);

  void begin_batch(unsigned thread, const enrich::Users* users);
  // From here on in the batch; begin_batch() does the same.
  void use(unsigned thread, const enrich::Users* users);
  void offer(unsigned thread, const fields::Event& event);
  void end_batch(unsigned thread);

  // Asks the threads to end their blocks, if it is time. True: some of them have events and should
  // be woken.
  bool cut(std::uint64_t now);
  std::uint64_t next_cut() const { return next_cut_; }
  // Passes the arrived blocks to the sink. `last`: no drain thread will add blocks any more.
  void pass(bool last);

  const capture::RecordTypes& asks() const { return options_.asks; }
  TapTotals totals() const;

 private:
  struct Lane {
    recording::Builder builder;
    std::optional<match::Matcher> matcher;
    const enrich::Users* users = nullptr;
    SpscRing<std::unique_ptr<recording::Block>> queue{queue_length};
    std::atomic<bool> gathering{false};  // the builder has events
    std::uint64_t asked = 0;             // the last cut requested before this batch took its heads
    std::atomic<std::uint64_t> done{0};  // the last cut that was done
    Counter lost;

    explicit Lane(std::uint64_t seed) : builder(seed) {}
  };

  void hand_over(Lane& lane);
  void pass(recording::Block& block);

  const TapOptions options_;
  const int bell_;
  const std::unique_ptr<TapSink> sink_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::uint64_t> cut_{0};  // wall clock time of the request
  std::uint64_t next_cut_ = 0;
  Counter events_, refused_;
};

}  // namespace saker::run
