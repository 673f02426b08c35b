// SPDX-License-Identifier: Apache-2.0
// The tables that find entries.
#include "lang/compile/index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "base/hash.h"

namespace saker::lang {
namespace {

using program::GramRow;
using program::KeyRow;
using program::ProbeRow;
using program::Slice;

using ProbeId = std::pair<std::uint32_t, std::uint32_t>;  // kind and source

constexpr std::size_t worth_a_probe = 2;  // entries that a probe must exclude to be worthwhile

std::uint32_t size_of(const auto& rows) { return static_cast<std::uint32_t>(rows.size()); }

std::uint32_t slot_at(const std::string& text, std::size_t offset, unsigned slot_bits) {
  std::uint16_t two;
  std::memcpy(&two, text.data() + offset, 2);
  return program::gram_slot(two, slot_bits);
}

// Which guard each entry uses: the best guard all of whose probes are worthwhile; -1 for none.
std::vector<int> choose(const std::vector<std::vector<Guard>>& offers) {
  std::set<ProbeId> dropped;
  std::vector<int> chosen(offers.size(), -1);
  for (bool changed = true; changed;) {
    std::map<ProbeId, std::size_t> users;
    for (std::size_t entry = 0; entry < offers.size(); entry++) {
      chosen[entry] = -1;
      for (std::size_t i = 0; i < offers[entry].size() && chosen[entry] < 0; i++) {
        const std::vector<SearchKey>& keys = offers[entry][i].keys;
        bool usable = std::none_of(keys.begin(), keys.end(), [&](const SearchKey& key) {
          return dropped.contains({key.kind, key.source});
        });
        if (usable) chosen[entry] = static_cast<int>(i);
      }
      if (chosen[entry] < 0) continue;
      std::set<ProbeId> used;
      for (const SearchKey& key : offers[entry][static_cast<std::size_t>(chosen[entry])].keys) {
        used.insert({key.kind, key.source});
      }
      for (const ProbeId& probe : used) users[probe]++;
    }
    changed = false;
    for (const auto& [probe, count] : users) {
      if (count < worth_a_probe) changed = dropped.insert(probe).second || changed;
    }
  }
  return chosen;
}

}  // namespace

program::EventRow IndexMaker::add(const std::vector<Lit>& conditions) {
  std::vector<std::vector<Guard>> offers;
  for (Lit condition : conditions) offers.push_back(guards(condition));
  std::vector<int> chosen = choose(offers);
  Found found;
  std::vector<std::uint32_t> always;
  program::EventRow row;
  waiting_.clear();
  for (std::uint32_t entry = 0; entry < size_of(conditions); entry++) {
    row.views |= weights_.of(conditions[entry]).views;
    if (chosen[entry] < 0) {
      always.push_back(entry);
      continue;
    }
    for (const SearchKey& key : offers[entry][static_cast<std::size_t>(chosen[entry])].keys) {
      std::vector<std::uint32_t>& list = found[key];
      if (list.empty() || list.back() != entry) list.push_back(entry);
    }
  }
  row.always = add_positions(make_gates(conditions, always, row));
  row.probes.at = size_of(probes);
  for (auto from = found.cbegin(); from != found.cend();) {
    auto to = from;
    while (to != found.cend() && to->first.kind == from->first.kind &&
           to->first.source == from->first.source)
      ++to;
    add_probe(from, to);
    from = to;
  }
  row.probes.count = size_of(probes) - row.probes.at;
  return row;
}

// A requirement that several entries share decides about all of them at once. Returns the remaining
// entries.
std::vector<std::uint32_t> IndexMaker::make_gates(const std::vector<Lit>& conditions,
                                                  const std::vector<std::uint32_t>& always,
                                                  program::EventRow& row) {
  auto needs = [&](std::uint32_t entry) {
    const Logic::Node& node = logic_.node(node_of(conditions[entry]));
    bool all = !is_negated(conditions[entry]) && node.kind == Logic::Kind::all;
    return all ? node.children : std::vector<Lit>{};
  };
  std::map<Lit, std::uint32_t> users;
  for (std::uint32_t entry : always) {
    for (Lit lit : needs(entry)) users[lit]++;
  }
  std::map<Lit, std::vector<std::uint32_t>> gates;
  std::vector<std::uint32_t> left;
  for (std::uint32_t entry : always) {
    Lit best = always_true;
    auto worth = [&](Lit lit) {
      return (1 - weights_.of(lit).likely) * users[lit] / weights_.of(lit).cost;
    };
    for (Lit lit : needs(entry)) {
      bool usable = users[lit] > 1 && weights_.of(lit).cost < 30;
      if (usable && (best == always_true || worth(lit) > worth(best))) best = lit;
    }
    if (best == always_true) {
      left.push_back(entry);
    } else {
      gates[best].push_back(entry);
    }
  }
  row.gates.count = size_of(gates);
  for (const auto& [lit, list] : gates) waiting_.emplace_back(lit, list);
  return left;
}

// Called when the tests have their numbers.
void IndexMaker::finish_gates(program::EventRow& row,
                              const std::function<std::uint32_t(Lit)>& test) {
  row.gates = {size_of(gates), size_of(waiting_)};
  for (const auto& [lit, list] : waiting_) {
    gates.push_back({test(lit & ~Lit{1}), !is_negated(lit), add_positions(list)});
  }
}

Slice IndexMaker::add_positions(const std::vector<std::uint32_t>& list) {
  Slice slice{size_of(positions), size_of(list)};
  positions.insert(positions.end(), list.begin(), list.end());
  return slice;
}

void IndexMaker::add_probe(Found::const_iterator from, Found::const_iterator to) {
  ProbeRow row{from->first.kind, from->first.source, {}};
  switch (row.kind) {
    case ProbeRow::equal: row.table = make_keys(from, to); break;
    case ProbeRow::within: row.table = make_grams(from, to); break;
    default: row.table = make_trie(from, to, row.kind == ProbeRow::suffix);
  }
  probes.push_back(row);
}

Slice IndexMaker::make_keys(Found::const_iterator from, Found::const_iterator to) {
  auto count = static_cast<std::uint32_t>(std::distance(from, to));
  std::uint32_t size = std::bit_ceil(count * 2 + 1);
  std::uint32_t base = size_of(keys);
  keys.resize(base + size);
  for (; from != to; ++from) {
    const SearchKey& key = from->first;
    std::uint64_t hash = key.number ? hash_number(key.value) : hash_bytes(key.text);
    std::uint32_t at = static_cast<std::uint32_t>(hash) & (size - 1);
    while (keys[base + at].positions.count) at = (at + 1) & (size - 1);
    KeyRow& row = keys[base + at];
    row.hash = static_cast<std::uint32_t>(hash >> 32);
    row.number = key.number;
    row.value = key.value;
    row.positions = add_positions(from->second);
    if (!key.number) key_texts.emplace_back(base + at, key.text);
  }
  return {base, size};
}

Slice IndexMaker::make_trie(Found::const_iterator from, Found::const_iterator to, bool backward) {
  struct Growing {
    std::map<unsigned char, std::uint32_t> next;
    const std::vector<std::uint32_t>* positions = nullptr;
  };
  std::vector<Growing> trie(1);
  for (; from != to; ++from) {
    std::string text = from->first.text;
    if (backward) std::reverse(text.begin(), text.end());
    std::uint32_t at = 0;
    for (char c : text) {
      auto [next, fresh] = trie[at].next.try_emplace(static_cast<unsigned char>(c), size_of(trie));
      at = next->second;
      if (fresh) trie.emplace_back();
    }
    trie[at].positions = &from->second;
  }
  std::uint32_t base = size_of(nodes);
  for (const Growing& node : trie) {
    Slice slice{size_of(edges), size_of(node.next)};
    for (const auto& [byte, next] : node.next) edges.push_back({byte, base + next});
    nodes.push_back({slice, node.positions ? add_positions(*node.positions) : Slice{}});
  }
  return {base, size_of(trie)};
}

Slice IndexMaker::make_grams(Found::const_iterator from, Found::const_iterator to) {
  std::uint32_t base = size_of(grams);
  // Small enough to stay in the CPU cache, large enough that most positions in a value find their
  // slot empty.
  auto count = static_cast<std::uint32_t>(std::distance(from, to));
  auto slot_bits =
      static_cast<unsigned>(std::countr_zero(std::bit_ceil(std::clamp(count * 8, 256u, 65536u))));
  grams.resize(base + (1u << slot_bits));
  std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, Found::const_iterator>>> by_slot;
  for (; from != to; ++from) {
    const std::string& text = from->first.text;
    // Chooses the pair of bytes that is rarest in other values and has the emptiest slot; the last
    // of several, because texts differ more at their end.
    auto load = [&](std::size_t offset) {
      auto small = [&](std::size_t i) { return text[i] >= 'a' && text[i] <= 'z'; };
      return 2 * by_slot[slot_at(text, offset, slot_bits)].size() + small(offset) +
             small(offset + 1);
    };
    std::size_t best = 0;
    for (std::size_t offset = 0; offset + 2 <= text.size(); offset++) {
      if (load(offset) <= load(best)) best = offset;
    }
    by_slot[slot_at(text, best, slot_bits)].emplace_back(static_cast<std::uint32_t>(best), from);
  }
  for (const auto& [slot, list] : by_slot) {
    grams[base + slot].finds = {size_of(finds), size_of(list)};
    for (const auto& [offset, key] : list) {
      find_texts.emplace_back(size_of(finds), key->first.text);
      finds.push_back({{}, offset, add_positions(key->second)});
    }
  }
  return {base, 1u << slot_bits};
}

}  // namespace saker::lang
