// SPDX-License-Identifier: Apache-2.0
// Conditions as a graph: conjunctions over atoms, with edges that may negate; a disjunction is a
// negated conjunction of negations. Equal parts of all rules are one node, whichever macro they
// came from. Used only by the compiler.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "lang/fields.h"

namespace saker::lang {

// A node; the lowest bit set means negated.
using Lit = std::uint32_t;
constexpr Lit always_true = 0, always_false = 1;
constexpr Lit negated(Lit lit) { return lit ^ 1; }
constexpr std::uint32_t node_of(Lit lit) { return lit >> 1; }
constexpr bool is_negated(Lit lit) { return lit & 1; }

using TypeSet = KindSet;

class Logic {
 public:
  enum class Kind : std::uint8_t { constant, atom, type, all };
  struct Node {
    Kind kind = Kind::constant;
    std::uint32_t predicate = 0;  // atom
    TypeSet types;                // type: true for these events
    std::vector<Lit> children;    // all: sorted, two or more
  };

  Logic() : nodes_(1) {}

  Lit atom(std::uint32_t predicate);
  Lit type(const TypeSet& types);
  Lit all(std::vector<Lit> children);
  Lit any(std::vector<Lit> children);
  // A conjunction that stays separate; it is not merged into a conjunction above it.
  Lit group(std::vector<Lit> children) { return intern_all(std::move(children)); }

  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  std::size_t size() const { return nodes_.size(); }

 private:
  struct ListHash {
    std::size_t operator()(const std::vector<Lit>& list) const;
  };
  Lit intern_all(std::vector<Lit> children);

  std::vector<Node> nodes_;
  std::unordered_map<std::uint32_t, Lit> atoms_;
  std::unordered_map<TypeSet, Lit> types_;
  std::unordered_map<std::vector<Lit>, Lit, ListHash> conjunctions_;
};

// The same conditions at one event, with tests of the event type already answered. Make one per
// event.
class AtEvent {
 public:
  AtEvent(Logic& logic, unsigned event) : logic_(logic), event_(event) {}
  Lit operator()(Lit lit);

 private:
  Lit substitute(std::uint32_t node);

  Logic& logic_;
  unsigned event_;
  std::unordered_map<std::uint32_t, Lit> done_;
};

}  // namespace saker::lang
