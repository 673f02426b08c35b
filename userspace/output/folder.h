// SPDX-License-Identifier: Apache-2.0
// Folds repeats: the first alert with a rule and a message passes at once; those that follow within
// the window become one alert at its end, with their number and times. Nothing is dropped: if there
// is no space to remember an alert, it passes unchanged. The space of one rule is bounded, so that
// many different alerts of one rule cannot take the space of others. For the output thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "output/alert.h"

namespace saker::output {

class Folder {
 public:
  static constexpr std::size_t most_messages = 8192, most_of_rule = 256;
  static constexpr std::size_t longest_message = 4096;

  // 0: nothing is folded. Open folds end at their original time.
  void set_window(std::uint64_t ns) { window_ns_ = ns; }
  // Whether it is a repeat; if so, it is kept until due() returns it. `now`: CLOCK_BOOTTIME ns.
  bool take(const std::shared_ptr<Alert>& alert, std::uint64_t now);
  // One alert for all repeats of each message whose window has ended; `all`: of every message.
  std::vector<std::shared_ptr<Alert>> due(std::uint64_t now, bool all = false);
  bool empty() const { return open_.empty(); }

 private:
  struct Open {
    std::uint64_t ends = 0;
    std::uint64_t first = 0, last = 0;  // times of repeats, wall clock ns
    std::uint64_t repeats = 0;
    std::shared_ptr<Alert> latest;
  };
  using Key = std::pair<std::string, std::string>;  // rule, message

  std::uint64_t window_ns_ = 0;
  std::map<Key, Open> open_;
  std::map<std::string, std::size_t> of_rule_;
};

// "repeated" in JSON, and at the end of the text.
void add_repeats(Alert& alert, std::uint64_t count, std::uint64_t first_ns, std::uint64_t last_ns);

}  // namespace saker::output
