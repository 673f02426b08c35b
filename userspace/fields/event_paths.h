// SPDX-License-Identifier: Apache-2.0
// The paths of the event at hand, in the pieces that a record has them in. A view into the record;
// one thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "fields/event.h"
#include "fields/scratch.h"

namespace saker::fields {

// The parts from which an event's paths are made, looked up once; paths are normalised only when
// needed. None if the event's origin does not use the record's paths.
class EventPaths {
 public:
  struct Path {
    bool is_named = false;      // the record has the path that the caller passed
    bool same = false;          // it equals the path that the kernel resolved
    std::string_view name;      // as passed
    std::string_view base;      // where a relative name begins
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
