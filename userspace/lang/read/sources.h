// SPDX-License-Identifier: Apache-2.0
// The texts being loaded, and texts that are assembled from pieces of them and still know the
// origin of each byte. Lives as long as one load; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "lang/ast.h"

namespace saker::lang {

using SourceId = std::uint32_t;

// A byte of a text.
struct SourcePlace {
  SourceId source = 0;
  std::uint32_t offset = 0;
};

class Sources {
 public:
  SourceId add(std::string name, std::string text);
  const std::string& name(SourceId id) const { return sources_[id].name; }
  std::string_view text(SourceId id) const { return sources_[id].text; }
  // Line and column count from 1; a column is a character, not a byte.
  Position position(SourcePlace origin) const;
  // The line that contains it, without its line end; a very long line is cut at `longest` bytes.
  std::string line(SourcePlace origin, std::size_t longest = 400) const;

 private:
  struct Source {
    std::string name, text;
    std::vector<std::uint32_t> lines;  // offset of the first byte of each
  };
  std::size_t line_index(const Source& source, std::uint32_t offset) const;
  std::deque<Source> sources_;
};

class MappedText {
 public:
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // `piece` is in the source from `at` on, byte for byte.
  void append(std::string_view piece, SourcePlace at);
  // All of `piece` has the one origin `at`.
  void append_for(std::string_view piece, SourcePlace at);
  void append(const MappedText& other, std::size_t begin, std::size_t end);
  void append(const MappedText& other) { append(other, 0, other.text_.size()); }
  // The origin of a byte; the end has the origin of the text before it.
  SourcePlace origin(std::size_t at) const;
  MappedText trimmed() const;
  void clear();

 private:
  struct Run {
    std::uint32_t at = 0;
    SourcePlace origin;
    bool verbatim = true;
  };
  void start_run(SourcePlace origin, bool verbatim);
  std::size_t run_at(std::size_t at) const;

  std::string text_;
  std::vector<Run> runs_;  // ascending by `at`, the first at 0
};

}  // namespace saker::lang
