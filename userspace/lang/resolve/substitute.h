// SPDX-License-Identifier: Apache-2.0
// Replaces names of lists in the text of a condition by their items, as text and before parsing, as
// Falco does: a name inside quotes is replaced too if it is between spaces, parentheses, commas or
// '='. Belongs to one load; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/read/collector.h"
#include "lang/read/sources.h"

namespace saker::lang {

class ListTable {
 public:
  explicit ListTable(const Collector& collector);

  // Nothing if the text would become longer than `limit` bytes.
  std::optional<MappedText> substitute(const MappedText& text, std::size_t limit);

  const std::vector<TextAt>& items(std::size_t list) const { return lists_[list].items; }
  // Nested lists grew beyond the limit; the items are incomplete.
  bool overflowed() const { return total_items_ > most_items; }
  static constexpr std::size_t most_items = 2u << 20;
  bool used(std::size_t list) const { return lists_[list].used; }

 private:
  struct ResolvedList {
    std::string name;
    std::vector<TextAt> items;  // nested lists replaced one level deep
    MappedText joined;          // "a, b", values with spaces quoted
    bool used = false;
  };
  void resolve_items(const Collector& collector, const CollectedList& list, ResolvedList& resolved);
  // The first list, in order of definition and after `last`, whose name is in the text.
  std::size_t next_list(std::string_view text, std::size_t last) const;
  std::optional<MappedText> replace(const MappedText& text, ResolvedList& list,
                                    std::size_t limit) const;

  std::vector<ResolvedList> lists_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::size_t total_items_ = 0;
  std::vector<std::size_t> odd_;  // names that contain delimiters: found only by searching
};

}  // namespace saker::lang
