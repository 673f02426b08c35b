// SPDX-License-Identifier: Apache-2.0
// Reads the configuration (run/config.h): a TOML file with every key optional, and `-o key=value`
// over it. Reading it has no effect. An error names file, line and column and how to mend it, and
// all errors are reported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "run/config.h"
#include "service/web_config.h"

namespace saker::service {

struct ConfigMistake {
  std::string file;
  std::uint32_t line = 0, column = 0;  // 0: not in a file
  std::string message, remedy;
};

struct ConfigResult {
  run::Config config;
  WebConfig web;
  std::vector<ConfigMistake> mistakes;
  std::vector<ConfigMistake> warnings;  // keys of Falco that have no effect here
  bool ok() const { return mistakes.empty(); }
};

// `path` "": defaults alone. A file that is not there is a mistake only if `required`.
// `overrides`: texts "key=value", as -o has them. `base`: what holds where nothing else is said.
ConfigResult load_config(const std::string& path, bool required,
                         const std::vector<std::string>& overrides, const run::Config& base = {});
ConfigResult parse_config(const std::string& name, const std::string& text,
                          const std::vector<std::string>& overrides, const run::Config& base = {});

// "file:line:column: error: message", then the remedy; ends with a newline.
std::string render(const ConfigMistake& mistake);
// All of the warnings, as render() writes them.
std::string render_warnings(const ConfigResult& result);

// Whether there is such a key, or such a section.
bool has_config_key(std::string_view path);
bool has_config_section(std::string_view path);

// Names of keys that differ and take effect only at the next start.
std::vector<std::string> needs_restart(const run::Config& now, const run::Config& wanted);

}  // namespace saker::service
