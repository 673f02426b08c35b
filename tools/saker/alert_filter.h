// SPDX-License-Identifier: Apache-2.0
// Selects alerts of the daemon: by rule, by priority, and by a condition in the language of rules
// about the fields in the alert. One thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker::cli {

class AlertFilter {
 public:
  AlertFilter();
  ~AlertFilter();

  void use_priority(lang::Priority least) { priority_ = least; }
  // "*" matches anything.
  void add_rule(std::string name) { rules_.push_back(std::move(name)); }
  // The error is ready to be printed.
  Result<void> use_condition(const std::string& condition,
                             const std::vector<std::string>& rules_files,
                             const lang::LoadOptions& options);

  // For a complete alert, as the daemon sends it.
  bool wants(const nlohmann::json& alert);
  // A field that the condition uses and the last alert does not have, each once; "" if there is
  // none.
  std::string take_missing();

 private:
  struct Condition;

  lang::Priority priority_ = lang::Priority::debug;
  std::vector<std::string> rules_;
  std::unique_ptr<Condition> condition_;
};

}  // namespace saker::cli
