// SPDX-License-Identifier: Apache-2.0
// Conditions into tests and their code. A part that several rules share, or that depends only on
// the process image, becomes a test of its own; the rest becomes jumps. Used only by the compiler.
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

  // Moves the parts below `lit` that depend only on the process into separate parts.
  Lit split(Lit lit);
  // Counts the users of each part. Call it once for every entry, before the first call of test().
  void count(Lit root);
  // A part that is asked at events other than exec, so that its result is worth caching with the
  // process.
  void keep(Lit root);
  std::uint32_t test(Lit lit);

  std::vector<program::TestRow> tests;
  std::vector<program::StepRow> steps;
  std::uint32_t kept_bits = 0;

 private:
  // Labels count from the end of the code, because it is generated backwards: the target of a jump
  // already exists.
  struct Backward {
    std::vector<program::StepRow> steps;
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
