// SPDX-License-Identifier: Apache-2.0
// Rules for a command that runs them itself, and the format of alerts, from its command line and
// the configuration.
#pragma once

#include <memory>

#include "base/error.h"
#include "command.h"
#include "output/alert.h"
#include "run/generation.h"
#include "service/config/config.h"

namespace saker::cli {

// The command's options, read by load_rules().
constexpr Option config_option = {'c', "config", "FILE",
                                  "configuration (/etc/saker/saker.toml, if it exists)"};
constexpr Option rules_option = {
    'r', "rules", "PATH",
    "rules file, directory or -, instead of the configuration's; may be repeated"};
constexpr Option key_option = {'o', "option", "KEY=VALUE",
                               "a key of the configuration; may be repeated"};
constexpr Option all_option = {'a', "all", "",
                               "every rule that matches an event, not only the first"};

// The configuration with the options on top; `shows_alerts`: without a configuration, alerts get
// the fields that Falco adds by default. The error lists every error, ready to be printed.
Result<run::Config> read_config(const Arguments& arguments, bool shows_alerts = true);

// For a command that only needs the names of rule files: an installed configuration that cannot be
// read is ignored, one that was named is an error.
Result<run::Config> read_config_if_asked(const Arguments& arguments);

// The rules of the configuration. The error lists every error, ready to be printed. The format
// makes text, or JSON if requested.
Result<std::unique_ptr<run::Generation>> load_rules(const Arguments& arguments);

// One line on stdout.
void print_alert(const output::Alert& alert, bool json);

}  // namespace saker::cli
