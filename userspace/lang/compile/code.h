// SPDX-License-Identifier: Apache-2.0
// Conditions into tests and their codes: a part that several rules share, or that the process image
// alone decides, is a test of its own; the rest is jumps. Used by the compiler alone.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "lang/compile/logic.h"
#include "lang/compile/tables.h"
#include "lang/compile/weight.h"
#include "lang/program.h"

namespace saker::lang {

class CodeMaker {
 public:
  CodeMaker(Logic& logic, Weights& weights) : logic_(logic), weights_(weights) {}

  // Gathers questions on the process alone below `lit` into parts of their own.
  Lit split(Lit lit);
  // Counts the users of each part. Once for every entry, before the first call of test().
  void count(Lit root);
  // A question that is asked at events other than exec: worth being kept with the process.
  void keep(Lit root);
  std::uint32_t test(Lit lit);

  std::vector<program::Test> tests;
  std::vector<program::Step> steps;
  std::uint32_t kept_bits = 0;

 private:
  // Labels count from the end of the code, for it is made backwards: what a step jumps to is there
  // already.
  struct Backward {
    std::vector<program::Step> steps;
  };
  std::uint32_t generate(Lit lit, std::uint32_t yes, std::uint32_t no, Backward& code);
  std::uint32_t ask(std::uint32_t node, std::uint32_t yes, std::uint32_t no, Backward& code);
  std::uint32_t test_of_node(std::uint32_t node);
  std::uint32_t add_code(Lit lit);
  bool stands_alone(std::uint32_t node);
  std::uint32_t bit_for(std::uint32_t node);

  Logic& logic_;
  Weights& weights_;
  std::unordered_map<Lit, Lit> split_;
  std::unordered_map<std::uint32_t, std::uint32_t> users_;
  std::unordered_map<std::uint32_t, bool> kept_;
  std::unordered_map<Lit, std::uint32_t> made_;
};

}  // namespace saker::lang
