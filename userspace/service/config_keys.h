// SPDX-License-Identifier: Apache-2.0
// The keys a configuration may have, and what each does to a Config. Part of config.cc; no one else needs TOML.
#pragma once

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <string>

#include "service/config.h"

namespace saker::service {

struct ConfigTarget {
  ConfigResult& result;
  std::string name;  // of the file, or the option
  bool has_position = true;
};

// Every key of the table takes effect or leaves a mistake.
void apply_table(const toml::table& table, ConfigTarget target);

}  // namespace saker::service
