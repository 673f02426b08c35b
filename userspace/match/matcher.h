// SPDX-License-Identifier: Apache-2.0
// Runs a compiled program over events. Program: immutable, made at load, shared by any number of
// threads; must outlive its Matchers. Matcher: one per thread; owns the scratch. Matching takes no
// lock and allocates nothing once its caches are warm. To replace the program, make new Matchers
// between two batches.
#pragma once

#include <saker/event.h>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "match/fields.h"
#include "match/rule_costs.h"

namespace saker::match {

struct RuleInfo {
  std::string_view name, output, desc, source;
  std::span<const std::string_view> tags;  // sorted
  std::uint8_t priority = 7;               // 0 Emergency ... 7 Debug
  std::uint32_t index = 0;                 // in the RuleSet from which it was compiled
  bool capture = false;                    // its alerts make a recording
  std::uint32_t capture_ms = 0;            // ... of this length after it; 0: as configured
};

class Program {
 public:
  // Takes the bytes of a program (from lang::compile, or from a file) and verifies them: whatever
  // they are, a loaded program cannot make a Matcher read out of bounds or loop forever.
  static Result<std::unique_ptr<Program>> load(std::vector<std::byte> bytes);
  ~Program();

  std::size_t rule_count() const;
  const RuleInfo& rule(std::uint32_t index) const;
  // Events that some rule asks for, and those that a rule of priority Critical or above asks for,
  // as SAKER_EV_*.
  const std::bitset<SAKER_EV_MAX>& asked_events() const;
  const std::bitset<SAKER_EV_MAX>& urgent_events() const;
  // Both, plus events that only foreign sources have.
  const fields::KindSet& asked_kinds() const;
  // Names that rules compare with the names of addresses.
  std::vector<std::string_view> asked_names() const;
  std::span<const std::byte> bytes() const;

  struct Parts;  // for the files of match/ that run it

 private:
  friend class Matcher;
  explicit Program(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

struct Verdict {
  std::uint32_t rule = 0;      // Program::rule
  bool resolved_view = false;  // true only in the resolved view of the paths
};

class Matcher {
 public:
  explicit Matcher(const Program& program, const enrich::Users* users = nullptr);
  ~Matcher();

  // The matching rules, in the order of their definition (only the first with rule_matching first).
  // Valid until the next call.
  std::span<const Verdict> match(const Event& event);
  // The same, timed: the event counts `weight` times.
  std::span<const Verdict> match_timed(const Event& event, RuleCosts& costs, std::uint32_t weight);
  // Call it between two events when the users have changed.
  void use(const enrich::Users* users);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace saker::match
