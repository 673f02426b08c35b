// SPDX-License-Identifier: Apache-2.0
#include "service/outputs.h"

namespace saker::service {

Result<Sinks> open_sinks(const Config& config, const Log& log) {
  auto form = [&](const OutputConfig& output) {
    return output.as_json(config.json_output) ? output::Form::json : output::Form::text;
  };
  auto announce = [&log](std::string_view what) { log.warning(what); };
  Sinks sinks;
  if (config.stdout_output.enabled)
    sinks.push_back(output::LineSink::to_stdout(form(config.stdout_output), announce));
  if (config.file_output.enabled) {
    auto file = output::LineSink::to_file(config.file_output.path, form(config.file_output),
                                          announce);
    if (!file) return file.error();
    sinks.push_back(std::move(*file));
  }
  return sinks;
}

}  // namespace saker::service
