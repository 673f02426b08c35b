// SPDX-License-Identifier: Apache-2.0
// Finds the entries that can match. For each entry it chooses a few texts, one of which must occur
// if the entry is to match, and builds tables of them over all entries of an event. So the cost of
// an event grows with the number of entries that could match, not with the number of all entries.
// Used only by the compiler.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lang/compile/logic.h"
#include "lang/compile/tables.h"
#include "lang/compile/weight.h"
#include "lang/program.h"

namespace saker::lang {

// A text that the value of a source must equal, begin with, end with, or contain.
struct SearchKey {
  std::uint32_t kind = program::ProbeRow::equal;
  std::uint32_t source = 0;
  bool number = false;
  std::uint64_t value = 0;
  std::string text;
  bool operator<(const SearchKey& other) const {
    return std::tie(kind, source, number, value, text) <
           std::tie(other.kind, other.source, other.number, other.value, other.text);
  }
};

// One of the keys occurs whenever the condition is true.
struct Guard {
  std::vector<SearchKey> keys;
  double likely = 1;  // estimate of how often one of them occurs
};

class IndexMaker {
 public:
  IndexMaker(const TableMaker& tables, const Logic& logic, Weights& weights);

  // The entries of one event, in their order, given by their conditions.
  program::EventRow add(const std::vector<Lit>& conditions);

  // Call it after each add(), with the numbers of tests.
  void finish_gates(program::EventRow& row, const std::function<std::uint32_t(Lit)>& test);

  std::vector<std::uint32_t> positions;
  std::vector<program::ProbeRow> probes;
  std::vector<program::KeyRow> keys;
  std::vector<program::NodeRow> nodes;
  std::vector<program::EdgeRow> edges;
  std::vector<program::GramRow> grams;
  std::vector<program::FindRow> finds;
  std::vector<program::GateRow> gates;
  std::vector<std::pair<std::uint32_t, std::string>> find_texts,
      key_texts;  // row and text, for TableMaker::text

 private:
  using Found = std::map<SearchKey, std::vector<std::uint32_t>>;  // key to positions of entries

  // The best guards of a condition, best first; none: no text to search by.
  const std::vector<Guard>& guards(Lit lit);
  std::vector<Guard> guards_of_node(Lit lit);
  std::vector<Guard> guard_of_predicate(std::uint32_t predicate);
  std::vector<Guard> guards_of_all(const std::vector<Lit>& children);
  std::vector<Guard> guards_of_any(const std::vector<Lit>& children);
  double likely(const SearchKey& key) const;

  std::vector<std::uint32_t> make_gates(const std::vector<Lit>& conditions,
                                        const std::vector<std::uint32_t>& always,
                                        program::EventRow& row);
  void add_probe(Found::const_iterator from, Found::const_iterator to);
  program::Slice make_keys(Found::const_iterator from, Found::const_iterator to);
  program::Slice make_trie(Found::const_iterator from, Found::const_iterator to, bool backward);
  program::Slice make_grams(Found::const_iterator from, Found::const_iterator to);
  program::Slice add_positions(const std::vector<std::uint32_t>& list);

  const TableMaker& tables_;
  const Logic& logic_;
  Weights& weights_;
  std::unordered_map<Lit, std::vector<Guard>> known_;
  std::vector<std::pair<Lit, std::vector<std::uint32_t>>> waiting_;  // gates of the current event
  // by source: texts searched anywhere in the value
  std::unordered_map<std::uint32_t, unsigned> substrings_;
};

}  // namespace saker::lang
