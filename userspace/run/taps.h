// SPDX-License-Identifier: Apache-2.0
// All taps, and the work of the recording thread. serve and finish: only that thread, which alone
// removes taps; the rest: any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/fd.h"
#include "enrich/epochs.h"
#include "run/tap.h"

namespace saker::run {

// The list that the drain threads see; null: no taps.
using TapList = std::vector<Tap*>;

class Taps {
 public:
  // Each tap has a lane for each of `threads` drain threads.
  Taps(enrich::Epochs& epochs, unsigned threads, std::atomic<const TapList*>& published);

  // The number of the new tap, never 0.
  std::uint64_t add(TapOptions options, std::unique_ptr<TapSink> sink);
  // Its sink ends once everything that happened until now has been passed to it.
  void remove(std::uint64_t number);
  void free_old();

  // One round. Returns for how many ms there will be nothing to do unless bell() rings; -1:
  // forever.
  int serve(const std::function<void()>& wake_threads);
  // Call it when no drain thread runs any more.
  void finish();

  int bell() const { return bell_.get(); }
  void ring() const;
  capture::RecordTypes asks() const;
  std::size_t count() const;
  // Whether its sink still exists.
  bool has(std::uint64_t number) const;

 private:
  struct Entry {
    Entry(std::uint64_t n, std::unique_ptr<Tap> t) : number(n), tap(std::move(t)) {}
    const std::uint64_t number;
    const std::unique_ptr<Tap> tap;
    std::uint64_t ending = 0;   // the epoch since which it is ending; 0: not ending
    bool leaving = false;       // no longer reachable by the drain threads,
    std::uint64_t retired = 0;  // since this epoch
  };
  struct OldList {
    std::unique_ptr<TapList> list;
    std::uint64_t epoch;
  };
  std::uint64_t publish();
  bool leave(Entry& entry);
  std::vector<Entry*> entries() const;

  enrich::Epochs& epochs_;
  const unsigned threads_;
  std::atomic<const TapList*>& published_;
  const Fd bell_;
  mutable std::mutex lock_;  // guards the members below, but not the taps themselves
  std::uint64_t next_number_ = 1;
  std::unique_ptr<TapList> list_;  // the published list
  std::vector<OldList> old_lists_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace saker::run
