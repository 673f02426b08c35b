// SPDX-License-Identifier: Apache-2.0
// Reads the configuration (run/config.h): a TOML file in which every key is optional, and `-o
// key=value` on top. Reading it has no side effects. An error names file, line and column and how
// to fix it, and all errors are reported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "run/config.h"
#include "service/config/log_config.h"
#include "service/config/page_config.h"
#include "service/config/web_config.h"

namespace saker::service {

struct ConfigDiagnostic {
  std::string file;
  std::uint32_t line = 0, column = 0;  // 0: not in a file
  std::string message, hint;
};

struct ConfigResult {
  run::Config config;
  WebConfig web;
  PageConfig page;
  LogConfig log;
  bool watch_files = false;        // watch_config_files: changed files are read again
  std::vector<std::string> files;  // that it is made of, and directories of them
  std::vector<ConfigDiagnostic> errors;
  std::vector<ConfigDiagnostic> warnings;  // Falco keys that have no effect here
  bool ok() const { return errors.empty(); }
};

// `path` "": only defaults. A missing file is an error only if `required`. `overrides`: texts
// "key=value", as for -o. `base`: the defaults.
ConfigResult load_config(const std::string& path, bool required,
                         const std::vector<std::string>& overrides, const run::Config& base = {});
ConfigResult parse_config(const std::string& name, const std::string& text,
                          const std::vector<std::string>& overrides, const run::Config& base = {});

// "file:line:column: error: message", then the hint; ends with a newline.
std::string render(const ConfigDiagnostic& error);
// All warnings, in the form of render().
std::string render_warnings(const ConfigResult& result);

// Whether such a key or section exists.
bool has_config_key(std::string_view path);
bool has_config_section(std::string_view path);

// Names of keys that differ and take effect only at the next start.
std::vector<std::string> needs_restart(const run::Config& now, const run::Config& wanted);

}  // namespace saker::service
