// SPDX-License-Identifier: Apache-2.0
#include "run/open_sinks.h"

#include <algorithm>

#include "output/kinds/kind.h"
#include "output/queued_sink.h"
#include "output/sinks/open_peer.h"
#include "run/generation.h"

namespace saker::run {
namespace {

output::Settings settings_of(const OutputConfig& config, std::string type, bool json_output) {
  output::Settings out;
  out.type = std::move(type);
  out.enabled = config.enabled;
  out.name = config.path.empty() ? out.type : out.type + " " + config.path;
  out.format = config.as_json(json_output) ? "json" : "text";
  if (!config.path.empty()) out.values["filename"] = config.path;
  return out;
}

Result<std::unique_ptr<output::Sink>> open_sink(const output::Settings& settings, const Log& log) {
  auto peer = output::open_peer(settings, {.hostname = host_name()});
  if (!peer) return peer.error();
  output::QueuedSinkOptions options;
  options.name = settings.name;
  options.form = settings.form();
  options.priority = settings.priority;
  options.queue_bytes = settings.queue_bytes;
  options.announce = [&log](std::string_view what) { log.warning(what); };
  auto sink = output::QueuedSink::start(std::move(*peer), std::move(options));
  if (!sink) return sink.error();
  return std::unique_ptr<output::Sink>(std::move(*sink));
}

}  // namespace

std::vector<output::Settings> wanted_outputs(const Config& config) {
  std::vector<output::Settings> out;
  for (const auto& [output, type] :
       {std::pair(&config.stdout_output, "stdout"), std::pair(&config.file_output, "file")})
    if (output->enabled) out.push_back(settings_of(*output, type, config.json_output));
  for (output::Settings settings : config.outputs) {
    const output::Kind* kind = output::find_kind(settings.type);
    if (!kind || !settings.enabled) continue;
    const bool either = std::ranges::find(kind->formats, "text") != kind->formats.end();
    if (settings.format.empty() && config.json_output && either) settings.format = "json";
    complete(*kind, settings);
    out.push_back(std::move(settings));
  }
  return out;
}

Result<Sinks> open_sinks(const Config& config, const Log& log, const Sinks& running) {
  Sinks out;
  for (output::Settings& wanted : wanted_outputs(config)) {
    auto same = [&](const OpenSink& open) { return open.settings == wanted; };
    if (std::ranges::any_of(running, same)) {
      out.push_back({std::move(wanted), nullptr});
      continue;
    }
    auto sink = open_sink(wanted, log);
    if (!sink) return Error{"output " + wanted.name + ": " + sink.error().message};
    out.push_back({std::move(wanted), std::move(*sink)});
  }
  return out;
}

}  // namespace saker::run
