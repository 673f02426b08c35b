// SPDX-License-Identifier: Apache-2.0
// Alerts on disk until every output has delivered them (docs/spool.md): a log for each priority,
// divided into segments, and a position for each output. Bounded by size and age: delivered alerts
// are deleted first, then the least severe and oldest. One thread, that of its sink, calls
// append(); a separate thread flushes and deletes old alerts; counters and cursors are for any
// thread.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "output/alert.h"
#include "output/sink.h"
#include "output/spool/block_writer.h"
#include "output/spool/directory.h"

namespace saker::output {

class Spool;
class SpoolCursor;
// A thread that hangs in a dead disk or server is abandoned with everything that it uses, so these
// have no single owner.
using SharedSpool = std::shared_ptr<Spool>;
using SharedCursor = std::shared_ptr<SpoolCursor>;

struct SpoolOptions {
  std::string directory;
  std::uint64_t max_bytes = 256u << 20;
  std::uint64_t max_age_ns = 7 * 86'400'000'000'000;  // 0: any
  // 0: flush before an alert is sent; never_flush: the kernel decides.
  std::uint64_t flush_ns = 1'000'000'000;
  Announce announce = [](std::string_view) {};
  static constexpr std::uint64_t never_flush = ~std::uint64_t{0};
};

class Spool : public std::enable_shared_from_this<Spool> {
 public:
  // Makes the directory if it does not exist. No other process may have it open.
  static Result<SharedSpool> open(SpoolOptions options);
  ~Spool();
  // Starts its thread.
  Result<void> begin();

  // All of them, or, with an error, none. If only space of more severe alerts is left for an alert,
  // each output counts it as lost.
  Result<void> append(std::span<const SharedAlert> batch);

  // The position of the output with this name; for a new output, the current end. There is one
  // cursor for each output.
  Result<SharedCursor> cursor(const std::string& output);
  // Other outputs no longer exist: alerts that wait for them are dropped.
  void keep_only(std::span<const std::string> outputs);

  const SpoolOptions& options() const { return options_; }
  // For a log: the number of its oldest alert, and of the next one.
  std::uint64_t first(std::size_t level) const {
    return levels_[level].first.load(std::memory_order_relaxed);
  }
  std::uint64_t next(std::size_t level) const {
    // Pairs with [spool-appended]: the alerts before it can be read.
    return levels_[level].next.load(std::memory_order_acquire);
  }
  SpoolNumbers next() const;

 private:
  struct Stop;
  using SharedStop = std::shared_ptr<Stop>;
  // The flushing thread has it too.
  using SharedFile = std::shared_ptr<Fd>;
  struct Closed {
    std::uint64_t first, end;  // numbers of its first alert, and of the one after its last
    std::uint64_t bytes, written;
  };
  struct Level {
    std::atomic<std::uint64_t> first{1}, next{1};
    std::vector<Closed> closed = {};
    SharedFile file = nullptr;  // null: none is open
    std::uint64_t file_first = 0;
    bool reserved = false;  // the space of the file is preallocated
    BlockWriter blocks = {};
    std::string pending = {};  // of the batch
    std::uint64_t pending_alerts = 0;
    bool dropped = false;       // of the batch: there is no space for it
    std::uint64_t whole = 0;    // bytes of the file that are complete records
    std::uint64_t written = 0;  // when it was last written to, wall clock
    bool dirty = false;         // and not flushed
  };
  struct Victim {
    std::size_t level = spool_levels;  // spool_levels: none
    bool open = false;                 // the current segment; otherwise the oldest
  };

  explicit Spool(SpoolOptions options);
  Result<void> lock_directory();
  Result<void> recover();
  Result<void> recover_level(std::size_t level, const std::vector<Segment>& segments);

  Result<void> try_append(std::span<const SharedAlert> batch);
  void prepare(std::size_t level, Result<void>& result);
  Result<void> begin_segment(std::size_t level);
  Result<Fd> make_segment(std::size_t level, const std::string& path);
  void end_segment(std::size_t level);
  Result<void> write_pending(Level& level);
  void take_back();
  void publish();
  std::uint64_t bytes() const;
  bool make_room(std::size_t level);
  bool free_disk(std::span<const SharedAlert> batch);
  Victim delivered_segment() const;
  Victim delivered_open_segment() const;
  Victim least_severe(std::size_t level) const;
  void drop(Victim victim);
  void drop_oldest(std::size_t level);
  void drop_aged();
  void make_spare();

  void tend();
  void flush();
  bool passed(std::size_t level, std::uint64_t end) const;
  std::vector<SharedCursor> cursors() const;
  void notify();

  const SpoolOptions options_;
  const std::uint64_t segment_bytes_;
  Fd lock_file_;
  std::vector<SharedFile> unflushed_;  // finished segments

  // Guards the levels except their atomics. Held while the disk is written to.
  mutable std::mutex lock_;
  std::array<Level, spool_levels> levels_;
  std::uint64_t order_ = 0;
  bool spare_ = false;  // space for one segment is reserved for severe alerts
  bool names_changed_ = false;

  mutable std::mutex cursors_lock_;
  std::vector<std::weak_ptr<SpoolCursor>> cursors_;

  SharedStop stop_;
  std::string flush_error_ = {};  // used by the thread
  std::thread thread_;
};

}  // namespace saker::output
