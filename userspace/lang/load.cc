// SPDX-License-Identifier: Apache-2.0
// Order of a load: each file in turn is read, parsed, collected, and everything collected so far is
// resolved, as Falco does it: so a file must be right with what stands before it. Then selection by
// priority, name and tag.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "lang/check.h"
#include "lang/collector.h"
#include "lang/mentions.h"
#include "lang/reader.h"
#include "lang/report.h"
#include "lang/resolve.h"
#include "lang/rules.h"
#include "lang/sources.h"
#include "lang/yaml_tree.h"

namespace saker::lang {
namespace {

namespace fs = std::filesystem;

// A name with * for any text. Without backtracking into earlier stars: linear times the number of
// stars.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = pattern.npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

void select(RuleSet& set, const LoadOptions& options) {
  for (Rule& rule : set.rules) {
    if (rule.priority > options.threshold) rule.enabled = false;
    for (const Selection& selection : options.selection) {
      const bool by_name = !selection.rule.empty() && matches(selection.rule, rule.name);
      const bool by_tag = !selection.tag.empty() &&
                          std::binary_search(rule.tags.begin(), rule.tags.end(), selection.tag);
      if (by_name || by_tag) rule.enabled = selection.enable;
    }
  }
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options)
      : options_(options),
        report_(sources_),
        checker_(Scope{options.static_fields}),
        collector_(options_.sources, options_.syntax_only ? nullptr : &checker_.scope(), report_) {}

  void add_text(std::string name, std::string text) {
    const SourceId id = begin(std::move(name), std::move(text));
    const YamlTree tree = YamlTree::parse(sources_, id);
    for (Entry& entry : read_entries(sources_, tree, report_)) {
      mentions_.add(entry);
      collector_.add(std::move(entry));
    }
    if (const std::optional<YamlError>& error = tree.error()) {
      report_.add({Code::yaml_parse, error->origin, error->message, error->hint, {}, {}});
      collector_.set_incomplete();
    }
    resolved_ = false;
  }

  void add_unreadable(std::string name, const std::string& why,
                      const char* hint = "check the path and its permissions") {
    const SourceId id = begin(std::move(name), {});
    report_.add_for_file(id, Code::file_read, why, hint);
    collector_.set_incomplete();
  }

  RuleSet finish() {
    RuleSet set = Resolver(collector_, sources_, report_, options_, checker_).run();
    select(set, options_);
    set.files = report_.take();
    return set;
  }

 private:
  // What stands so far must be right without what comes now. What the last file left as it was is
  // not looked at again.
  SourceId begin(std::string name, std::string text) {
    if (!resolved_) {
      Resolver resolver(collector_, sources_, report_, options_, checker_);
      resolver.look_at(mentions_.reach_back() ? 0 : looked_at_);
      looked_at_ = collector_.next_index();
      mentions_.end_file();
    }
    resolved_ = true;
    report_.begin_file(name);
    return sources_.add(std::move(name), std::move(text));
  }

  LoadOptions options_;
  Sources sources_;
  Report report_;
  Checker checker_;
  Collector collector_;
  Mentions mentions_;
  std::size_t looked_at_ = 0;  // index of the first definition that was not
  bool resolved_ = true;
};

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

constexpr std::uintmax_t largest_file = YamlLimits{}.bytes;

void load_file(Loader& loader, const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status))
    return loader.add_unreadable(path, "cannot read '" + path + "': no such file");
  if (fs::is_regular_file(status) && fs::file_size(path, error) > largest_file)
    return loader.add_unreadable(
        path, "'" + path + "' is larger than " + std::to_string(largest_file >> 20) + " MiB",
        "split it into several files");
  std::ifstream file(path, std::ios::binary);
  // One byte more than allowed, so that a pipe or a growing file is refused as well.
  std::string text;
  char buffer[65536];
  while (file && text.size() <= largest_file) {
    file.read(buffer, sizeof buffer);
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof() && text.size() <= largest_file)
    return loader.add_unreadable(path, "cannot read '" + path + "': " + std::strerror(errno));
  loader.add_text(path, std::move(text));
}

void load_directory(Loader& loader, const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (is_rule_file(it->path()) && !it->is_directory(error)) names.push_back(it->path().string());
  if (error)
    return loader.add_unreadable(path,
                                 "cannot read the directory '" + path + "': " + error.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) load_file(loader, name);
}

}  // namespace

RuleSet load_rules(std::span<const std::string> paths, const LoadOptions& options,
                   std::span<const SourceText> texts) {
  Loader loader(options);
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error))
      load_directory(loader, path);
    else
      load_file(loader, path);
  }
  for (const SourceText& text : texts) loader.add_text(text.name, text.text);
  return loader.finish();
}

RuleSet load_rule_texts(std::span<const SourceText> texts, const LoadOptions& options) {
  return load_rules({}, options, texts);
}

bool RuleSet::ok() const {
  return std::all_of(files.begin(), files.end(), [](const FileResult& file) { return file.ok(); });
}

std::vector<Diagnostic> RuleSet::diagnostics() const {
  std::vector<Diagnostic> all;
  for (const FileResult& file : files) {
    all.insert(all.end(), file.errors.begin(), file.errors.end());
    all.insert(all.end(), file.warnings.begin(), file.warnings.end());
  }
  return all;
}

}  // namespace saker::lang
