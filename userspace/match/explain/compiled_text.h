// SPDX-License-Identifier: Apache-2.0
// Rows of a compiled program as text for a person. Pure functions of a verified program; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/program.h"

namespace saker::match {

// "1 value", "2 values".
std::string count_text(std::size_t count, std::string_view what);

// The origin of a value, as a rule writes it: "proc.aname[2]", "tolower(proc.name)".
std::string source_text(const lang::program::Sections& sections, std::uint32_t source);

// The predicate as a condition; of many literals only the first few, and the number of the others.
std::string predicate_text(const lang::program::Sections& sections,
                           const lang::program::PredicateRow& predicate);

// How it is evaluated: "hash set of 8 values", "regular expression".
std::string method_text(const lang::program::Sections& sections,
                        const lang::program::PredicateRow& predicate);

// "hash table over proc.name"
std::string probe_text(const lang::program::Sections& sections,
                       const lang::program::ProbeRow& probe);

// Whether the probe finds the entry at this position of its event.
bool probe_finds(const lang::program::Sections& sections, const lang::program::ProbeRow& probe,
                 std::uint32_t position);

// Whether the rows of positions contain this one.
bool holds_position(const lang::program::Sections& sections, lang::program::Slice positions,
                    std::uint32_t position);

// By test: the number of rules that use it.
std::vector<std::uint32_t> rules_asking(const lang::program::Sections& sections);

}  // namespace saker::match
