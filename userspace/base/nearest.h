// SPDX-License-Identifier: Apache-2.0
// The name a writer may have meant. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace saker {

// Edits (insert, delete, change, swap of neighbours) from one to the other, or limit + 1 if more
// than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// Keeps the best of the names offered: the shortest that begins with what was written, for that is
// one not written to its end, else the one with the fewest edits. Near enough is a third of the
// name's length, at least 1, at most 4.
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
