// SPDX-License-Identifier: Apache-2.0
// Finds rows of a table by their content: an index from hash to row number. The owner keeps the
// table itself. One thread.
#pragma once

#include <cstdint>
#include <vector>

namespace saker {

class HashIndex {
 public:
  // The row with that hash for which `equal(row)` is true; otherwise adds `row` and returns it.
  template <typename Equal>
  std::uint32_t find_or_add(std::uint64_t hash, std::uint32_t row, Equal equal) {
    if ((count_ + 1) * 2 > places_.size()) grow();
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      Place& place = places_[at];
      if (place.row == 0) {
        place = {hash, row + 1};
        count_++;
        return row;
      }
      if (place.hash == hash && equal(place.row - 1)) return place.row - 1;
    }
  }
  void clear() {
    places_.assign(places_.size(), {});
    count_ = 0;
  }

 private:
  struct Place {
    std::uint64_t hash = 0;
    std::uint32_t row = 0;  // + 1; 0: empty
  };
  void grow() {
    std::vector<Place> before(places_.empty() ? 1024 : places_.size() * 2);
    before.swap(places_);
    mask_ = places_.size() - 1;
    for (const Place& place : before) {
      if (place.row == 0) continue;
      std::size_t at = place.hash & mask_;
      while (places_[at].row) at = (at + 1) & mask_;
      places_[at] = place;
    }
  }

  std::vector<Place> places_;
  std::size_t mask_ = 0, count_ = 0;
};

}  // namespace saker
