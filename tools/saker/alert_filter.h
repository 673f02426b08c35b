// SPDX-License-Identifier: Apache-2.0
// Which of the daemon's alerts are wanted: by rule, priority, and a condition in the language of
// rules about the fields that the alert has. One thread.
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
  // "*" stands for anything.
  void add_rule(std::string name) { rules_.push_back(std::move(name)); }
  // The error is ready to be printed.
  Result<void> use_condition(const std::string& condition,
                             const std::vector<std::string>& rules_files,
                             const lang::LoadOptions& options);

  // Of a whole alert, as the daemon sends it.
  bool wants(const nlohmann::json& alert);
  // A field that the condition asks for and the last alert does not have, each once; "" if none.
  std::string take_missing();

 private:
  struct Condition;

  lang::Priority priority_ = lang::Priority::debug;
  std::vector<std::string> rules_;
  std::unique_ptr<Condition> condition_;
};

}  // namespace saker::cli
