// SPDX-License-Identifier: Apache-2.0
#include "rule_arguments.h"

#include <unistd.h>

#include <cstdio>

#include "terminal.h"

namespace saker::cli {
namespace {

constexpr std::string_view default_config = "/etc/saker/saker.toml";

}  // namespace

Result<run::Config> read_config(const Arguments& arguments, bool shows_alerts) {
  std::string path = arguments.value("config", default_config);
  bool asked = arguments.has("config");
  if (!asked && access(path.c_str(), F_OK) != 0) path.clear();
  run::Config base;
  base.standard_input = true;
  if (path.empty() && shows_alerts) base.append_output.emplace_back().suggested_output = true;
  service::ConfigResult read = service::load_config(path, asked, arguments.values("option"), base);
  if (!read.ok()) {
    std::string all;
    for (const service::ConfigDiagnostic& error : read.errors) all += service::render(error);
    return Error{all};
  }
  std::fputs(service::render_warnings(read).c_str(), stderr);
  run::Config& config = read.config;
  if (arguments.has("rules")) config.rules_files = arguments.values("rules");
  if (arguments.has("all")) config.rule_matching = lang::RuleMatching::all;
  return std::move(config);
}

Result<run::Config> read_config_if_asked(const Arguments& arguments) {
  Result<run::Config> config = read_config(arguments, false);
  if (config || arguments.has("config") || arguments.has("option")) return config;
  run::Config none;
  none.rules_files = arguments.values("rules");
  none.standard_input = true;
  return none;
}

Result<std::unique_ptr<run::Generation>> load_rules(const Arguments& arguments) {
  Result<run::Config> config = read_config(arguments);
  if (!config) return config.error();
  Result<std::unique_ptr<run::Generation>> made = run::load_generation(*config);
  if (!made) return made.error();
  (*made)->format.json = arguments.has("json") || config->json_output;
  (*made)->format.text = !(*made)->format.json;
  return made;
}

void print_alert(const output::Alert& alert, bool json) {
  std::string line = json ? alert.json : painted(alert.text, lang::priority_name(alert.priority));
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
}

}  // namespace saker::cli
