// SPDX-License-Identifier: Apache-2.0
// The content of the tables and of a loaded rule set, as JSON in Falco's format and as text for a
// terminal. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lang/rules.h"

namespace saker::lang {

// {"falco_load_results": [...]}: one object per file. Positions count from 0, as in Falco.
std::string validation_json(const RuleSet& rules);

// The same for a terminal: "FILE: Ok", "FILE: Ok, with warnings" or "FILE: Invalid" for each file.
// The caller render()s the diagnostics and decides where they go.
std::string validation_summary(const RuleSet& rules);

// Everything (`rules list --json`), or only one item; `name` empty: all rules.
std::string describe_json(const RuleSet& rules, std::string_view name = {});

// Name, priority, state and description of every rule, one line each.
std::string list_rules(const RuleSet& rules);

// A rule, macro or list by name: as written, as expanded, and its events. Empty if there is none;
// nearest_item() may then suggest a name.
std::string show_item(const RuleSet& rules, std::string_view name);
std::string nearest_item(const RuleSet& rules, std::string_view name);

// Every field with type, argument, and whether Saker fills it, or why not. in_captures: whether
// events of a capture have a value for the field although live events do not.
using InCaptures = bool (*)(std::string_view field);
std::string fields_json(InCaptures in_captures);
std::string fields_text(InCaptures in_captures);

// Every name that evt.type may have; those that Saker records come first.
std::string events_json();
std::string events_text();

}  // namespace saker::lang
