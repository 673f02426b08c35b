// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), as in iSCSI and leveldb. Pure function.
#pragma once

#include <cstdint>
#include <string_view>

namespace saker {

// `before`: the sum of the preceding bytes.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace saker
