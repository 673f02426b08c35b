// SPDX-License-Identifier: Apache-2.0
// A pointer to an immutable object that one writer may turn elsewhere while readers follow it.
// Reads like a plain pointer. What it pointed to lives on until no reader can hold it
// (enrich/table.h says how that is known).
#pragma once

#include <atomic>

namespace saker {

template <typename T>
class Link {
 public:
  Link() = default;
  Link(T* to) : to_(to) {}
  // The writer only. [link-set]: what `to` points to is complete before it can be reached.
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
