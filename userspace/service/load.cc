// SPDX-License-Identifier: Apache-2.0
#include "service/load.h"

#include "run/filter.h"
#include "service/recorder.h"

namespace saker::service {

Result<LoadedConfig> load_all(const DaemonArguments& arguments) {
  ConfigResult read = load_config(arguments.config, arguments.config_given, arguments.overrides);
  if (!arguments.rules.empty()) read.config.rules_files = arguments.rules;
  if (!arguments.extra_output.empty())
    read.config.append_output.emplace_back().extra_output = arguments.extra_output;
  if (arguments.suggested_output) read.config.append_output.emplace_back().suggested_output = true;
  if (arguments.verbose) read.config.log_level = LogLevel::debug;
  std::string errors;
  for (const ConfigDiagnostic& error : read.errors) errors += render(error);
  // Rules are read anyway, so that errors of both files are reported at once.
  Result<std::unique_ptr<run::Generation>> generation = run::load_generation(read.config);
  if (!generation) errors += generation.error().message;
  const run::Config& config = read.config;
  for (auto [section, recorded] :
       {std::pair<const char*, const run::RecordedConfig*>{"recorder", &config.recorder},
        {"flight_recorder", &config.flight_recorder}})
    if (auto options = tap_options(*recorded, {}, config.rules_files);
        recorded->enabled && !options)
      errors += std::string(section) + ".filter:\n" + options.error().message;
  if (!errors.empty()) return Error{errors};
  std::vector<std::string> files = std::move(read.files);
  files.insert(files.end(), config.rules_files.begin(), config.rules_files.end());
  std::string warnings = render_warnings(read);
  return LoadedConfig{std::move(read.config), std::move(*generation), read.web,        read.log,
                      std::move(warnings),    std::move(files),       read.watch_files};
}

}  // namespace saker::service
