// SPDX-License-Identifier: Apache-2.0
// Conditions of rules as trees to be explained: each inner node has the macros and the exception
// that it came from; each test exists once, however many rules contain it. Refers to the rule set,
// which must outlive it. Plain data.
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
  std::vector<std::uint32_t> children;  // nodes of the same tree, with larger numbers
  std::vector<std::string> macros;      // outermost first
  std::string exception;                // its name, at the node that stands for all of its values
  std::uint32_t test = 0;               // test: row of ExplainForest::tests
};

// A comparison. `text` is for people: a list is shown by its name and number of values, a long list
// is cut.
struct ExplainTest {
  const Expr* check = nullptr;
  std::string text, whole;  // whole: as print() writes it
  bool event_type = false;  // tests only the type of the event
  // tests only what the process could not have done differently: type or number
  bool fixed = false;
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
