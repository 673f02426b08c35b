// SPDX-License-Identifier: Apache-2.0
// toml++ as the configuration uses it: errors are values, not exceptions. Its code is compiled
// once, in toml.cc.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>
