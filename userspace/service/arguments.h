// SPDX-License-Identifier: Apache-2.0
// sakerd's command line.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace saker::service {

struct Arguments {
  std::string config = "/etc/saker/saker.toml";
  bool config_given = false;
  std::vector<std::string> rules;      // -r, in order; take the place of rules_files
  std::vector<std::string> overrides;  // -o
  bool check = false, help = false, version = false;
};

Result<Arguments> parse_arguments(int argc, char** argv);

extern const char* const usage;

}  // namespace saker::service
