// SPDX-License-Identifier: Apache-2.0
// A pointer to an immutable object. One writer may redirect it while readers follow it. Reads like
// a plain pointer. The old object lives until no reader can hold it (enrich/table.h explains how
// that is known).
#pragma once

#include <atomic>

namespace saker {

template <typename T>
class Link {
 public:
  Link() = default;
  Link(T* to) : to_(to) {}
  // Only the writer. [link-set]: the object at `to` is complete before readers can reach it.
  Link& operator=(T* to) {
    to_.store(to, std::memory_order_release);
    return *this;
  }
  Link(const Link&) = delete;
  Link& operator=(const Link& other) { return *this = other.get(); }

  // Any thread; pairs with [link-set].
  T* get() const { return to_.load(std::memory_order_acquire); }
  operator T*() const { return get(); }
  T* operator->() const { return get(); }

 private:
  std::atomic<T*> to_{nullptr};
};

}  // namespace saker
