// SPDX-License-Identifier: Apache-2.0
// Finds the name that a writer probably meant. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace saker {

// Edits (insert, delete, change, swap of neighbours) that turn one into the other, or limit + 1 if
// more than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// Keeps the best of the offered names. A name that begins with the written text wins (the shortest
// such name), because the writer probably did not finish it. Otherwise the name with the fewest
// edits wins. A name is near if it needs at most a third of its length in edits, at least 1, at
// most 4.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted);
  void offer(std::string_view candidate);
  std::string_view best() const { return best_; }  // empty: none was near

 private:
  bool completes(std::string_view candidate) const;

  std::string_view wanted_, best_;
  std::size_t limit_;
  bool completed_ = false;  // best_ begins with wanted_
};

}  // namespace saker
