// SPDX-License-Identifier: Apache-2.0
// The threads that ended last: a late event of a parent must not bring them back. Fixed in size; a
// search looks only at the threads of one number. One thread.
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
  // Whether a thread with that number and that parent ended at a time for which `near` is true.
  template <typename Near>
  bool any(std::int64_t tid, std::int64_t parent, Near near) const {
    if (ring_.empty()) return false;
    // An overwritten entry ends the chain: all entries after it are older.
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
    std::uint64_t before = 0;  // as in newest_: the previous entry with the same index
  };
  static std::size_t place_of(std::int64_t tid) {
    return hash_number(static_cast<std::uint64_t>(tid)) % kept;
  }

  std::vector<Ended> ring_;
  std::vector<std::uint64_t> newest_;  // by index: number + 1, 0: none
  std::uint64_t count_ = 0;
};

}  // namespace saker::scap
