// SPDX-License-Identifier: Apache-2.0
// The page's files, as they are in page/: they are made a part of the program when it is built.
#pragma once

#include <span>
#include <string_view>

namespace saker::web {

struct Asset {
  std::string_view name, bytes;  // "app.js"
};

std::span<const Asset> assets();

}  // namespace saker::web
