// SPDX-License-Identifier: Apache-2.0
// Everything that is loaded and replaced together: rules as a program and texts, the format of
// alerts, and the names of users. Immutable once made. The drain threads switch to a new generation
// between two batches; the old one is freed when no thread uses it.
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
  enrich::Hosts hosts;  // for the names that the rules use
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::RuleCosts> costs;  // of its rules, counted while it is in force
  std::vector<output::RuleText> texts;
  output::FormatOptions format;
  std::vector<std::string> files;  // rule files, as loaded
  std::size_t rules_enabled = 0, rules_total = 0;
  std::string warnings;  // rendered, one after the other
};

// The options for loading rules.
lang::LoadOptions load_options(const Config& config);

// The name of this host in alerts.
std::string host_name();

// A generation without rules.
Result<std::unique_ptr<Generation>> empty_generation();

// The error's message lists every error, rendered and ready to be printed.
Result<std::unique_ptr<Generation>> load_generation(const Config& config);

}  // namespace saker::run
