// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace saker {

// Encodes bytes as base64 text (RFC 4648, with padding).
void append_base64(std::string& out, std::string_view raw);

}  // namespace saker
