// SPDX-License-Identifier: Apache-2.0
// Runs the passes of loading over rule files; passes.h has their order.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "lang/load_state.h"
#include "lang/passes.h"
#include "lang/read/encoding.h"
#include "lang/resolve/check.h"
#include "lang/rules.h"

namespace saker::lang {
namespace {

namespace fs = std::filesystem;

// Matches a name with * for any text. Does not backtrack into earlier stars: linear times the
// number of stars.
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

class Loader {
 public:
  explicit Loader(const LoadOptions& options)
      : options_(options),
        report_(sources_),
        checker_(scope_of(options)),
        collector_(options_.sources, options_.syntax_only ? nullptr : &checker_.scope(), report_) {}

  void add_text(std::string name, std::string text) {
    check_earlier();
    FileState file{sources_, report_, mentions_, collector_, std::move(name), std::move(text)};
    run_passes<FileState>(file_passes, file);
    resolved_ = false;
  }

  void add_unreadable(std::string name, const std::string& why,
                      const char* hint = "check the path and its permissions") {
    check_earlier();
    report_.begin_file(name);
    const SourceId id = sources_.add(std::move(name), {});
    report_.add_for_file(id, Code::file_read, why, hint);
    collector_.set_incomplete();
  }

  RuleSet finish() {
    SetState state = definitions(0, true);
    run_passes<SetState>(set_passes, state);
    state.set.files = report_.take();
    return std::move(state.set);
  }

 private:
  static Scope scope_of(const LoadOptions& options) {
    Scope scope{options.static_fields};
    for (const auto& [name, version] : options.plugins) scope.plugins.push_back(name);
    return scope;
  }

  SetState definitions(std::size_t since, bool last) {
    return {options_, Resolver(collector_, sources_, report_, options_, checker_), since, last};
  }

  // Everything so far must be correct without the following files. Definitions that the last file
  // left unchanged are not resolved again.
  void check_earlier() {
    if (!resolved_) {
      SetState state = definitions(mentions_.reach_back() ? 0 : resolved_until_, false);
      run_passes<SetState>(std::span(set_passes).first(1), state);
      resolved_until_ = collector_.next_index();
      mentions_.end_file();
    }
    resolved_ = true;
  }

  LoadOptions options_;
  Sources sources_;
  Report report_;
  Checker checker_;
  Collector collector_;
  Mentions mentions_;
  std::size_t resolved_until_ = 0;  // index of the first definition that was not checked
  bool resolved_ = true;
};

bool is_rule_file(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

constexpr std::size_t largest_file = YamlLimits{}.bytes;

void add_input(Loader& loader, const std::string& name, Result<std::string> text) {
  if (name.empty())
    return loader.add_unreadable("(no name)", "the name of a rule file is empty", "name a file");
  if (!text) return loader.add_unreadable(name, "cannot read " + text.error().message);
  if (text->size() > largest_file)
    return loader.add_unreadable(
        name, "'" + name + "' is larger than " + std::to_string(largest_file >> 20) + " MiB",
        "split it into several files");
  loader.add_text(name, std::move(*text));
}

// Loads the files of a directory, as Falco does: no directories, pipes, devices or broken links
// (which editors leave behind).
void load_directory(Loader& loader, const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code unknown;
    const fs::file_status status = it->status(unknown);
    const bool gone = status.type() == fs::file_type::not_found ||
                      unknown == std::errc::too_many_symbolic_link_levels;
    if (!is_rule_file(it->path()) || gone) continue;
    // A file whose type is unknown is tried, so that the error is reported.
    if (unknown || fs::is_regular_file(status)) names.push_back(it->path().string());
  }
  if (error)
    return loader.add_unreadable(path,
                                 "cannot read the directory '" + path + "': " + error.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) add_input(loader, name, read_input(name, largest_file));
}

void load_standard_input(Loader& loader, bool& taken) {
  const std::string name = "<stdin>";
  if (std::exchange(taken, true))
    return loader.add_unreadable(name, "standard input is named twice", "name it once");
  add_input(loader, name, read_standard_input(largest_file));
}

}  // namespace

bool FileState::decode() {
  text = to_utf8(std::move(text));
  report.begin_file(name);
  id = sources.add(std::move(name), std::move(text));
  return true;
}

bool FileState::parse_yaml() {
  tree = YamlTree::parse(sources, id);
  return true;
}

bool FileState::read_entries() {
  entries = lang::read_entries(sources, *tree, report);
  return true;
}

bool FileState::note_mentions() {
  for (const Entry& entry : entries) mentions.add(entry);
  return true;
}

// A file that could not be parsed may contain more definitions.
bool FileState::collect() {
  for (Entry& entry : entries) collector.add(std::move(entry));
  if (const std::optional<YamlError>& error = tree->error()) {
    report.add({Code::yaml_parse, error->origin, error->message, error->hint, {}, {}});
    collector.set_incomplete();
  }
  return true;
}

bool SetState::resolve() {
  if (last) return resolver.resolve_all();
  resolver.resolve_since(since);
  return true;
}

bool SetState::deduce() {
  resolver.deduce();
  set = resolver.take();
  return true;
}

bool SetState::select() {
  for (Rule& rule : set.rules) {
    if (rule.priority > options.threshold) rule.enabled = false;
    for (const Selection& selection : options.selection) {
      const bool by_name = !selection.rule.empty() && matches(selection.rule, rule.name);
      const bool by_tag = !selection.tag.empty() &&
                          std::binary_search(rule.tags.begin(), rule.tags.end(), selection.tag);
      if (by_name || by_tag) rule.enabled = selection.enable;
    }
  }
  return true;
}

RuleSet load_rules(std::span<const std::string> paths, const LoadOptions& options,
                   std::span<const SourceText> texts) {
  Loader loader(options);
  bool stdin_taken = false;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-" && options.standard_input)
      load_standard_input(loader, stdin_taken);
    else if (fs::is_directory(path, error))
      load_directory(loader, path);
    else
      add_input(loader, path, read_input(path, largest_file));
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
