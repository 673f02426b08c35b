// SPDX-License-Identifier: Apache-2.0
#include "lang/report.h"

#include <algorithm>
#include <utility>

namespace saker::lang {
namespace {

// A file full of errors must not cost a multiple of its size; nobody reads more anyway.
constexpr std::size_t most_per_file = 1000;

}  // namespace

void Report::put(Diagnostic diagnostic, SourceId file) {
  if (diagnostic.error()) ++errors_;
  FileResult& result = files_[file];
  std::vector<Diagnostic>& list = diagnostic.error() ? result.errors : result.warnings;
  if (list.size() > most_per_file) return;
  if (list.size() == most_per_file) {
    diagnostic.message =
        "more than " + std::to_string(most_per_file) + " such messages; the others are not shown";
    diagnostic.hint.clear();
    diagnostic.context.clear();
  }
  list.push_back(std::move(diagnostic));
}

// An error belongs to the file that is being loaded, wherever its place is: this file breaks
// something that was correct before. A warning belongs to the file of its place.
bool Report::add(Finding finding) {
  const bool error = is_error(finding.code);
  const SourceId file = error ? static_cast<SourceId>(files_.size() - 1) : finding.origin.source;
  const FileResult& result = files_[file];
  // If a file has too many errors, those that were dropped come again with each later file.
  if (error && files_[finding.origin.source].errors.size() > most_per_file) {
    ++errors_;
    return false;
  }
  if ((error ? result.errors : result.warnings).size() > most_per_file) {
    errors_ += error;
    return false;
  }
  std::string key =
      std::to_string(finding.origin.source) + ":" + std::to_string(finding.origin.offset) + ":";
  key += code_name(finding.code);
  key += finding.message;
  if (!seen_.insert(std::move(key)).second) return false;
  Diagnostic diagnostic;
  diagnostic.code = finding.code;
  diagnostic.message = std::move(finding.message);
  diagnostic.hint = std::move(finding.hint);
  diagnostic.file = sources_.name(finding.origin.source);
  if (file != finding.origin.source)
    diagnostic.hint += (diagnostic.hint.empty() ? "" : "; ") +
                       ("it was right until '" + result.name) + "' was loaded";
  diagnostic.pos = sources_.position(finding.origin);
  diagnostic.excerpt = sources_.line(finding.origin);
  diagnostic.deprecated_field = std::move(finding.deprecated_field);
  diagnostic.context.push_back({"rules content", "", diagnostic.file, Position{1, 1, 0}});
  for (const ContextItem& item : finding.context)
    diagnostic.context.push_back({std::string(item.type), item.name,
                                  sources_.name(item.origin.source),
                                  sources_.position(item.origin)});
  // The last step is the place itself, whatever contains it.
  if (diagnostic.context.back().pos.offset != diagnostic.pos.offset)
    diagnostic.context.push_back({"value for", "", diagnostic.file, diagnostic.pos});
  put(std::move(diagnostic), file);
  return true;
}

void Report::add_for_file(SourceId file, Code code, std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  diagnostic.file = sources_.name(file);
  diagnostic.context.push_back({"rules content", "", diagnostic.file, {}});
  put(std::move(diagnostic), file);
}

std::vector<FileResult> Report::take() {
  for (FileResult& file : files_) {
    // Errors in the file itself come first.
    const auto before = [&file](const Diagnostic& a, const Diagnostic& b) {
      const bool a_else = a.file != file.name, b_else = b.file != file.name;
      return a_else != b_else ? b_else : a.pos.offset < b.pos.offset;
    };
    // If a list is full, its last entry says so, and stays last.
    for (std::vector<Diagnostic>* list : {&file.errors, &file.warnings})
      std::stable_sort(list->begin(), list->begin() + std::min(list->size(), most_per_file),
                       before);
  }
  return std::move(files_);
}

}  // namespace saker::lang
