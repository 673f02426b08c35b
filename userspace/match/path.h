// SPDX-License-Identifier: Apache-2.0
// Paths as rules mean them: absolute, without ".", ".." and doubled slashes. Lexical: nothing is
// looked up. Any thread.
#pragma once

#include <string_view>

#include "match/event.h"
#include "match/extract.h"
#include "match/scratch.h"

namespace saker::match {

// `name` made absolute against `base` and cleaned; `name` itself where it is so already.
std::string_view absolute_path(std::string_view name, std::string_view base, Scratch& scratch);

// The text before the last slash, "/" for what lies in the root; and the text after it.
std::string_view directory_of(std::string_view path);
std::string_view filename_of(std::string_view path);

// One of the paths that a record names.
struct PathSlots {
  int name = -1, resolved = -1, base = -1;  // numbers of its parameters; -1: it has none
};

// The path in this view; empty where the record has none.
std::string_view path_at(const Event& event, const PathSlots& slots, View view, Scratch& scratch);

// Where a name that is not absolute begins.
std::string_view base_of(const Event& event, const PathSlots& slots);

// What the caller passed.
std::string_view raw_path(const Event& event, const PathSlots& slots);

// The paths of a record: the first, or what is called old; the second, what is called new.
PathSlots first_path(const decode::Record& record);
PathSlots second_path(const decode::Record& record);

}  // namespace saker::match
