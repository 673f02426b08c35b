// SPDX-License-Identifier: Apache-2.0
// The memory of this process, as the kernel counts it. Any thread.
#pragma once

#include <cstdint>

namespace saker::service {

struct MemoryUse {
  std::uint64_t resident = 0, mapped = 0;  // bytes
};

MemoryUse own_memory();

}  // namespace saker::service
