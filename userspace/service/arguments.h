// SPDX-License-Identifier: Apache-2.0
// sakerd's command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace saker::service {

// A request to sakerd in Falco's style that the command `saker` handles.
enum class SakerCommand : std::uint8_t { nothing, fields, events, all_rules, rule, replay };

struct DaemonArguments {
  std::string config = "/etc/saker/saker.toml";
  bool config_given = false;
  std::vector<std::string> rules;      // -r, in order; replace rules_files
  std::vector<std::string> overrides;  // -o
  bool check = false, help = false, version = false;

  // Falco's options.
  SakerCommand command = SakerCommand::nothing;
  std::string asked;                  // -l RULE, -e FILE
  std::vector<std::string> validate;  // -V
  std::uint64_t seconds = 0;          // -M; 0: no limit
  std::string pid_file;               // -P; "": none
  std::string extra_output;           // -p
  bool suggested_output = false;      // -pc, -pk
  bool verbose = false;               // -v
  std::vector<std::string> notes;     // options without an effect, and why
};

Result<DaemonArguments> parse_arguments(int argc, char** argv);

extern const char* const usage;

}  // namespace saker::service
