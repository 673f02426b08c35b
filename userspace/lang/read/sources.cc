// SPDX-License-Identifier: Apache-2.0
#include "lang/read/sources.h"

#include <algorithm>
#include <utility>

namespace saker::lang {

SourceId Sources::add(std::string name, std::string text) {
  Source& source = sources_.emplace_back(Source{std::move(name), std::move(text), {0}});
  for (std::size_t i = 0; i < source.text.size(); ++i)
    if (source.text[i] == '\n') source.lines.push_back(static_cast<std::uint32_t>(i + 1));
  return static_cast<SourceId>(sources_.size() - 1);
}

std::size_t Sources::line_index(const Source& source, std::uint32_t offset) const {
  const auto after = std::upper_bound(source.lines.begin(), source.lines.end(), offset);
  return static_cast<std::size_t>(after - source.lines.begin()) - 1;
}

Position Sources::position(SourcePlace origin) const {
  const Source& source = sources_[origin.source];
  const std::uint32_t offset = std::min<std::uint32_t>(origin.offset, source.text.size());
  const std::size_t index = line_index(source, offset);
  std::uint32_t column = 1;
  for (std::uint32_t i = source.lines[index]; i < offset; ++i)
    if ((static_cast<unsigned char>(source.text[i]) & 0xc0) != 0x80) ++column;
  return {static_cast<std::uint32_t>(index + 1), column, offset};
}

std::string Sources::line(SourcePlace origin, std::size_t longest) const {
  const Source& source = sources_[origin.source];
  const std::uint32_t offset = std::min<std::uint32_t>(origin.offset, source.text.size());
  const std::uint32_t begin = source.lines[line_index(source, offset)];
  std::size_t end = std::min(source.text.find('\n', begin), source.text.size());
  if (end > begin && source.text[end - 1] == '\r') --end;
  return source.text.substr(begin, std::min(end - begin, longest));
}

void MappedText::start_run(SourcePlace origin, bool verbatim) {
  const std::uint32_t at = static_cast<std::uint32_t>(text_.size());
  if (!runs_.empty()) {
    const Run& last = runs_.back();
    const bool continues = verbatim && last.verbatim && last.origin.source == origin.source &&
                           last.origin.offset + (at - last.at) == origin.offset;
    if (continues) return;
  }
  runs_.push_back({at, origin, verbatim});
}

void MappedText::append(std::string_view piece, SourcePlace at) {
  if (piece.empty()) return;
  start_run(at, true);
  text_ += piece;
}

void MappedText::append_for(std::string_view piece, SourcePlace at) {
  if (piece.empty()) return;
  start_run(at, false);
  text_ += piece;
}

std::size_t MappedText::run_at(std::size_t at) const {
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), at,
                       [](std::size_t wanted, const Run& run) { return wanted < run.at; });
  return after == runs_.begin() ? 0 : static_cast<std::size_t>(after - runs_.begin()) - 1;
}

void MappedText::append(const MappedText& other, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const std::size_t index = other.run_at(begin);
    const std::size_t limit = index + 1 < other.runs_.size()
                                  ? std::min<std::size_t>(end, other.runs_[index + 1].at)
                                  : end;
    const std::string_view piece = std::string_view(other.text_).substr(begin, limit - begin);
    if (other.runs_[index].verbatim)
      append(piece, other.origin(begin));
    else
      append_for(piece, other.origin(begin));
    begin = limit;
  }
}

SourcePlace MappedText::origin(std::size_t at) const {
  if (runs_.empty()) return {};
  if (at > 0 && at >= text_.size()) at = text_.size() - 1;
  const Run& run = runs_[run_at(at)];
  if (!run.verbatim) return run.origin;
  return {run.origin.source, run.origin.offset + static_cast<std::uint32_t>(at - run.at)};
}

MappedText MappedText::trimmed() const {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  const std::size_t begin = text_.find_first_not_of(blanks);
  MappedText result;
  if (begin != std::string::npos) result.append(*this, begin, text_.find_last_not_of(blanks) + 1);
  return result;
}

void MappedText::clear() {
  text_.clear();
  runs_.clear();
}

}  // namespace saker::lang
