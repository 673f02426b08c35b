// SPDX-License-Identifier: Apache-2.0
// Conditions of rules as trees to be explained: each inner node with the macros and the exception
// it came from, each test once however many rules ask it. Refers to the rule set, which must
// outlive it. Plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lang/rules.h"

namespace saker::lang {

struct ExplainNode {
  enum class Kind : std::uint8_t { all, any, negate, test } kind = Kind::test;
  std::vector<std::uint32_t> children;  // nodes of the same tree, with greater numbers
  std::vector<std::string> macros;      // outermost first
  std::string exception;                // its name, at the node that stands for all of its values
  std::uint32_t test = 0;               // test: row of ExplainForest::tests
};

// A comparison. `text` is what a person reads: a list by its name with the number of its values, a
// long list cut.
struct ExplainTest {
  const Expr* check = nullptr;
  std::string text, whole;  // whole: as print() has it
  bool event_type = false;  // asks for nothing but the type of the event
  bool fixed = false;       // asks for nothing that could have been done otherwise: type or number
};

// The first node is the root.
struct ExplainTree {
  const Rule* rule = nullptr;
  std::vector<ExplainNode> nodes;
};

class ExplainForest {
 public:
  explicit ExplainForest(const RuleSet& rules) : rules_(rules) {}

  // The tree of a rule; valid until the next call.
  const ExplainTree& add(const Rule& rule);

  const std::vector<ExplainTest>& tests() const { return tests_; }
  const std::vector<ExplainTree>& trees() const { return trees_; }

 private:
  std::uint32_t add_node(ExplainTree& tree, const Expr& expr, const std::string& written);
  std::uint32_t add_test(const Expr& check, const std::string& written);
  std::string readable(const Expr& check, const std::string& written) const;
  const std::string& condition_of(const Expr& expr, const std::string& written) const;

  const RuleSet& rules_;
  std::vector<ExplainTest> tests_;
  std::vector<ExplainTree> trees_;
  std::unordered_map<std::string, std::uint32_t> by_text_;
};

}  // namespace saker::lang
