// SPDX-License-Identifier: Apache-2.0
// The state of one load: every list, macro and rule of the files read so far, with append, override
// and redefinition applied. Owned by the loader; not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/read/entries.h"
#include "lang/read/reader.h"
#include "lang/report.h"
#include "lang/resolve/bind.h"

namespace saker::lang {

// Every definition and every append takes the next index. A list or macro sees others whose `index`
// is below its own `visibility`, which a redefinition or an append moves. The position in
// evaluation order stays that of the first definition.
struct CollectedList {
  TextAt name;
  SourcePlace origin;
  std::vector<TextAt> items;
  std::size_t index = 0, visibility = 0;
};

struct CollectedMacro {
  TextAt name;
  SourcePlace origin;
  MappedText condition;
  std::size_t index = 0, visibility = 0;
};

struct CollectedRule {
  TextAt name;
  SourcePlace origin;
  MappedText condition, output;  // output trimmed
  TextAt desc;
  Priority priority = Priority::debug;
  std::string source = "syscall";
  std::vector<std::string> tags;  // sorted, unique
  std::vector<ExceptionEntry> exceptions;
  bool enabled = true, warn_evttypes = true, skip_if_unknown_filter = false, capture = false;
  std::uint32_t capture_duration_ms = 0;
  std::size_t changed = 0;  // index of the last entry for it
  bool known_source = true;
  // has errors, which are reported: checked further, but never part of the result
  bool broken = false;
};

class Collector {
 public:
  // Without a scope, names of fields are not looked up.
  Collector(const std::vector<std::string>& sources, const Scope* scope, Report& report)
      : sources_(sources), scope_(scope), report_(report) {}

  void add(Entry entry);

  const std::vector<CollectedList>& lists() const { return lists_; }
  const std::vector<CollectedMacro>& macros() const { return macros_; }
  const std::vector<CollectedRule>& rules() const { return rules_; }
  // The index of the next definition or append.
  std::size_t next_index() const { return next_index_; }
  const CollectedMacro* find_macro(std::string_view name) const;
  // Index into lists(), npos if there is none.
  std::size_t find_list(std::string_view name) const;
  // Defined, but with an error: reported at its definition, not again where it is used.
  bool broken_macro(std::string_view name) const {
    return broken_macros_.count(std::string(name)) != 0;
  }

  // A file could not be read to its end: names that seem undefined may be defined in the unread
  // part.
  void set_incomplete() { incomplete_ = true; }
  bool incomplete() const { return incomplete_; }

  const std::string& engine_version_required() const { return engine_version_; }
  const std::vector<PluginVersionsEntry>& plugins_required() const { return plugins_; }

 private:
  void add_list(ListEntry entry);
  void add_macro(MacroEntry entry);
  void add_rule(RuleEntry entry);
  void define_rule(RuleEntry entry);
  void toggle_rule(const RuleEntry& entry);
  void append_rule(RuleEntry entry);
  void override_rule(RuleEntry entry);
  void append_parts(CollectedRule& rule, RuleEntry& entry);
  void replace_parts(CollectedRule& rule, RuleEntry& entry);
  void check_engine_version(const EngineVersionEntry& entry);
  void add_broken(const BrokenEntry& entry);

  bool check_source(const CollectedRule& rule, const RuleEntry& entry);
  bool source_known(const std::string& source) const;
  CollectedRule* find_rule_for(const RuleEntry& entry, const char* doing);
  // Checks an exception and fills in default operators; false: an error was reported.
  bool complete_exception(const RuleEntry& rule, ExceptionEntry& exception, bool known_source);
  bool complete_comps(const RuleEntry& rule, ExceptionEntry& exception);
  bool check_fields(const RuleEntry& rule, const ExceptionEntry& exception);
  void append_exception(CollectedRule& rule, const RuleEntry& entry, ExceptionEntry exception);
  void fail(const RuleEntry& rule, SourcePlace at, std::string message, std::string hint,
            Code code = Code::validate);
  void fail(const RuleEntry& rule, const ExceptionEntry& exception, SourcePlace at,
            std::string message, std::string hint);

  const std::vector<std::string>& sources_;
  const Scope* scope_;
  Report& report_;
  std::size_t next_index_ = 0;
  std::vector<CollectedList> lists_;
  std::vector<CollectedMacro> macros_;
  std::vector<CollectedRule> rules_;
  std::unordered_map<std::string, std::size_t> list_by_name_, macro_by_name_, rule_by_name_;
  std::unordered_set<std::string> broken_lists_, broken_macros_, broken_rules_;
  bool incomplete_ = false;
  std::string engine_version_;
  std::vector<PluginVersionsEntry> plugins_;
};

// Whether an exception may use this operator: "in", "startswith", or with a modifier, "contains
// anyof".
struct ExceptionOp {
  bool known = false, takes_list = false, modified = false;
};
ExceptionOp classify_exception_op(std::string_view text);

}  // namespace saker::lang
