// SPDX-License-Identifier: Apache-2.0
// Configuration and rules as the command line wants them. Any thread; no effect but reading.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "run/generation.h"
#include "service/arguments.h"
#include "service/config/config.h"

namespace saker::service {

// The error is ready to be printed: every error there is.
struct LoadedConfig {
  run::Config config;
  std::unique_ptr<run::Generation> generation;
  WebConfig web;
  LogConfig log;
  std::string warnings;            // of the configuration
  std::vector<std::string> files;  // it was made of, rules too, and directories of them
  bool watch_files = false;
};
Result<LoadedConfig> load_all(const DaemonArguments& arguments);

}  // namespace saker::service
