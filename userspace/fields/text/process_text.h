// SPDX-License-Identifier: Apache-2.0
// Texts made from a process image. Pure; any thread.
#pragma once

#include <span>
#include <string_view>

#include "enrich/process.h"
#include "fields/scratch.h"
#include "fields/value.h"

namespace saker::fields {

// Joined by spaces.
std::string_view joined(std::span<const std::string_view> words, Scratch& scratch);
// `head`, then the arguments.
std::string_view with_args(std::string_view head, const enrich::Process& process, Scratch& scratch);
// The arguments, without a copy if the command line contains them.
std::string_view joined_args(const enrich::Process& process, Scratch& scratch);
// The texts of a list joined by spaces; any other value unchanged.
Value as_one_text(const Value& value, Scratch& scratch);
// Whether a program with that name is a shell: the names of all shells end this way.
inline bool is_shell(std::string_view name) { return name.ends_with("sh"); }
// The value of an environment variable; unset if there is none.
Value variable(const enrich::Process& process, std::string_view name);

}  // namespace saker::fields
