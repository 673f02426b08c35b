// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/substitute.h"

#include <algorithm>
#include <optional>

namespace saker::lang {
namespace {

constexpr std::string_view blanks = " \t\n\r";
constexpr std::string_view delimiters = " \t\n\r(),=";
constexpr std::size_t none = static_cast<std::size_t>(-1);

bool is_one_of(std::string_view set, char c) { return set.find(c) != set.npos; }

// Even a list that replaces nothing counts for Falco's order: each list is searched once, in order
// of definition.
bool bounded(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || is_one_of(delimiters, text[begin - 1])) &&
         (end == text.size() || is_one_of(delimiters, text[end]));
}

}  // namespace

ListTable::ListTable(const Collector& collector) {
  lists_.resize(collector.lists().size());
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    lists_[i].name = collector.lists()[i].name.text;
    resolve_items(collector, collector.lists()[i], lists_[i]);
    if (lists_[i].name.find_first_of(delimiters) != std::string::npos) odd_.push_back(i);
  }
  for (std::size_t i = 0; i < lists_.size(); ++i) by_name_.emplace(lists_[i].name, i);
}

void ListTable::resolve_items(const Collector& collector, const CollectedList& list,
                              ResolvedList& resolved) {
  for (const TextAt& item : list.items) {
    if (overflowed()) return;
    const std::size_t inner = collector.find_list(item.text);
    if (inner == none || collector.lists()[inner].index >= list.visibility) {
      resolved.items.push_back(item);
      ++total_items_;
      continue;
    }
    lists_[inner].used = true;
    const std::vector<TextAt>& raw = collector.lists()[inner].items;
    total_items_ += raw.size();
    if (overflowed()) return;
    resolved.items.insert(resolved.items.end(), raw.begin(), raw.end());
  }
  for (const TextAt& item : resolved.items) {
    if (!resolved.joined.empty()) resolved.joined.append_for(", ", item.origin);
    const bool quoted = !item.text.empty() && (item.text[0] == '"' || item.text[0] == '\'');
    const bool quotes = item.text.find(' ') != std::string::npos && !quoted;
    resolved.joined.append_for(quotes ? '"' + item.text + '"' : item.text, item.origin);
  }
}

std::size_t ListTable::next_list(std::string_view text, std::size_t last) const {
  std::size_t best = none;
  const auto consider = [&](std::size_t list) {
    if (last == none || list > last) best = std::min(best, list);
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(delimiters, begin), text.size());
    if (end != begin)
      if (const auto found = by_name_.find(text.substr(begin, end - begin));
          found != by_name_.end())
        consider(found->second);
    begin = end + 1;
  }
  for (const std::size_t list : odd_)
    if (text.find(lists_[list].name) != text.npos) consider(list);
  return best;
}

std::optional<MappedText> ListTable::replace(const MappedText& text, ResolvedList& list,
                                             std::size_t limit) const {
  const std::string& from = text.text();
  MappedText to;
  std::size_t copied = 0;
  for (std::size_t at = from.find(list.name); at != std::string::npos;
       at = from.find(list.name, at + 1)) {
    if (at < copied || !bounded(from, at, at + list.name.size())) continue;
    list.used = true;
    std::size_t begin = at, end = at + list.name.size();
    while (begin > copied && is_one_of(blanks, from[begin - 1])) --begin;
    while (end < from.size() && is_one_of(blanks, from[end])) ++end;
    if (list.items.empty()) {
      if (begin > copied && from[begin - 1] == ',')
        --begin;
      else if (end < from.size() && from[end] == ',')
        ++end;
    }
    const SourcePlace name = text.origin(at);
    to.append(text, copied, begin);
    if (begin > 0) to.append_for(" ", name);
    to.append(list.joined);
    to.append_for(" ", name);
    copied = end;
    if (to.text().size() > limit) return std::nullopt;
  }
  to.append(text, copied, from.size());
  if (to.text().size() > limit) return std::nullopt;
  return to;
}

std::optional<MappedText> ListTable::substitute(const MappedText& text, std::size_t limit) {
  MappedText current = text;
  for (std::size_t list = next_list(current.text(), none); list != none;
       list = next_list(current.text(), list)) {
    std::optional<MappedText> next = replace(current, lists_[list], limit);
    if (!next) return std::nullopt;
    current = std::move(*next);
  }
  return current;
}

}  // namespace saker::lang
