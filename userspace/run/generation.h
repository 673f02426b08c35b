// SPDX-License-Identifier: Apache-2.0
// What is loaded together and replaced together: rules as program and texts, how alerts look, and
// the users' names. Immutable once made; the drain threads take up a new one between two batches
// and the old one is freed when none uses it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "enrich/hosts.h"
#include "enrich/users.h"
#include "lang/rules.h"
#include "match/matcher.h"
#include "match/rule_costs.h"
#include "output/format.h"
#include "output/rule_text.h"
#include "run/config.h"

namespace saker::run {

struct Generation {
  enrich::Hosts hosts;  // of the names that the rules ask for
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::RuleCosts> costs;  // of its rules, counted while it is in force
  std::vector<output::RuleText> texts;
  output::FormatOptions format;
  std::vector<std::string> files;  // of rules, as loaded
  std::size_t rules_enabled = 0, rules_total = 0;
  std::string warnings;  // rendered, one behind the other
};

// How rules are to be loaded.
lang::LoadOptions load_options(const Config& config);

// This host's, as alerts name it.
std::string host_name();

// Without any rule.
Result<std::unique_ptr<Generation>> empty_generation();

// The error's message is every mistake, rendered and ready to be printed.
Result<std::unique_ptr<Generation>> load_generation(const Config& config);

}  // namespace saker::run
