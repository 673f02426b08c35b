// SPDX-License-Identifier: Apache-2.0
#include "service/recorder.h"

#include <filesystem>

#include "base/clock.h"
#include "run/filter.h"

namespace saker::service {

Result<std::unique_ptr<Recorder>> Recorder::make(const run::RecorderConfig& config,
                                                 const std::string& host, const Log& log,
                                                 RecorderCounters& counters) {
  std::error_code ignored;  // opening the file reports the error
  std::filesystem::create_directories(config.directory, ignored);
  recording::Rotation rotation{config.rotate_size, config.rotate_ns, config.keep};
  Result<recording::RotatingOutput> output = recording::RotatingOutput::create(
      path(config), rotation, run::recording_description(host, "sakerd"), boot_ns());
  if (!output) return Error{"recorder.directory: " + output.error().message, output.error().code};
  counters.files.set(output->files());
  return std::unique_ptr<Recorder>(new Recorder(std::move(*output), log, counters));
}

bool Recorder::take(std::string_view block, const recording::BlockHead&) {
  Result<void> put = output_.append(block, boot_ns());
  counters_.files.set(output_.files());
  if (put) {
    if (std::exchange(failing_, false))
      log_.warning("the recorder can write again; " + std::to_string(counters_.lost.get()) +
                   " events are lost");
    counters_.bytes.add(block.size());
    return true;
  }
  counters_.errors.add();
  if (!std::exchange(failing_, true))
    log_.error("the recorder loses events: " + put.error().message);
  return false;
}

Result<run::TapOptions> tap_options(const run::RecordedConfig& config,
                                    const capture::RecordTypes& supported,
                                    const std::vector<std::string>& rules_files) {
  run::TapOptions out;
  out.records.set();
  if (config.all_events) out.asks = supported;
  if (config.filter.empty()) return out;
  Result<std::unique_ptr<match::Program>> filter = run::compile_filter(config.filter, rules_files);
  if (!filter) return filter.error();
  out.asks &= (*filter)->asked_events();
  out.filter = std::move(*filter);
  return out;
}

}  // namespace saker::service
