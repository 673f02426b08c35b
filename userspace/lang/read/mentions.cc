// SPDX-License-Identifier: Apache-2.0
#include "lang/read/mentions.h"

#include <algorithm>

#include "base/hash.h"

namespace saker::lang {
namespace {

constexpr std::string_view delimiters = " \t\n\r(),=";  // lists are inserted between these

bool in_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

}  // namespace

void Mentions::define(std::string_view name) {
  if (name.find_first_of(delimiters) != name.npos || words_.size() >= most_words ||
      words_.contains(hash_bytes(name)))
    reach_back_ = true;
}

void Mentions::note_word(std::string_view word) {
  if (!word.empty() && fresh_.size() < most_words) fresh_.insert(hash_bytes(word));
}

// Notes the words by which lists are found; for words with other characters also their parts, for
// macros.
void Mentions::note(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(delimiters, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    note_word(word);
    if (!std::all_of(word.begin(), word.end(), in_names)) {
      for (auto at = word.begin(); at != word.end();) {
        const auto stop = std::find_if_not(at, word.end(), in_names);
        note_word({at, stop});
        at = std::find_if(stop, word.end(), in_names);
      }
    }
    begin = end + 1;
  }
}

void Mentions::note(const ExceptionEntry& exception) {
  for (const TextAt& field : exception.fields) note(field.text);
  for (const TextAt& comp : exception.comps) note(comp.text);
  for (const ExceptionEntry::Tuple& tuple : exception.values)
    for (const ExceptionEntry::Value& value : tuple.values)
      for (const TextAt& item : value.items) note(item.text);
}

void Mentions::add(const Entry& entry) {
  if (const auto* list = std::get_if<ListEntry>(&entry)) {
    define(list->name.text);
    for (const TextAt& item : list->items) note(item.text);
  } else if (const auto* macro = std::get_if<MacroEntry>(&entry)) {
    define(macro->name.text);
    note(macro->condition.text());
  } else if (const auto* rule = std::get_if<RuleEntry>(&entry)) {
    if (rule->condition) note(rule->condition->text());
    if (!rule->exceptions) return;
    for (const ExceptionEntry& exception : *rule->exceptions) note(exception);
  }
}

void Mentions::end_file() {
  words_.merge(fresh_);
  fresh_.clear();
  reach_back_ = false;
}

}  // namespace saker::lang
