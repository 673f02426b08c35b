// SPDX-License-Identifier: Apache-2.0
// Exceptions for rules that alert too often: derived from the alerts, and tested on the same files.
// One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lang/read/exception_text.h"
#include "tally.h"

namespace saker::cli {

struct Proposal {
  lang::NewException exception;
  std::string yaml;
  std::set<EventId> meant;            // alerts that it is made for
  std::uint64_t after = 0;            // the rule's alerts with it, counted by running it
  std::uint64_t meant_hidden = 0;     // how many of `meant` are gone
  std::vector<Sighting> also_hidden;  // other alerts of the rule that are gone too
  std::uint64_t true_of = 0,
                events = 0;   // events of the rule's types for which the exception is true
  std::uint64_t exposed = 0;  // alerts that other rules now make for the same events
};

// An exception for the alerts of a rule, or for the new ones among them; nothing if their fields do
// not distinguish them.
std::optional<Proposal> propose(const std::string& rule, const RuleTally& tally,
                                const NoiseTexts& texts, bool fresh_only);

// Loads the rules with all proposals, runs them, and fills in the effects on the alerts. `load`:
// loads the rules with one more file.
Result<void> try_proposals(std::map<std::string, Proposal>& proposals, const Backtest& backtest,
                           lang::RuleMatching matching,
                           const std::function<lang::RuleSet(const std::string& extra)>& load,
                           const Watch& watch);

}  // namespace saker::cli
