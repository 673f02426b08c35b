// SPDX-License-Identifier: Apache-2.0
// The format of alerts in the files of the spool (docs/spool.md). A segment is divided into blocks;
// a record is one fragment, or several if it crosses the end of a block; no fragment crosses one.
// So damage loses only the rest of its block. Numbers are little-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lang/rules.h"

namespace saker::output {

constexpr std::size_t spool_block_bytes = 32u << 10;
// CRC-32C of type and content (4), bytes of content (2), type (1).
constexpr std::size_t spool_header_bytes = 7;
enum class Fragment : std::uint8_t { full = 1, first = 2, middle = 3, last = 4 };
// A record with a larger length is damaged.
constexpr std::size_t longest_spool_record = 16u << 20;

// One log for each priority, so that the least severe can be deleted first.
constexpr std::size_t spool_levels = static_cast<std::size_t>(lang::Priority::debug) + 1;
// For each log the number of the next alert, from 1 on.
using SpoolNumbers = std::array<std::uint64_t, spool_levels>;

}  // namespace saker::output
