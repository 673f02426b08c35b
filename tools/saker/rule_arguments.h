// SPDX-License-Identifier: Apache-2.0
// Rules for a command that runs them itself, and how alerts look, as its command line and the
// configuration say.
#pragma once

#include <memory>

#include "base/error.h"
#include "command.h"
#include "output/alert.h"
#include "run/generation.h"
#include "service/config.h"

namespace saker::cli {

// The command's options, read by load_rules().
constexpr Option config_option = {'c', "config", "FILE",
                                  "configuration (/etc/saker/saker.toml, if there is one)"};
constexpr Option rules_option = {
    'r', "rules", "PATH",
    "rules file, directory or - in place of the configuration's; may be repeated"};
constexpr Option key_option = {'o', "option", "KEY=VALUE",
                               "a key of the configuration; may be repeated"};
constexpr Option all_option = {'a', "all", "",
                               "every rule that holds for an event, not only the first"};

// The configuration with the options over it; `shows_alerts`: where there is no configuration,
// alerts get what Falco adds to them without one. The error is every error found, ready to be
// printed.
Result<run::Config> read_config(const Arguments& arguments, bool shows_alerts = true);

// For a command that wants nothing but the names of rule files: an installed configuration that
// cannot be read does not matter then, one that was named does.
Result<run::Config> read_config_if_asked(const Arguments& arguments);

// The rules it names. The error is every error found, ready to be printed. The format makes text,
// or JSON if that is asked.
Result<std::unique_ptr<run::Generation>> load_rules(const Arguments& arguments);

// One line on stdout.
void print_alert(const output::Alert& alert, bool json);

}  // namespace saker::cli
