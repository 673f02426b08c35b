// SPDX-License-Identifier: Apache-2.0
#include "run/open_sinks.h"

#include <algorithm>
#include <optional>

#include "output/kinds/kind.h"
#include "output/queued_sink.h"
#include "output/sinks/open_peer.h"
#include "output/spool/cursor.h"
#include "output/spool/spool_peer.h"
#include "output/unready_peer.h"
#include "run/generation.h"

namespace saker::run {
namespace {

constexpr std::uint64_t ns_per_minute = 60'000'000'000;

output::Settings settings_of(const OutputConfig& config, std::string type, bool json_output) {
  output::Settings out;
  out.type = std::move(type);
  out.enabled = config.enabled;
  out.name = config.path.empty() ? out.type : out.type + " " + config.path;
  out.format = config.as_json(json_output) ? "json" : "text";
  if (!config.path.empty()) out.values["filename"] = config.path;
  return out;
}

}  // namespace

Result<std::unique_ptr<output::Sink>> open_sink(const output::Settings& settings, const Log& log,
                                                const output::SharedSpool& spool) {
  return sink_to(output::open_peer(settings, {.hostname = host_name()}), settings, log, spool);
}

Result<std::unique_ptr<output::Sink>> sink_to(Result<std::unique_ptr<output::Peer>> peer,
                                              const output::Settings& settings, const Log& log,
                                              const output::SharedSpool& spool) {
  if (!peer) {
    if (peer.error().code != ELIBACC) return peer.error();
    log.error("output " + settings.name + ": " + peer.error().message +
              "; its alerts wait until saker is restarted with it");
    peer = output::unready_peer(peer.error().message);
  }
  output::QueuedSinkOptions options;
  if (spool) {
    auto cursor = spool->cursor(settings.name);
    if (!cursor) return cursor.error();
    options.cursor = std::move(*cursor);
  }
  options.name = settings.name;
  options.form = settings.form();
  options.priority = settings.priority;
  options.queue_bytes = settings.queue_bytes;
  options.gather_ns = static_cast<std::uint64_t>(settings.number("interval")) * ns_per_minute;
  options.announce = [&log](std::string_view what) { log.warning(what); };
  return std::unique_ptr<output::Sink>(
      output::QueuedSink::make(std::move(*peer), std::move(options)));
}

namespace {

// The row of the sink that writes to the spool.
Result<OpenSink> open_spool(const SpoolConfig& config, const Log& log) {
  const auto announce = [&log](std::string_view what) { log.warning(what); };
  auto spool = output::Spool::open({.directory = config.directory,
                                    .max_bytes = config.max_size,
                                    .max_age_ns = config.max_age_ns,
                                    .flush_ns = config.flush_ns,
                                    .announce = announce});
  if (!spool) return spool.error();
  OpenSink out;
  out.settings.name = out.settings.type = spool_name;
  out.spool = *spool;
  output::QueuedSinkOptions options;
  options.name = spool_name;
  options.form = output::Form::json;
  options.feeds_others = true;
  options.announce = announce;
  out.sink = output::QueuedSink::make(output::spool_peer(std::move(*spool)), std::move(options));
  return out;
}

// The spool of those that run, or another. Nothing where there is to be none.
std::optional<OpenSink> spool_for(const Config& config, const Log& log, const Sinks& running,
                                  bool wanted) {
  for (const OpenSink& open : running)
    if (open.spool) return OpenSink{open.settings, nullptr, open.spool};
  if (!wanted) return std::nullopt;
  Result<OpenSink> opened = open_spool(config.spool, log);
  if (opened) return std::move(*opened);
  log.error(opened.error().message + "; going on without it, alerts wait in memory alone");
  return std::nullopt;
}

}  // namespace

bool spooled(const Config& config, const output::Settings& output) {
  // A file is on a disk already, and what stdout does not take is not kept for its next reader.
  return config.spool.enabled && output.spool && output.type != "stdout" && output.type != "file";
}

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

Result<void> begin_sinks(const Sinks& sinks) {
  for (const OpenSink& open : sinks) {
    if (!open.sink) continue;
    if (Result<void> begun = open.sink->begin(); !begun) return begun;
    if (!open.spool) continue;
    if (Result<void> begun = open.spool->begin(); !begun) return begun;
  }
  return {};
}

void forget_others(const Sinks& sinks) {
  std::vector<std::string> names;
  for (const OpenSink& open : sinks)
    if (!open.spool && open.settings.spool) names.push_back(open.settings.name);
  for (const OpenSink& open : sinks)
    if (open.spool) open.spool->keep_only(names);
}

Result<Sinks> open_sinks(const Config& config, const Log& log, const Sinks& running) {
  std::vector<output::Settings> all = wanted_outputs(config);
  const bool any = std::ranges::any_of(all, [&](const auto& one) { return spooled(config, one); });
  std::optional<OpenSink> first = spool_for(config, log, running, any);
  const output::SharedSpool spool = first ? first->spool : nullptr;
  Sinks out;
  if (first) out.push_back(std::move(*first));
  for (output::Settings& wanted : all) {
    // So that an output is reopened if only [spool] has changed.
    wanted.spool = spool && spooled(config, wanted);
    auto same = [&](const OpenSink& open) { return open.settings == wanted; };
    if (std::ranges::any_of(running, same)) {
      out.push_back({std::move(wanted), nullptr});
      continue;
    }
    auto sink = open_sink(wanted, log, wanted.spool ? spool : nullptr);
    if (!sink) return Error{"output " + wanted.name + ": " + sink.error().message};
    out.push_back({std::move(wanted), std::move(*sink)});
  }
  return out;
}

}  // namespace saker::run
