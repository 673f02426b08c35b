// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace saker {
namespace {

// Longer names are not compared: they are hardly ever the result of a typing error, and the table
// would be large.
constexpr std::size_t longest_name = 128;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > limit || a.size() > longest_name || b.size() > longest_name) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

Nearest::Nearest(std::string_view wanted)
    : wanted_(wanted), limit_(std::clamp<std::size_t>(wanted.size() / 3, 1, 4)) {}

bool Nearest::completes(std::string_view candidate) const {
  constexpr std::size_t says_something = 4;  // letters
  return candidate.size() > wanted_.size() && candidate.starts_with(wanted_) &&
         (wanted_.size() >= says_something || candidate.size() - wanted_.size() <= limit_);
}

void Nearest::offer(std::string_view candidate) {
  if (completes(candidate)) {
    if (!completed_ || candidate.size() < best_.size()) best_ = candidate;
    completed_ = true;
    return;
  }
  if (completed_) return;
  const std::size_t distance = edit_distance(wanted_, candidate, limit_);
  if (distance > limit_) return;
  best_ = candidate;
  if (distance == 0) return;
  limit_ = distance - 1;  // only a nearer name replaces it
}

}  // namespace saker
