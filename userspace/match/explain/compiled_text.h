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

// Where a value comes from, as a rule writes it: "proc.aname[2]", "tolower(proc.name)".
std::string source_text(const lang::program::Sections& sections, std::uint32_t source);

// The question, as a condition; of many literals the first few, and how many more there are.
std::string predicate_text(const lang::program::Sections& sections,
                           const lang::program::PredicateRow& predicate);

// How it is answered: "hash set of 8 values", "regular expression".
std::string method_text(const lang::program::Sections& sections,
                        const lang::program::PredicateRow& predicate);

// "hash table over proc.name"
std::string probe_text(const lang::program::Sections& sections,
                       const lang::program::ProbeRow& probe);

// Whether the probe leads to the entry at this position of its event.
bool probe_finds(const lang::program::Sections& sections, const lang::program::ProbeRow& probe,
                 std::uint32_t position);

// Whether the rows of positions hold this one.
bool holds_position(const lang::program::Sections& sections, lang::program::Slice positions,
                    std::uint32_t position);

// By test: how many rules lead to it.
std::vector<std::uint32_t> rules_asking(const lang::program::Sections& sections);

}  // namespace saker::match
