// SPDX-License-Identifier: Apache-2.0
// Random conditions and random events made from the same few values, so that they often match. Only
// for tests.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "record_builder.h"

namespace saker::testing {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename List>
  const auto& of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937_64 engine_;
};

// Text of a rule file with `count` rules r0, r1, ..., to be loaded with these static fields.
std::string random_rules(Chance& chance, std::size_t count);
std::map<std::string, std::string> random_static_fields();

// Processes and records to test with; they live as long as this object.
class RandomEvents {
 public:
  explicit RandomEvents(Chance& chance);
  const std::vector<std::uint64_t>& record(Chance& chance);
  // An event type by its name, also of a foreign source.
  const std::vector<std::uint64_t>& record(Chance& chance, std::string_view type);
  const enrich::Process* process(Chance& chance) { return &chance.of(processes_)->process; }

 private:
  std::deque<enrich::Container> containers_;
  std::vector<std::unique_ptr<ProcessBox>> processes_;
  std::vector<std::uint64_t> record_;
};

}  // namespace saker::testing
