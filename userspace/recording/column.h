// SPDX-License-Identifier: Apache-2.0
// Columns: one number of many rows, in the form that takes least room. Reading is where a replay's
// time goes, so forms with a fixed width are taken where they cost little more.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "recording/bytes.h"

namespace saker::recording {

void put_column(std::string& to, std::span<const std::uint64_t> values);
// Fills `values`; false if the bytes are no column of that many.
bool get_column(ByteReader& from, std::span<std::uint64_t> values);

}  // namespace saker::recording
