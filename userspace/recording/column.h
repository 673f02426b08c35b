// SPDX-License-Identifier: Apache-2.0
// Columns: one number for each of many rows, in the form that takes the least space. A replay
// spends its time on reading, so forms with a fixed width are used where they cost little more
// space.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "recording/bytes.h"

namespace saker::recording {

void put_column(std::string& to, std::span<const std::uint64_t> values);
// Fills `values`; false if the bytes are not a column of that many numbers.
bool get_column(ByteReader& from, std::span<std::uint64_t> values);

}  // namespace saker::recording
