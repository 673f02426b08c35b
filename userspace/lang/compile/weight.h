// SPDX-License-Identifier: Apache-2.0
// What a question costs and how often it is answered yes: guesses, used for nothing but the order
// of questions and the choice of what to search by. A wrong guess costs time, never a verdict. Used
// by the compiler alone.
#pragma once

#include <unordered_map>
#include <vector>

#include "lang/compile/logic.h"
#include "lang/compile/tables.h"

namespace saker::lang {

struct Weight {
  double cost = 1;       // about nanoseconds
  double likely = 0.5;   // of yes
  bool process = false;  // the process image alone decides
  bool views = false;
};

class Weights {
 public:
  Weights(const Tables& tables, const Logic& logic) : tables_(tables), logic_(logic) {}

  Weight of(Lit lit);
  // Children of a conjunction, the best to ask first first.
  std::vector<Lit> order(const std::vector<Lit>& children);

 private:
  Weight of_predicate(std::uint32_t predicate) const;
  Weight of_node(std::uint32_t node);

  const Tables& tables_;
  const Logic& logic_;
  std::unordered_map<std::uint32_t, Weight> known_;
};

}  // namespace saker::lang
