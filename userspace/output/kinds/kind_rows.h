// SPDX-License-Identifier: Apache-2.0
// The rows of kind.h: one for each kind of output, including recipes.
#pragma once

#include <vector>

#include "output/kinds/kind.h"

namespace saker::output {

std::vector<Kind> make_kinds();

}  // namespace saker::output
