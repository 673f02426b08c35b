// SPDX-License-Identifier: Apache-2.0
// Collects the diagnostics of one load, file by file, each once. Owned by the loader; not thread
// safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lang/read/sources.h"
#include "lang/rules.h"

namespace saker::lang {

// A step on the way to an error; `type` has Falco's name for such an item.
struct ContextItem {
  std::string_view type;
  std::string name;
  Origin origin;
};

class Report {
 public:
  explicit Report(const Sources& sources) : sources_(sources) {}

  // The source must have been added last: results stand in the order of sources.
  void begin_file(std::string name) { files_.push_back({std::move(name), {}, {}}); }

  struct Finding {
    Code code = Code::validate;
    Origin origin;
    std::string message, hint;
    std::vector<ContextItem> context = {};
    std::string deprecated_field = {};
  };
  // False if the same one is there already.
  bool add(Finding finding);
  // About the file as a whole.
  void add_for_file(SourceId file, Code code, std::string message, std::string hint);

  bool ok() const { return errors_ == 0; }
  std::size_t errors() const { return errors_; }
  // So many errors that nobody will read a suggestion any more: do not look for one.
  bool crowded() const { return errors_ > 1000; }
  // Of each file in order of place, what it broke in files before it last.
  std::vector<FileResult> take();

 private:
  void put(Diagnostic diagnostic, SourceId file);

  const Sources& sources_;
  std::vector<FileResult> files_;
  std::unordered_set<std::string> seen_;
  std::size_t errors_ = 0;
};

}  // namespace saker::lang
