// SPDX-License-Identifier: Apache-2.0
// Turns everything that was collected into rules ready to compile: inserts lists and macros, binds
// fields, checks values, deduces event sets, splits outputs into tokens. One Resolver resolves one
// state of a Collector; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/read/collector.h"
#include "lang/read/sources.h"
#include "lang/report.h"
#include "lang/resolve/check.h"
#include "lang/resolve/substitute.h"
#include "lang/rules.h"

namespace saker::lang {

// Limits on the growth of lists and macros; a condition beyond them is refused. Far above any real
// rule.
struct ResolveLimits {
  std::size_t condition_bytes = 16u << 20;  // one condition with its lists
  std::size_t total_bytes = 256u << 20;     // all of them
  std::size_t rule_nodes = 1u << 20;        // one rule with its macros
  std::size_t total_nodes = 8u << 20;
  unsigned tree_depth = 1000;
  unsigned macro_depth = 200;  // macros that use macros defined later
};

class Resolver {
 public:
  Resolver(const Collector& collector, const Sources& sources, Report& report,
           const LoadOptions& options, Checker& checker, const ResolveLimits& limits = {});

  // Reports errors in everything defined or changed from that index on, and in everything it uses.
  void resolve_since(std::size_t since);
  // Reports errors in everything, and also warnings. Only for the last state, because a later file
  // may use an item that is unused now. False: the limits were exceeded, and nothing was resolved.
  bool resolve_all();
  // Call it afterwards: deduces the events of each rule and macro, and warns about them.
  void deduce();
  RuleSet take() { return std::move(result_); }

 private:
  struct Parsed {
    Expr expr;
    std::size_t nodes = 0;
    unsigned depth = 0;
    std::vector<Report::Finding> findings;  // its own and those of the macros in it
    bool errors = false;                    // some of them are
    // The place of the first error in the text; only this error decides whether
    // skip-if-unknown-filter ignores the rule.
    std::size_t first_at = static_cast<std::size_t>(-1);
    bool first_unknown = false;  // it is an unknown name

    void note_error(std::size_t at, bool unknown) {
      errors = true;
      if (at >= first_at) return;
      first_at = at;
      first_unknown = unknown;
    }
  };
  struct MacroState {
    enum class Stage : std::uint8_t { fresh, active, done, failed } stage = Stage::fresh;
    Parsed parsed;
    bool used = false;
  };
  // The item that a condition belongs to, for messages and to decide which macros it sees.
  struct Owner {
    std::vector<ContextItem> context;
    std::size_t visibility = static_cast<std::size_t>(-1);
    unsigned macro_depth = 0;
  };

  std::optional<Parsed> parse(const MappedText& text, const Owner& owner);
  bool splice(Expr& expr, unsigned depth, Parsed& parsed, const Owner& owner,
              const MappedText& text);
  bool splice_macro(Expr& expr, unsigned depth, Parsed& parsed, const Owner& owner,
                    const MappedText& text);
  bool resolve_macro(std::size_t index, unsigned macro_depth);
  void add_problems(std::vector<ConditionError>& problems, const MappedText& text,
                    const Owner& owner, Parsed& parsed);
  void place(Expr& expr, const MappedText& text);
  void fail(const Owner& owner, Code code, SourcePlace at, std::string message, std::string hint);
  bool too_large(const Owner& owner, SourcePlace at, std::string what);

  bool overflowed();
  void resolve_rule(const CollectedRule& rule);
  bool forgive(const CollectedRule& rule, const Parsed& parsed);
  void report_findings(Parsed& parsed);
  void resolve_output(const CollectedRule& collected, Rule& rule, Parsed& parsed);
  void add_extra_fields(const CollectedRule& collected, Rule& rule, const AppendOutput& append,
                        Parsed& parsed);
  void warn_events(const CollectedRule& collected, const Rule& rule);
  void warn_arguments(const CollectedRule& collected, SourcePlace condition, const Rule& rule);
  void collect_macros_and_lists();
  void check_plugins();

  const Collector& collector_;
  const Sources& sources_;
  Report& report_;
  const LoadOptions& options_;
  Checker& checker_;
  ResolveLimits limits_;
  ListTable lists_;
  std::vector<MacroState> macros_;
  std::size_t total_bytes_ = 0, total_nodes_ = 0;
  bool warnings_ = false;
  RuleSet result_;
  // By index of the rule.
  struct RuleSource {
    const CollectedRule* rule;
    SourcePlace condition;
  };
  std::vector<RuleSource> rule_sources_;
};

}  // namespace saker::lang
