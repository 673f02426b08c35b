// SPDX-License-Identifier: Apache-2.0
// Which processes cause the work, from a sample of the events: the busiest, in a table of fixed
// size. A process that is not in it takes the place of the least busy one, so no number of
// processes takes more memory or hides a busy one for long. The drain thread notes and never waits;
// any thread reads.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "enrich/process.h"

namespace saker::run {

class ProcessSamples {
 public:
  static constexpr std::size_t most = 128;
  struct Row {
    std::uint32_t pid = 0;
    std::string comm, container;  // its id; "": the host's
    std::uint64_t events = 0, cycles = 0;
  };

  // The event stands for `weight` of them.
  void note(const enrich::Process& process, std::uint64_t cycles, std::uint32_t weight);
  void forget();
  std::vector<Row> rows() const;

 private:
  struct Kept {
    std::uint32_t pid = 0;
    char comm[16] = {}, container[16] = {};
    std::uint64_t events = 0, cycles = 0;
    std::uint64_t rank = 0;  // its events, and those of the process whose place it took
  };
  mutable std::mutex lock_;  // guards the rest
  std::array<Kept, most> kept_;
};

}  // namespace saker::run
