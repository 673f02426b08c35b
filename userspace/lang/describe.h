// SPDX-License-Identifier: Apache-2.0
// What the tables and a loaded rule set hold, as JSON in Falco's shapes and as text for a terminal.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lang/rules.h"

namespace saker::lang {

// {"falco_load_results": [...]}: one object a file. Positions count from 0, as Falco's do.
std::string validation_json(const RuleSet& rules);

// The same for a terminal: "FILE: Ok", "FILE: Ok, with warnings" or "FILE: Invalid" for each file;
// diagnostics are render()ed by the caller, who decides where they go.
std::string validation_summary(const RuleSet& rules);

// Everything (`rules list --json`), or one item and nothing else; `name` empty: all rules.
std::string describe_json(const RuleSet& rules, std::string_view name = {});

// Name, priority, state and description of every rule, one line each.
std::string list_rules(const RuleSet& rules);

// A rule, macro or list by name: as written, as expanded, and what it is about. Nothing found:
// empty; nearest_item() may then say what was meant.
std::string show_item(const RuleSet& rules, std::string_view name);
std::string nearest_item(const RuleSet& rules, std::string_view name);

// Every field with type, argument, and whether Saker fills it, or why not. in_captures: whether
// events of a capture give the field of this name a value, though those of this host do not.
using InCaptures = bool (*)(std::string_view field);
std::string fields_json(InCaptures in_captures);
std::string fields_text(InCaptures in_captures);

// Every name evt.type may have; those Saker records first.
std::string events_json();
std::string events_text();

}  // namespace saker::lang
