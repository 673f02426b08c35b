// SPDX-License-Identifier: Apache-2.0
// Rule files as loaded: the interface between the language and the stages after it. load_rules()
// reads, resolves and checks; every error is in the result, none is thrown. The caller owns the
// result, which never changes afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/ast.h"
#include "lang/diagnostic.h"
#include "lang/fields.h"
#include "lang/resolve/output_format.h"

namespace saker::lang {

// Lower is more severe.
enum class Priority : std::uint8_t {
  emergency,
  alert,
  critical,
  error,
  warning,
  notice,
  informational,
  debug
};

std::string_view priority_name(Priority priority);  // "Emergency" ... "Informational", "Debug"
std::optional<Priority> parse_priority(std::string_view text);

enum class RuleMatching : std::uint8_t { first, all };

struct Exception {
  std::string name;
  bool scalar = false;  // one field, with plain values
  std::vector<std::string> fields, comps;
  struct Value {  // one entry of a tuple
    bool list = false;
    std::vector<std::string> items;  // one item unless list
  };
  std::vector<std::vector<Value>> values;  // tuples; scalar form: one entry each
};

// A key that append_output adds to an alert's output_fields. raw: the value with its own type;
// otherwise rendered as text.
struct ExtraField {
  std::string key;
  bool raw = false;
  OutputFormat format;
};

struct Rule {
  std::string name, desc;
  std::string condition;  // as written, with appended text, without exceptions
  std::string source = "syscall";
  Priority priority = Priority::debug;
  std::vector<std::string> tags;  // sorted, unique
  std::vector<Exception> exceptions;
  bool enabled = true;  // after `rules:` and the priority threshold are applied
  bool capture = false;
  std::uint32_t capture_duration_ms = 0;  // 0: configured default
  bool warn_evttypes = true, skip_if_unknown_filter = false;

  Expr expr;            // resolved: no ident left, exceptions included, every field checked
  EventSet events;      // events for which it can be true; empty: never
  OutputFormat output;  // including append_output
  std::vector<ExtraField> extra_fields;

  std::string file;  // the file of its first definition
  Position pos;
};

struct Macro {
  std::string name, condition, file;
  Position pos;
  Expr expr;        // resolved like a rule's
  EventSet events;  // events for which it can be true
  bool used = false;
};

struct List {
  std::string name, file;
  Position pos;
  std::vector<std::string> items;     // as written, with appended items
  std::vector<std::string> compiled;  // nested lists replaced
  bool used = false;
};

struct PluginRequirement {
  std::string name, version;
  std::vector<PluginRequirement> alternatives;
};

// The result for one file.
struct FileResult {
  std::string name;
  std::vector<Diagnostic> errors, warnings;
  bool ok() const { return errors.empty(); }
};

struct RuleSet {
  std::vector<Rule> rules;  // in order of evaluation; only rules without errors, also disabled ones
  std::vector<Macro> macros;
  std::vector<List> lists;
  std::vector<FileResult> files;        // in order of loading
  std::string required_engine_version;  // the highest version required; "" if none
  std::vector<PluginRequirement> required_plugins;

  bool ok() const;
  std::vector<Diagnostic> diagnostics() const;  // errors and warnings of all files, in order
};

// One entry of the configuration's rules: list.
struct Selection {
  bool enable = true;
  std::string rule;  // name, * matches anything; empty: not by name
  std::string tag;   // exact; empty: not by tag
};

// One entry of the configuration's append_output. Falco's default is one entry with
// suggested_output set.
struct AppendOutput {
  std::string match_rule, match_source;  // empty: any
  std::vector<std::string> match_tags;   // all must be present
  std::string extra_output;              // appended after one space
  struct Field {
    std::string key, format;  // format empty: raw value of the field `key`
  };
  std::vector<Field> extra_fields;
  bool suggested_output = false;
};

// Falco's plugin with the fields that [kubernetes] gives a value.
const inline std::pair<const std::string, std::string> kubernetes_plugin = {"k8smeta", "0.4.1"};

struct LoadOptions {
  std::vector<Selection> selection;
  Priority threshold = Priority::debug;
  std::vector<AppendOutput> append_output;
  std::map<std::string, std::string> static_fields;  // static.NAME
  std::vector<std::string> sources = {"syscall"};
  // Plugins that required_plugin_versions is compared with. Saker itself has the fields of the
  // container plugin.
  std::map<std::string, std::string> plugins = {{"container", "0.7.0"}};
  bool standard_input = false;  // a path "-" is standard input: for commands, not for a daemon
  bool syntax_only =
      false;  // only YAML and grammar: names of fields, events and macros are not looked up
};

// The engine version that required_engine_version is compared with.
constexpr std::string_view engine_version = "0.63.0";

// A rule file that is already in memory.
struct SourceText {
  std::string name, text;
};

// Loads files and directories (their *.yaml and *.yml, by name) in the given order, then the texts.
// Only reads files; has no other effect.
RuleSet load_rules(std::span<const std::string> paths, const LoadOptions& options = {},
                   std::span<const SourceText> texts = {});
RuleSet load_rule_texts(std::span<const SourceText> texts, const LoadOptions& options = {});

}  // namespace saker::lang
