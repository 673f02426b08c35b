// SPDX-License-Identifier: Apache-2.0
#include "rule_arguments.h"

#include <unistd.h>

#include <cstdio>

#include "terminal.h"

namespace saker::cli {
namespace {

constexpr std::string_view default_config = "/etc/saker/saker.toml";

}  // namespace

Result<service::Config> read_config(const Arguments& arguments) {
  std::string path = arguments.value("config", default_config);
  bool asked = arguments.has("config");
  if (!asked && access(path.c_str(), F_OK) != 0) path.clear();
  service::ConfigResult read = service::load_config(path, asked, arguments.values("option"));
  if (!read.ok()) {
    std::string all;
    for (const service::ConfigMistake& mistake : read.mistakes) all += service::render(mistake);
    return Error{all};
  }
  service::Config& config = read.config;
  if (arguments.has("rules")) config.rules_files = arguments.values("rules");
  if (arguments.has("all")) config.rule_matching = lang::RuleMatching::all;
  // Without a configuration alerts look as Falco's do without one.
  if (path.empty() && config.append_output.empty()) {
    lang::AppendOutput suggested;
    suggested.suggested_output = true;
    config.append_output.push_back(suggested);
  }
  return std::move(config);
}

Result<std::unique_ptr<service::Generation>> load_rules(const Arguments& arguments) {
  Result<service::Config> config = read_config(arguments);
  if (!config) return config.error();
  Result<std::unique_ptr<service::Generation>> made = service::load_generation(*config);
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
