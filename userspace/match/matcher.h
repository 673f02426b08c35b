// SPDX-License-Identifier: Apache-2.0
// A compiled program over events. Program: immutable, made at load, shared by any number of
// threads; must outlive its Matchers. Matcher: one per thread; holds the scratch. Matching takes no
// lock and, once warm, allocates nothing. A new program is put in by making new Matchers between
// two batches.
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
  std::uint32_t index = 0;                 // in the RuleSet it was compiled from
  bool capture = false;                    // its alerts make a recording
  std::uint32_t capture_ms = 0;            // ... of so much after it; 0: as configured
};

class Program {
 public:
  // Takes the bytes of a program (as lang::compile makes them, or a file) and verifies them:
  // whatever they are, a program that was loaded cannot make a Matcher read out of bounds or run
  // on.
  static Result<std::unique_ptr<Program>> load(std::vector<std::byte> bytes);
  ~Program();

  std::size_t rule_count() const;
  const RuleInfo& rule(std::uint32_t index) const;
  // Events some rule asks for, and those a rule of priority Critical or worse asks for, as
  // SAKER_EV_*.
  const std::bitset<SAKER_EV_MAX>& asked_events() const;
  const std::bitset<SAKER_EV_MAX>& urgent_events() const;
  // Both, and what only foreign sources have.
  const fields::KindSet& asked_kinds() const;
  // Names that rules compare those of addresses with.
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
  bool resolved_view = false;  // true only with the paths as the kernel resolved them
};

class Matcher {
 public:
  explicit Matcher(const Program& program, const enrich::Users* users = nullptr);
  ~Matcher();

  // The rules that hold, in the order of their definition (only the first with rule_matching
  // first). Valid until the next call.
  std::span<const Verdict> match(const Event& event);
  // The same, timed: the event stands for `weight` of them.
  std::span<const Verdict> match_timed(const Event& event, RuleCosts& costs, std::uint32_t weight);
  // Between two events: the users changed.
  void use(const enrich::Users* users);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace saker::match
