// SPDX-License-Identifier: Apache-2.0
// Paths as rules see them: absolute, without ".", ".." and doubled slashes. Purely lexical: no file
// system access. Any thread.
#pragma once

#include <string_view>

#include "fields/event.h"
#include "fields/extract.h"
#include "fields/objects.h"
#include "fields/scratch.h"

namespace saker::fields {

// `name` made absolute against `base` and normalised; `name` itself if nothing changes.
std::string_view absolute_path(std::string_view name, std::string_view base, Scratch& scratch);

// The text before the last slash ("/" for an entry of the root); and the text after it.
std::string_view directory_of(std::string_view path);
std::string_view filename_of(std::string_view path);

// The path in this view; empty if the record has none.
std::string_view path_at(const Event& event, const PathSlots& slots, View view, Scratch& scratch);

// The directory in which a relative name begins.
std::string_view base_of(const Event& event, const PathSlots& slots);

// The path that the caller passed.
std::string_view raw_path(const Event& event, const PathSlots& slots);

}  // namespace saker::fields
