// SPDX-License-Identifier: Apache-2.0
// Converts events of older writers to today's form, so that all later code knows only one form:
// parameters that used to be in a call's enter event are appended to those of its exit. Keeps one
// enter event per thread. One thread; the data of a converted event is valid until the next call.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "scap/event.h"

namespace saker::scap {

class Converter {
 public:
  // False: the event is not passed on (kept for its exit, obsolete, or unused).
  bool convert(CaptureEvent& event);
  // The thread ended: nothing will ask for the event kept for it.
  void forget(std::int64_t tid) { kept_.erase(tid); }
  // Events with a number of parameters that no known writer makes; they were used as they are, or
  // dropped.
  std::uint64_t odd() const { return odd_; }

 private:
  struct Kept {
    std::uint16_t type = 0;
    unsigned count = 0;  // 0 parameters and type 0: nothing
    bool filled = false;
    std::array<std::uint32_t, most_params> lengths{};
    std::string bytes;
  };
  void keep(const CaptureEvent& event);
  Kept* kept_for(const CaptureEvent& event);
  void rewrite(CaptureEvent& event, std::uint16_t target, const char* recipe);
  std::string container_json(const CaptureEvent& event) const;

  std::unordered_map<std::int64_t, Kept> kept_;
  std::string json_;
  std::string used_;  // copy of the enter event that the current event points into
  std::uint64_t odd_ = 0;
};

}  // namespace saker::scap
