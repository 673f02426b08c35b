// SPDX-License-Identifier: Apache-2.0
// The page's files, from page/. The build embeds them in the program.
#pragma once

#include <span>
#include <string_view>

namespace saker::web {

struct Asset {
  std::string_view name, bytes;  // "app.js"
};

std::span<const Asset> assets();

}  // namespace saker::web
