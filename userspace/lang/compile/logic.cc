// SPDX-License-Identifier: Apache-2.0
#include "lang/compile/logic.h"

#include <algorithm>

#include "base/hash.h"

namespace saker::lang {

std::size_t Logic::ListHash::operator()(const std::vector<Lit>& list) const {
  return hash_bytes({reinterpret_cast<const char*>(list.data()), list.size() * sizeof(Lit)});
}

Lit Logic::atom(std::uint32_t predicate) {
  auto [at, fresh] = atoms_.try_emplace(predicate, static_cast<Lit>(nodes_.size() << 1));
  if (fresh)
    nodes_.push_back({.kind = Kind::atom, .predicate = predicate, .types = {}, .children = {}});
  return at->second;
}

Lit Logic::type(const TypeSet& types) {
  auto [at, fresh] = types_.try_emplace(types, static_cast<Lit>(nodes_.size() << 1));
  if (fresh) nodes_.push_back({.kind = Kind::type, .predicate = 0, .types = types, .children = {}});
  return at->second;
}

Lit Logic::all(std::vector<Lit> children) {
  std::vector<Lit> flat;
  for (Lit child : children) {
    if (child == always_false) return always_false;
    if (child == always_true) continue;
    const Node& node = nodes_[node_of(child)];
    if (!is_negated(child) && node.kind == Kind::all) {
      flat.insert(flat.end(), node.children.begin(), node.children.end());
    } else {
      flat.push_back(child);
    }
  }
  std::sort(flat.begin(), flat.end());
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  // A node and its negation are adjacent.
  for (std::size_t i = 1; i < flat.size(); i++) {
    if (node_of(flat[i]) == node_of(flat[i - 1])) return always_false;
  }
  return intern_all(std::move(flat));
}

Lit Logic::any(std::vector<Lit> children) {
  for (Lit& child : children) child = negated(child);
  return negated(all(std::move(children)));
}

Lit Logic::intern_all(std::vector<Lit> children) {
  if (children.empty()) return always_true;
  if (children.size() == 1) return children[0];
  auto at = conjunctions_.find(children);
  if (at != conjunctions_.end()) return at->second;
  Lit lit = static_cast<Lit>(nodes_.size() << 1);
  conjunctions_.emplace(children, lit);
  nodes_.push_back(
      {.kind = Kind::all, .predicate = 0, .types = {}, .children = std::move(children)});
  return lit;
}

Lit AtEvent::operator()(Lit lit) {
  Lit plain = substitute(node_of(lit));
  return is_negated(lit) ? negated(plain) : plain;
}

Lit AtEvent::substitute(std::uint32_t index) {
  // By value: the graph grows below, so a reference would dangle.
  Logic::Kind kind = logic_.node(index).kind;
  if (kind == Logic::Kind::constant || kind == Logic::Kind::atom) return index << 1;
  if (kind == Logic::Kind::type) {
    return logic_.node(index).types[event_] ? always_true : always_false;
  }
  auto known = done_.find(index);
  if (known != done_.end()) return known->second;
  std::vector<Lit> children = logic_.node(index).children;
  for (Lit& child : children) child = (*this)(child);
  Lit result = logic_.all(std::move(children));
  done_.emplace(index, result);
  return result;
}

}  // namespace saker::lang
