// SPDX-License-Identifier: Apache-2.0
// Moments as alerts print them. `ns`: since 1970, UTC.
#pragma once

#include <cstdint>
#include <string>

namespace saker::output {

// evt.time: local, "10:00:51.668189240".
void append_time_of_day(std::string& out, std::uint64_t ns);
// evt.time.iso8601: "2026-01-15T10:00:51.668189240+0000".
void append_iso8601(std::string& out, std::uint64_t ns);
// The `time` of a JSON alert: "2026-01-15T10:00:51.668189240Z".
void append_utc(std::string& out, std::uint64_t ns);

}  // namespace saker::output
