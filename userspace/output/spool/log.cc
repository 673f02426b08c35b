// SPDX-License-Identifier: Apache-2.0
#include "output/spool/log.h"

#include <fcntl.h>

#include <algorithm>

namespace saker::output {

SpoolLog::SpoolLog(std::string directory, const std::vector<Segment>& segments, std::size_t level,
                   std::uint64_t from)
    : directory_(std::move(directory)), level_(level), from_(from) {
  for (const Segment& segment : segments) {
    if (segment.level != level) continue;
    // Earlier segments are not needed once one begins at or before `from`.
    if (segment.first <= from) firsts_.clear();
    firsts_.push_back(segment.first);
  }
  std::ranges::reverse(firsts_);
}

bool SpoolLog::open_next() {
  damaged_ = damaged_bytes();
  reader_.reset();
  while (!firsts_.empty() && !reader_) {
    const std::string path = segment_path(directory_, level_, firsts_.back());
    firsts_.pop_back();
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file) reader_.emplace(std::move(file));
  }
  return reader_.has_value();
}

std::optional<SpoolRecord> SpoolLog::next() {
  while (reader_ || open_next()) {
    if (!reader_->next(bytes_)) {
      if (!open_next()) break;
      continue;
    }
    std::optional<SpoolRecord> record = parse_record(bytes_);
    if (!record || static_cast<std::size_t>(record->alert->priority) != level_ ||
        record->number < from_)
      continue;
    from_ = record->number + 1;
    return record;
  }
  return std::nullopt;
}

WholeSpool::WholeSpool(const std::string& directory) {
  const std::vector<Segment> segments = segments_in(directory);
  logs_.reserve(spool_levels);
  for (std::size_t level = 0; level < spool_levels; level++) {
    logs_.emplace_back(directory, segments, level, 1);
    ahead_.push_back(logs_.back().next());
  }
}

std::optional<SpoolRecord> WholeSpool::next() {
  std::size_t first = spool_levels;
  for (std::size_t level = 0; level < spool_levels; level++)
    if (ahead_[level] && (first == spool_levels || ahead_[level]->order < ahead_[first]->order))
      first = level;
  if (first == spool_levels) return std::nullopt;
  return std::exchange(ahead_[first], logs_[first].next());
}

std::uint64_t WholeSpool::damaged_bytes() const {
  std::uint64_t sum = 0;
  for (const SpoolLog& log : logs_) sum += log.damaged_bytes();
  return sum;
}

SpoolNumbers next_numbers(const std::string& directory, const std::vector<Segment>& segments) {
  SpoolNumbers out;
  out.fill(1);
  for (std::size_t i = 0; i < segments.size(); i++) {
    const Segment& segment = segments[i];
    if (i + 1 < segments.size() && segments[i + 1].level == segment.level) continue;
    std::uint64_t& next = out[segment.level];
    next = segment.first;
    SpoolLog log(directory, segments, segment.level, segment.first);
    while (const std::optional<SpoolRecord> record = log.next()) next = record->number + 1;
  }
  return out;
}

}  // namespace saker::output
