// SPDX-License-Identifier: Apache-2.0
#include "match/explain/decision.h"

#include <algorithm>
#include <optional>

namespace saker::match {
namespace {

using lang::ExplainNode;
using lang::ExplainTest;
using lang::ExplainTree;
using Tests = std::vector<std::uint32_t>;

void add(Tests& to, const Tests& more) {
  to.insert(to.end(), more.begin(), more.end());
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

class Decision {
 public:
  Decision(const ExplainTree& tree, const Holds& tests, const std::vector<ExplainTest>& rows)
      : tree_(tree), tests_(tests), rows_(rows) {}

  // The tests that determine the node's value.
  Tests fixing(std::uint32_t number) const {
    const ExplainNode& node = tree_.nodes[number];
    if (node.kind == ExplainNode::Kind::test) return {node.test};
    if (node.kind == ExplainNode::Kind::negate) return fixing(node.children[0]);
    bool value = holds(tree_, tests_, number);
    bool every = (node.kind == ExplainNode::Kind::all) == value;
    std::optional<Tests> best;
    for (std::uint32_t child : node.children) {
      if (every) {
        if (!best) best.emplace();
        add(*best, fixing(child));
      } else if (holds(tree_, tests_, child) == value) {
        Tests one = fixing(child);
        if (!best || cost(one) < cost(*best)) best = std::move(one);
      }
    }
    return best.value_or(Tests{});
  }

  // The tests whose results must change to give the node this value; nothing if there are none.
  std::optional<Tests> changing(std::uint32_t number, bool wanted) const {
    const ExplainNode& node = tree_.nodes[number];
    if (holds(tree_, tests_, number) == wanted) return Tests{};
    if (node.kind == ExplainNode::Kind::test) return Tests{node.test};
    if (node.kind == ExplainNode::Kind::negate) return changing(node.children[0], !wanted);
    bool every = (node.kind == ExplainNode::Kind::all) == wanted;
    std::optional<Tests> best;
    if (every) best.emplace();
    for (std::uint32_t child : node.children) {
      std::optional<Tests> one = changing(child, wanted);
      if (every && !one) return std::nullopt;
      if (every)
        add(*best, *one);
      else if (one && (!best || change_cost(*one) < change_cost(*best)))
        best = std::move(one);
    }
    return best;
  }

  bool holds_with(const Tests& changed) const {
    Holds tests = tests_;
    for (std::uint32_t test : changed) tests[test] = !tests[test];
    return holds(tree_, tests);
  }

  // The first set of `size` tests from `from` whose common change makes the condition true.
  std::optional<Tests> search(const Tests& from, std::size_t size) const {
    Tests chosen;
    return search_more(from, 0, size, chosen) ? std::optional(chosen) : std::nullopt;
  }

  // The set without the tests that are not needed.
  Tests reduced(Tests changed) const {
    for (std::size_t i = changed.size(); i-- > 0;) {
      Tests fewer = changed;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (holds_with(fewer)) changed = std::move(fewer);
    }
    return changed;
  }

  // Every test of the tree except those that depend only on the event's type.
  Tests changeable() const {
    Tests found;
    for (const ExplainNode& node : tree_.nodes)
      if (node.kind == ExplainNode::Kind::test && !rows_[node.test].fixed) add(found, {node.test});
    return found;
  }

  std::size_t change_cost(const Tests& tests) const {
    std::size_t sum = 0;
    for (std::uint32_t test : tests) sum += rows_[test].fixed ? 1000 : 1;
    return sum;
  }

 private:
  // One test of the event's type says more than any other.
  std::size_t cost(const Tests& tests) const {
    std::size_t sum = 0;
    for (std::uint32_t test : tests) sum += rows_[test].event_type ? 1 : 2;
    return sum;
  }

  bool search_more(const Tests& from, std::size_t begin, std::size_t size, Tests& chosen) const {
    if (size == 0) return holds_with(chosen);
    for (std::size_t i = begin; i + size <= from.size(); i++) {
      chosen.push_back(from[i]);
      if (search_more(from, i + 1, size - 1, chosen)) return true;
      chosen.pop_back();
    }
    return false;
  }

  const ExplainTree& tree_;
  const Holds& tests_;
  const std::vector<ExplainTest>& rows_;
};

// The size up to which sets of tests are still tried one by one, for this many tests.
std::size_t searched_size(std::size_t tests) { return tests <= 40 ? 3 : tests <= 200 ? 2 : 1; }

}  // namespace

bool holds(const ExplainTree& tree, const Holds& tests, std::uint32_t number) {
  const ExplainNode& node = tree.nodes[number];
  switch (node.kind) {
    case ExplainNode::Kind::test: return tests[node.test];
    case ExplainNode::Kind::negate: return !holds(tree, tests, node.children[0]);
    default: break;
  }
  bool all = node.kind == ExplainNode::Kind::all;
  for (std::uint32_t child : node.children)
    if (holds(tree, tests, child) != all) return !all;
  return all;
}

std::vector<std::uint32_t> deciding(const ExplainTree& tree, const Holds& tests,
                                    const std::vector<ExplainTest>& rows) {
  return Decision(tree, tests, rows).fixing(0);
}

std::vector<std::uint32_t> nearest(const ExplainTree& tree, const Holds& tests,
                                   const std::vector<ExplainTest>& rows, Effort effort) {
  Decision decision(tree, tests, rows);
  if (holds(tree, tests)) return {};
  // First part by part. A test that occurs in several parts may have to be true in one and false in
  // another, or one change may be enough for all parts: then small sets are tried.
  Tests by_parts = decision.changing(0, true).value_or(Tests{});
  bool good = decision.holds_with(by_parts);
  if (good) by_parts = decision.reduced(std::move(by_parts));
  if (effort == Effort::quick) return good ? by_parts : Tests{};
  Tests changeable = decision.changeable();
  std::size_t most = searched_size(changeable.size());
  if (good) most = std::min(most, decision.change_cost(by_parts) - 1);
  for (std::size_t size = 1; size <= most; size++)
    if (std::optional<Tests> found = decision.search(changeable, size)) return *found;
  return good ? by_parts : Tests{};
}

}  // namespace saker::match
