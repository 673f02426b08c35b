// SPDX-License-Identifier: Apache-2.0
// Times as texts. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "fields/scratch.h"

namespace saker::fields {

// clock: HH:MM:SS.nnnnnnnnn, local; date: YYYY-MM-DD before it; iso8601: UTC with nanoseconds and
// offset.
enum class TimeForm : std::uint8_t { clock, clock_seconds, date, date_seconds, iso8601 };

std::string_view time_text(std::uint64_t ns, TimeForm form, Scratch& scratch);

}  // namespace saker::fields
