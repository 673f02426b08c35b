// SPDX-License-Identifier: Apache-2.0
#include "output/backlog.h"

#include <utility>

namespace saker::output {
namespace {

constexpr std::size_t severe_levels = static_cast<std::size_t>(lang::Priority::critical) + 1;

}  // namespace

std::size_t Backlog::push(SharedAlert alert) {
  const auto own = static_cast<std::size_t>(alert->priority);
  const std::size_t bytes = alert->bytes();
  std::size_t given_up = 0;
  for (std::size_t at = levels_.size(); at-- > own;) {
    while (!levels_[at].empty() && bytes_ + bytes > limit_) {
      drop_front(levels_[at]);
      given_up++;
    }
  }
  // An alert larger than the limit is accepted if nothing else waits.
  if (bytes_ + bytes > limit_ && size_ != 0) return given_up + 1;
  levels_[own].push_back({std::move(alert), next_number_++});
  size_++;
  bytes_ += bytes;
  return given_up;
}

void Backlog::pop(std::size_t bytes, std::vector<SharedAlert>& out) {
  std::size_t got = 0;
  for (Level* level; (got == 0 || got < bytes) && (level = next());) {
    got += level->front().alert->bytes();
    out.push_back(level->front().alert);
    drop_front(*level);
  }
}

std::size_t Backlog::clear() {
  for (Level& level : levels_) level.clear();
  bytes_ = 0;
  return std::exchange(size_, 0);
}

Backlog::Level* Backlog::next() {
  Level* first = nullptr;
  for (std::size_t i = 0; i < levels_.size(); i++) {
    if (i >= severe_levels && first && first < &levels_[severe_levels]) break;
    Level& level = levels_[i];
    if (!level.empty() && (!first || level.front().number < first->front().number)) first = &level;
  }
  return first;
}

void Backlog::drop_front(Level& level) {
  bytes_ -= level.front().alert->bytes();
  size_--;
  level.pop_front();
}

}  // namespace saker::output
