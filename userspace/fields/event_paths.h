// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "fields/event.h"
#include "fields/scratch.h"

namespace saker::fields {

// What an event's paths are made of, looked up once: nothing is cleaned that need not be. None
// where the event's origin does not look at the record's.
class EventPaths {
 public:
  struct Path {
    bool is_named = false;      // the record has what the caller passed
    bool same = false;          // which is what the kernel resolved
    std::string_view name;      // as passed
    std::string_view base;      // of a relative name: where it begins
    std::string_view resolved;  // empty: the kernel resolved nothing
  };

  EventPaths(const Event& event, Scratch& scratch);
  std::span<const Path> paths() const { return {paths_.data(), count_}; }
  bool views_differ() const { return differ_; }

 private:
  std::array<Path, 2> paths_;
  std::size_t count_ = 0;
  bool differ_ = false;
};

}  // namespace saker::fields
