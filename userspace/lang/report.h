// SPDX-License-Identifier: Apache-2.0
// Collects the diagnostics of one load, file by file, each once. Owned by the loader; not
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lang/read/sources.h"
#include "lang/rules.h"

namespace saker::lang {

// A step on the path to an error; `type` is Falco's name for such an item.
struct ContextItem {
  std::string_view type;
  std::string name;
  SourcePlace origin;
};

class Report {
 public:
  explicit Report(const Sources& sources) : sources_(sources) {}

  // The source must be the last one added: results are in the order of sources.
  void begin_file(std::string name) { files_.push_back({std::move(name), {}, {}}); }

  struct Finding {
    Code code = Code::validate;
    SourcePlace origin;
    std::string message, hint;
    std::vector<ContextItem> context = {};
    std::string deprecated_field = {};
  };
  // False if the same diagnostic exists already.
  bool add(Finding finding);
  // About the file as a whole.
  void add_for_file(SourceId file, Code code, std::string message, std::string hint);

  bool ok() const { return errors_ == 0; }
  std::size_t errors() const { return errors_; }
  // There are so many errors that nobody reads suggestions any more: do not search for one.
  bool crowded() const { return errors_ > 1000; }
  // The results of all files, each in order of place; errors that it caused in earlier files come
  // last.
  std::vector<FileResult> take();

 private:
  void put(Diagnostic diagnostic, SourceId file);

  const Sources& sources_;
  std::vector<FileResult> files_;
  std::unordered_set<std::string> seen_;
  std::size_t errors_ = 0;
};

}  // namespace saker::lang
