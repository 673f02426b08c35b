// SPDX-License-Identifier: Apache-2.0
// Files that a configuration includes (Falco's config_files), put into its tree. Part of config.cc.
#pragma once

#include <string>

#include "service/config/keys.h"

namespace saker::service {

// Reads what `tree` includes, files or directories with *.toml, in their order, and merges each:
// lists grow and other keys are replaced, or as its `strategy` says. Nodes keep their places. What
// was read, and the directories, go to result.files.
void include_files(toml::table& tree, const std::string& name, ConfigResult& result);

}  // namespace saker::service
