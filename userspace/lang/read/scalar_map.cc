// SPDX-License-Identifier: Apache-2.0
// Finds the place of each byte of a scalar in its file. yaml-cpp only says where a scalar begins,
// so its value and the file are walked in parallel. If they diverge (only an unknown YAML form
// could cause this), the rest gets the place of the beginning.
#include <algorithm>

#include "lang/read/yaml_tree.h"

namespace saker::lang {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t utf8_length(char lead) {
  const unsigned char c = static_cast<unsigned char>(lead);
  return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

class ScalarWalk {
 public:
  ScalarWalk(std::string_view file, const YamlNode& scalar)
      : file_(file), scalar_(scalar), value_(scalar.value), at_(scalar.origin.offset) {}

  MappedText run() {
    skip_properties();
    open();
    while (done_ < value_.size() && step()) {
    }
    if (done_ < value_.size()) mapped_.append_for(value_.substr(done_), scalar_.origin);
    return std::move(mapped_);
  }

 private:
  char here() const { return at_ < file_.size() ? file_[at_] : '\0'; }

  void skip_blanks() {
    while (at_ < file_.size() && is_blank(file_[at_])) ++at_;
  }

  // Anchors and tags come before the scalar itself.
  void skip_properties() {
    while (here() == '&' || here() == '!') {
      while (at_ < file_.size() && !is_blank(file_[at_])) ++at_;
      skip_blanks();
    }
  }

  void open() {
    if (here() == '"' || here() == '\'') quote_ = file_[at_++];
    if (here() != '|' && here() != '>') return;
    if (quote_ != '\0') return;
    at_ = std::min(file_.find('\n', at_), file_.size());
  }

  // `count` bytes of the value are at at_, written as `written` bytes.
  void take(std::size_t count, std::size_t written) {
    count = std::min(count, value_.size() - done_);
    const SourcePlace origin{scalar_.origin.source, static_cast<std::uint32_t>(at_)};
    if (count == written)
      mapped_.append(value_.substr(done_, count), origin);
    else
      mapped_.append_for(value_.substr(done_, count), origin);
    done_ += count;
    at_ += written;
  }

  bool step() {
    const char c = value_[done_];
    if (is_blank(c) && here() != '\\') {
      // One space in the value may be a whole fold in the file, or nothing (an implicit line end).
      take(1, is_blank(here()) ? 1 : 0);
      return true;
    }
    if (!is_blank(c)) skip_blanks();
    if (at_ >= file_.size()) return false;
    if (quote_ == '"' && here() == '\\') return escape();
    if (here() != c) return false;
    take(1, quote_ == '\'' && c == '\'' ? 2 : 1);
    return true;
  }

  bool escape() {
    const char kind = at_ + 1 < file_.size() ? file_[at_ + 1] : '\0';
    if (kind == '\n' || kind == '\r') {
      at_ += 2;
      skip_blanks();
      return true;
    }
    const std::size_t written = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    take(utf8_length(value_[done_]), written);
    return true;
  }

  std::string_view file_;
  const YamlNode& scalar_;
  std::string_view value_;
  std::size_t at_, done_ = 0;
  char quote_ = '\0';
  MappedText mapped_;
};

}  // namespace

MappedText map_scalar(const Sources& sources, const YamlNode& scalar) {
  return ScalarWalk(sources.text(scalar.origin.source), scalar).run();
}

}  // namespace saker::lang
