// SPDX-License-Identifier: Apache-2.0
// Names of the numbers in captures. Constant tables: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::scap {

// The name of a number, "" if it has none.
std::string_view number_name(std::string_view table, std::uint64_t number);
// The number with that name; 0 if there is none.
std::uint64_t named_number(std::string_view table, std::string_view name);
// All names of a number, and those of its bits, joined by '|'.
void append_number_names(std::string_view table, std::uint64_t number, std::string& out);
void append_flag_names(std::string_view table, std::uint64_t bits, std::string& out);
// For a mode: the name for the whole mode comes last.
void append_mode_names(std::string_view table, std::uint64_t bits, std::string& out);

}  // namespace saker::scap
