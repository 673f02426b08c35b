// SPDX-License-Identifier: Apache-2.0
#include "output/spool/cursor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace saker::output {
namespace {

constexpr std::size_t severe_levels = static_cast<std::size_t>(lang::Priority::critical) + 1;

}  // namespace

SpoolCursor::SpoolCursor(SharedSpool spool, std::string output, PositionFile position)
    : spool_(std::move(spool)), output_(std::move(output)), position_(std::move(position)) {
  for (std::size_t level = 0; level < spool_levels; level++)
    read_[level] = done_[level] = std::min(position_.numbers()[level], spool_->next(level));
}

bool SpoolCursor::claim(lang::Priority priority, std::function<void()> changed) {
  std::lock_guard guard(lock_);
  if (claimed_) return false;
  claimed_ = true;
  changed_ = std::move(changed);
  levels_ = static_cast<std::size_t>(priority);
  return true;
}

void SpoolCursor::release() {
  while (!in_flight_.empty()) {
    read_[in_flight_.back().level] = in_flight_.back().number;
    in_flight_.pop_back();
  }
  in_flight_count_ = 0;
  for (Log& log : logs_) {
    log.reader.reset();
    log.ahead.reset();
  }
  std::lock_guard guard(lock_);
  changed_ = nullptr;
  claimed_ = false;
}

void SpoolCursor::notify() {
  std::lock_guard guard(lock_);
  if (changed_) changed_();
}

void SpoolCursor::flush() {
  std::lock_guard guard(position_lock_);
  (void)::fdatasync(position_.file().get());
}

bool SpoolCursor::more() const {
  for (std::size_t level = 0; level <= levels_; level++)
    if (read_[level].load(std::memory_order_relaxed) < spool_->next(level)) return true;
  return false;
}

std::uint64_t SpoolCursor::waiting() const {
  std::uint64_t sum = in_flight_count_;
  for (std::size_t level = 0; level <= levels_; level++) {
    const std::uint64_t next = spool_->next(level);
    sum += next - std::min(next, read_[level].load(std::memory_order_relaxed));
  }
  return sum;
}

std::uint64_t SpoolCursor::collect_lost() {
  for (std::size_t level = 0; level <= levels_; level++) give_up_until(level, spool_->first(level));
  return lost_.exchange(0);
}

// Alerts of this log before `number` that were not read are lost.
void SpoolCursor::give_up_until(std::size_t level, std::uint64_t number) {
  std::uint64_t read = read_[level].load();
  while (read < number)
    if (read_[level].compare_exchange_weak(read, number)) {
      lost_ += number - read;
      return;
    }
}

bool SpoolCursor::open_segment(std::size_t level, std::uint64_t number) {
  Log& log = logs_[level];
  const std::string path = segment_path(spool_->options().directory, level, number);
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return false;
  log.reader.emplace(std::move(file));
  log.segment = number;
  log.told = false;
  return true;
}

// The segment with the next alert; if that is gone, the first one after it.
bool SpoolCursor::open_next_segment(std::size_t level) {
  Log& log = logs_[level];
  const std::uint64_t wanted = read_[level].load(std::memory_order_relaxed);
  const std::uint64_t after = log.reader ? log.segment : 0;
  std::uint64_t found = 0;
  for (const Segment& segment : segments_in(spool_->options().directory)) {
    if (segment.level != level || segment.first <= after) continue;
    if (found != 0 && segment.first > wanted) break;
    found = segment.first;
  }
  return found != 0 && open_segment(level, found);
}

void SpoolCursor::tell_damage(std::size_t level) {
  Log& log = logs_[level];
  if (log.told || log.reader->damaged_bytes() == 0) return;
  log.told = true;
  spool_->options().announce(
      "spool: " + segment_path(spool_->options().directory, level, log.segment) +
      " is damaged at byte " + std::to_string(log.reader->damaged_at()) +
      "; the alerts that stood there are lost, the others are delivered");
}

// Whether there is an alert; its number may be far ahead of the last one read.
bool SpoolCursor::look_ahead(std::size_t level) {
  Log& log = logs_[level];
  for (;;) {
    const std::uint64_t read = read_[level].load(), next = spool_->next(level);
    if (read >= next) return false;
    if (log.ahead && log.ahead->number >= read) return true;
    log.ahead.reset();
    const bool got = (log.reader || open_next_segment(level)) && log.reader->next(record_);
    if (log.reader) tell_damage(level);
    if (got) {
      std::optional<SpoolRecord> record = parse_record(record_);
      if (!record || static_cast<std::size_t>(record->alert->priority) != level) continue;
      if (record->number < next) {
        log.ahead = std::move(record);
        continue;
      }
      // It is being written; the alerts that should precede it are missing.
      log.reader->again();
    } else if (log.reader && open_next_segment(level)) {
      continue;
    } else if (log.reader) {
      log.reader->skip_block();
    }
    give_up_until(level, next);
    return false;
  }
}

SpoolCursor::Log* SpoolCursor::choose() {
  Log* first = nullptr;
  for (std::size_t level = 0; level <= levels_; level++) {
    if (level >= severe_levels && first && first < &logs_[severe_levels]) break;
    if (look_ahead(level) && (!first || logs_[level].ahead->order < first->ahead->order))
      first = &logs_[level];
  }
  return first;
}

// False: the alert was dropped in the meantime.
bool SpoolCursor::take(std::size_t level) {
  const std::uint64_t number = logs_[level].ahead->number;
  std::uint64_t read = read_[level].load();
  while (read <= number)
    if (read_[level].compare_exchange_weak(read, number + 1)) {
      lost_ += number - read;
      return true;
    }
  return false;
}

void SpoolCursor::read(std::size_t bytes, std::vector<SharedAlert>& out) {
  std::size_t got = 0;
  while (got == 0 || got < bytes) {
    Log* log = choose();
    if (!log) break;
    const auto level = static_cast<std::size_t>(log - logs_.data());
    if (take(level)) {
      in_flight_.push_back({level, log->ahead->number});
      got += log->ahead->alert->bytes();
      out.push_back(std::move(log->ahead->alert));
    }
    log->ahead.reset();
  }
  in_flight_count_ = in_flight_.size();
}

Result<void> SpoolCursor::done(std::size_t alerts) {
  for (; alerts > 0 && !in_flight_.empty(); alerts--) {
    done_[in_flight_.front().level] = in_flight_.front().number + 1;
    in_flight_.pop_front();
  }
  in_flight_count_ = in_flight_.size();
  SpoolNumbers numbers;
  for (std::size_t level = 0; level < spool_levels; level++) {
    if (level > levels_) read_[level] = spool_->next(level);
    if (level > levels_ || in_flight_.empty()) done_[level] = read_[level].load();
    numbers[level] = done_[level];
  }
  std::lock_guard guard(position_lock_);
  return position_.write(numbers);
}

}  // namespace saker::output
