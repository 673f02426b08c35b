// SPDX-License-Identifier: Apache-2.0
// The last threads that ended: a late event of a parent must not bring them back. Fixed in size;
// those of one number are found without a look at the others. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"

namespace saker::scap {

class RecentlyEnded {
 public:
  static constexpr std::size_t kept = 8192;

  void add(std::int64_t tid, std::int64_t parent, std::uint64_t time) {
    if (ring_.empty()) {
      ring_.resize(kept);
      newest_.assign(kept, 0);
    }
    std::uint64_t& newest = newest_[place_of(tid)];
    ring_[count_ % kept] = {tid, parent, time, newest};
    newest = ++count_;
  }
  // Whether one of that number and that parent ended at a time of which `near` is true.
  template <typename Near>
  bool any(std::int64_t tid, std::int64_t parent, Near near) const {
    if (ring_.empty()) return false;
    // What was written over ends the chain: all behind it is older.
    for (std::uint64_t at = newest_[place_of(tid)]; at != 0 && at + kept > count_;) {
      const Ended& ended = ring_[(at - 1) % kept];
      if (ended.tid == tid && ended.parent == parent && near(ended.time)) return true;
      at = ended.before;
    }
    return false;
  }
  void clear() {
    ring_.clear();
    newest_.clear();
    count_ = 0;
  }

 private:
  struct Ended {
    std::int64_t tid = -1, parent = -1;
    std::uint64_t time = 0;
    std::uint64_t before = 0;  // as in newest_: the one before it in the same place
  };
  static std::size_t place_of(std::int64_t tid) {
    return hash_number(static_cast<std::uint64_t>(tid)) % kept;
  }

  std::vector<Ended> ring_;
  std::vector<std::uint64_t> newest_;  // by place: number + 1, 0: none
  std::uint64_t count_ = 0;
};

}  // namespace saker::scap
