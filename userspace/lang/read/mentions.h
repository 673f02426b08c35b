// SPDX-License-Identifier: Apache-2.0
// Every word in the conditions and lists of the files before the one in hand: a list or macro of a
// name among them may change what is true of those files, any other cannot. Belongs to one load;
// not thread safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "lang/read/reader.h"

namespace saker::lang {

class Mentions {
 public:
  // Of the file in hand.
  void add(const Entry& entry);
  // Whether it has defined, replaced or appended to something that files before it may mention.
  bool reach_back() const { return reach_back_; }
  void end_file();

 private:
  // Hashes: two words with the same one only make more of what must be looked at.
  using Words = std::unordered_set<std::uint64_t>;
  static constexpr std::size_t most_words = 1u << 20;  // beyond, everything counts as mentioned

  void define(std::string_view name);
  void note_word(std::string_view word);
  void note(std::string_view text);
  void note(const ExceptionEntry& exception);

  Words words_, fresh_;  // of files before, of this one
  bool reach_back_ = false;
};

}  // namespace saker::lang
