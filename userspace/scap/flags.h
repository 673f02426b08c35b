// SPDX-License-Identifier: Apache-2.0
// Captures have their own numbering of flags, the same on every machine; records have the kernel's
// bits. Pure functions.
#pragma once

#include <cstdint>

namespace saker::scap {

struct OpenFlags {
  std::uint64_t kernel = 0;  // O_*
  std::uint64_t file = 0;    // SAKER_FILE_*
};
OpenFlags open_flags(std::uint32_t flags);
std::uint64_t clone_flags(std::uint32_t flags);  // CLONE_*
std::uint64_t ptrace_request(std::uint32_t request);
std::uint64_t resolve_flags(std::uint32_t flags);     // RESOLVE_*
std::uint64_t ring_setup_flags(std::uint32_t flags);  // IORING_SETUP_*

}  // namespace saker::scap
