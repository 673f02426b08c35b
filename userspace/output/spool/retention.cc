// SPDX-License-Identifier: Apache-2.0
// Deletes alerts when the spool is full, and old ones.
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "output/spool/cursor.h"
#include "output/spool/spool.h"

namespace saker::output {

std::uint64_t Spool::bytes() const {
  std::uint64_t sum = spare_ ? segment_bytes_ : 0;
  for (const Level& log : levels_) {
    for (const Closed& segment : log.closed) sum += segment.bytes;
    if (log.file) sum += std::max(segment_bytes_, log.blocks.offset());
  }
  return sum;
}

bool Spool::passed(std::size_t level, std::uint64_t end) const {
  return std::ranges::all_of(cursors(),
                             [&](const auto& cursor) { return cursor->passed(level, end); });
}

// The oldest segment that every output has delivered.
Spool::Victim Spool::delivered_segment() const {
  Victim out;
  std::uint64_t oldest = ~std::uint64_t{0};
  for (std::size_t level = 0; level < spool_levels; level++) {
    const Level& log = levels_[level];
    if (log.closed.empty() || log.closed.front().written >= oldest ||
        !passed(level, log.closed.front().end))
      continue;
    oldest = log.closed.front().written;
    out = {.level = level};
  }
  return out;
}

Spool::Victim Spool::delivered_open_segment() const {
  for (std::size_t level = spool_levels; level-- > 0;) {
    const Level& log = levels_[level];
    // If there is an older segment, this is not the whole log.
    if (log.file && log.whole != 0 && log.closed.empty() &&
        passed(level, log.next.load(std::memory_order_relaxed)))
      return {.level = level, .open = true};
  }
  return {};
}

// A segment with alerts no more severe than `level`; of the log itself only a finished segment.
Spool::Victim Spool::least_severe(std::size_t level) const {
  for (std::size_t at = spool_levels; at-- > level;) {
    if (!levels_[at].closed.empty()) return {.level = at};
    if (levels_[at].file && at != level) return {.level = at, .open = true};
  }
  return {};
}

void Spool::drop(Victim victim) {
  Level& log = levels_[victim.level];
  if (victim.open) {
    end_segment(victim.level);
    // The alerts of this batch for it are dropped too.
    log.dropped = log.pending_alerts != 0;
    log.pending.clear();
  }
  if (!log.closed.empty()) drop_oldest(victim.level);
}

void Spool::drop_oldest(std::size_t level) {
  Level& log = levels_[level];
  (void)::unlink(segment_path(options_.directory, level, log.closed.front().first).c_str());
  log.closed.erase(log.closed.begin());
  const std::uint64_t first = !log.closed.empty() ? log.closed.front().first
                              : log.file          ? log.file_first
                                                  : log.next.load(std::memory_order_relaxed);
  log.first.store(first, std::memory_order_relaxed);
  names_changed_ = true;
}

// Makes space for another segment of this log. False: only more severe alerts could be deleted.
bool Spool::make_room(std::size_t level) {
  while (bytes() + segment_bytes_ > options_.max_bytes) {
    Victim victim = delivered_segment();
    if (victim.level == spool_levels) victim = least_severe(level);
    if (victim.level == spool_levels) return false;
    drop(victim);
  }
  return true;
}

// The disk is full. False: there is nothing less severe to delete for this batch.
bool Spool::free_disk(std::span<const SharedAlert> batch) {
  std::size_t level = spool_levels - 1;
  for (const SharedAlert& alert : batch)
    level = std::min(level, static_cast<std::size_t>(alert->priority));
  const Level& log = levels_[level];
  if (level < static_cast<std::size_t>(lang::Priority::error) && log.file && !log.reserved &&
      spare_) {
    end_segment(level);
    return true;
  }
  Victim victim = delivered_segment();
  if (victim.level == spool_levels) victim = delivered_open_segment();
  if (victim.level == spool_levels) victim = least_severe(level);
  if (victim.level == spool_levels) return false;
  // The batch itself would begin an empty segment again, and nothing would be gained, for ever: a
  // smaller batch may fit.
  const auto of_victim = [&](const SharedAlert& alert) {
    return static_cast<std::size_t>(alert->priority) == victim.level;
  };
  if (victim.open && levels_[victim.level].whole == 0 && std::ranges::any_of(batch, of_victim))
    return false;
  drop(victim);
  return true;
}

// Also notices what `saker spool prune` has deleted.
void Spool::drop_aged() {
  const std::uint64_t now = clock_ns(CLOCK_REALTIME);
  const std::uint64_t oldest =
      options_.max_age_ns == 0 ? 0 : now - std::min(now, options_.max_age_ns);
  for (std::size_t level = 0; level < spool_levels; level++) {
    Level& log = levels_[level];
    if (log.file && log.whole != 0 && log.written < oldest) end_segment(level);
    const auto gone = [&](const Closed& segment) {
      return ::access(segment_path(options_.directory, level, segment.first).c_str(), F_OK) < 0;
    };
    while (!log.closed.empty() && (log.closed.front().written < oldest || gone(log.closed.front())))
      drop_oldest(level);
  }
}

}  // namespace saker::output
