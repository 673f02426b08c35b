// SPDX-License-Identifier: Apache-2.0
// Estimates of what a test costs and how often it is true. Used only to order tests and to choose
// what to search by: a wrong estimate costs time, but never changes a verdict. Used only by the
// compiler.
#pragma once

#include <unordered_map>
#include <vector>

#include "lang/compile/logic.h"
#include "lang/compile/tables.h"

namespace saker::lang {

struct Weight {
  double cost = 1;       // about nanoseconds
  double likely = 0.5;   // probability of true
  bool process = false;  // depends only on the process image
  bool views = false;
};

class Weights {
 public:
  Weights(const TableMaker& tables, const Logic& logic) : tables_(tables), logic_(logic) {}

  Weight of(Lit lit);
  // Children of a conjunction, in the best order of evaluation.
  std::vector<Lit> order(const std::vector<Lit>& children);

 private:
  Weight of_predicate(std::uint32_t predicate) const;
  Weight of_node(std::uint32_t node);

  const TableMaker& tables_;
  const Logic& logic_;
  std::unordered_map<std::uint32_t, Weight> known_;
};

}  // namespace saker::lang
