// SPDX-License-Identifier: Apache-2.0
// The first block of a recording: where it was made, and the names and types of its events and
// parameters, so that a later program, which has more of them, reads it correctly. JSON.
#pragma once

#include <saker/event.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::recording {

struct Description {
  std::string host, kernel, machine;  // as from uname(2)
  std::string program;                // what made it
  std::uint64_t boot_time = 0;        // ns since 1970; 0: unknown
};
// Describes this host now.
Description describe_host();

// A complete block.
std::string encode(const Description& description);

// Maps the types of a recording to this program's.
struct Schema {
  struct Type {
    std::uint16_t ours = 0;   // 0: unknown here, or with another meaning
    std::uint64_t blobs = 0;  // slots that refer to texts
    unsigned slots = 0;       // that both know
  };
  std::array<Type, SAKER_EV_MAX> types{};

  // The schema of this program.
  static Schema own();
};

// The error says what is wrong.
Result<Description> decode(std::string_view content, Schema& schema);

}  // namespace saker::recording
