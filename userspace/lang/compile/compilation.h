// SPDX-License-Identifier: Apache-2.0
// Rules being compiled to a program, and the work of the compiler's passes on them. For compile.cc
// and passes.h; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "lang/compile/code.h"
#include "lang/compile/index.h"
#include "lang/compile/logic.h"
#include "lang/compile/tables.h"
#include "lang/compile/weight.h"
#include "lang/program.h"
#include "lang/rules.h"

namespace saker::lang {

class Compilation {
 public:
  // `emptied`: null, or the same set, which loses its conditions.
  Compilation(const RuleSet& rules, RuleSet* emptied, RuleMatching matching)
      : rules_(rules), emptied_(emptied), matching_(matching) {}

  bool add_rules();
  bool add_conditions();
  bool add_events();
  bool add_texts();
  bool assemble();

  // The program, after the last pass, or why there is none.
  Result<std::vector<std::byte>> take();

 private:
  struct Condition {
    std::uint32_t rule = 0;
    Lit lit = always_true;
    bool operator<(const Condition& other) const {
      return std::tie(rule, lit) < std::tie(other.rule, other.lit);
    }
  };

  Lit convert(const Expr& expr);
  Lit convert_check(const Expr& check);

  const RuleSet& rules_;
  RuleSet* const emptied_;
  RuleMatching matching_;
  TableMaker tables_;
  Logic logic_;
  Weights weights_{tables_, logic_};
  CodeMaker code_{logic_, weights_};
  std::optional<IndexMaker> index_;
  std::vector<program::RuleRow> rows_;
  std::vector<program::Slice> tags_;
  std::vector<const Rule*> compiled_;  // by row
  std::vector<std::vector<Condition>> at_event_{program::event_count};
  std::vector<program::EventRow> events_{program::event_count};
  std::vector<program::EntryRow> entries_;
  std::vector<std::byte> bytes_;
};

}  // namespace saker::lang
