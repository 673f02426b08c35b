// SPDX-License-Identifier: Apache-2.0
// An alert as a record of the spool, and back. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "output/alert.h"

namespace saker::output {

struct SpoolRecord {
  std::uint64_t number = 0;  // in the log of its priority, without gaps
  std::uint64_t order = 0;   // among all logs
  SharedAlert alert = nullptr;
};

void append_record(std::string& out, const Alert& alert, std::uint64_t number, std::uint64_t order);
// Nothing: it is not a record.
std::optional<SpoolRecord> parse_record(std::string_view bytes);

}  // namespace saker::output
