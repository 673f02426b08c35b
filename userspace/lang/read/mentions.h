// SPDX-License-Identifier: Apache-2.0
// Every word in the conditions and lists of the files before the current one. A list or macro whose
// name is among them can change those files; any other cannot. Belongs to one load; not
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "lang/read/reader.h"

namespace saker::lang {

class Mentions {
 public:
  // An entry of the current file.
  void add(const Entry& entry);
  // Whether the current file has defined, replaced or appended to a name that earlier files may
  // mention.
  bool reach_back() const { return reach_back_; }
  void end_file();

 private:
  // Hashes: a collision only causes unnecessary checks.
  using Words = std::unordered_set<std::uint64_t>;
  // beyond this, every name counts as mentioned
  static constexpr std::size_t most_words = 1u << 20;

  void define(std::string_view name);
  void note_word(std::string_view word);
  void note(std::string_view text);
  void note(const ExceptionEntry& exception);

  Words words_, fresh_;  // of earlier files; of the current file
  bool reach_back_ = false;
};

}  // namespace saker::lang
