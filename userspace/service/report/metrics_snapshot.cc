// SPDX-License-Identifier: Apache-2.0
#include "service/report/metrics_snapshot.h"

#include <saker/version.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <cmath>

#include "base/clock.h"
#include "output/escape.h"
#include "run/open_sinks.h"
#include "service/report/memory.h"
#include "service/report/status.h"

namespace saker::service {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t stop_ns = second_ns / 2;

std::string real_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string quoted(std::string_view text) {
  std::string out;
  output::append_json(out, text);
  return out;
}

// As Falco names a rule's counter: '_' replaces every character that is not a letter, digit or
// colon.
std::string counter_name(std::string_view rule) {
  std::string out;
  for (const char c : rule) {
    const bool may =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':';
    if (may)
      out += c;
    else if (!out.ends_with('_'))
      out += '_';
  }
  if (out.ends_with('_')) out.pop_back();
  return out;
}

std::uint64_t cpu_us() {
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

std::string rate(std::uint64_t now, std::uint64_t before, std::uint64_t ns) {
  const double seconds = static_cast<double>(ns) / static_cast<double>(second_ns);
  return real_text(seconds > 0 ? static_cast<double>(now - std::min(now, before)) / seconds : 0);
}

}  // namespace

MetricsSnapshot::~MetricsSnapshot() {
  if (!file_) return;
  file_->begin_stop(boot_ns() + stop_ns);
  (void)file_->finish();
}

Result<void> MetricsSnapshot::use(const run::MetricsConfig& config, std::uint64_t now) {
  reloaded_ = clock_ns(CLOCK_REALTIME);
  if (config == config_) return {};
  const bool other_file =
      !config.enabled || config.output_file != config_.output_file || !config_.enabled;
  std::unique_ptr<output::Sink> file;
  if (other_file && config.enabled && !config.output_file.empty()) {
    auto opened = run::open_sink({.name = "metrics.output_file",
                                  .type = "file",
                                  .format = "json",
                                  .values = {{"filename", config.output_file}}},
                                 log_);
    if (!opened) return Error{"metrics.output_file: " + opened.error().message};
    file = std::move(*opened);
    if (Result<void> begun = file->begin(); !begun)
      return Error{"metrics.output_file: " + begun.error().message};
  }
  if (other_file) std::swap(file_, file);
  if (file) {
    file->begin_stop(now + stop_ns);
    (void)file->finish();
  }
  config_ = config;
  next_ = now + config.interval_ns;
  return {};
}

void MetricsSnapshot::add(Fields& out, std::string name, std::uint64_t value) const {
  if (value != 0 || config_.include_empty_values) out[std::move(name)] = std::to_string(value);
}

void MetricsSnapshot::add_memory(Fields& out, const std::string& name, std::uint64_t bytes) const {
  if (bytes == 0 && !config_.include_empty_values) return;
  const double kib = static_cast<double>(bytes) / 1024;
  if (config_.convert_memory_to_mb)
    out[name + "_mb"] = real_text(kib / 1024);
  else
    out[name + "_kb"] = std::to_string(bytes >> 10);
}

void MetricsSnapshot::add_kernel_events(Fields& out, const WebFacts& facts) const {
  LaneTotals life, event;
  add_lane(life, *facts.pipeline, capture::Lane::life);
  add_lane(event, *facts.pipeline, capture::Lane::event);
  add(out, "scap.n_drops_buffer_total", life.lost + event.lost);
  add(out, "scap.n_drops_buffer_life", life.lost);
  add(out, "scap.n_drops_buffer_event", event.lost);
  add(out, "scap.n_drops_bug", life.corrupted + event.corrupted);
  if (!config_.kernel_event_counters_per_cpu) return;
  for (unsigned cpu = 0; cpu < facts.source.cpus(); cpu++) {
    if (!facts.source.has(cpu)) continue;
    std::uint64_t seen = 0, lost = 0;
    for (const capture::Lane lane : {capture::Lane::life, capture::Lane::event}) {
      seen += facts.source.counters(cpu, lane).seen;
      lost += facts.source.counters(cpu, lane).lost;
    }
    add(out, "scap.n_evts_cpu_" + std::to_string(cpu), seen);
    add(out, "scap.n_drops_cpu_" + std::to_string(cpu), lost);
  }
}

void MetricsSnapshot::add_resources(Fields& out, std::uint64_t now) {
  const std::uint64_t cpu = cpu_us();
  const std::uint64_t passed_us = (now - last_.at) / 1000;
  if (last_.at != 0 && passed_us != 0)
    out["falco.cpu_usage_perc"] =
        real_text(100.0 * static_cast<double>(cpu - last_.cpu_us) / static_cast<double>(passed_us));
  last_.cpu_us = cpu;
  const MemoryUse memory = own_memory();
  add_memory(out, "falco.memory_rss", memory.resident);
  add_memory(out, "falco.memory_vsz", memory.mapped);
  struct sysinfo host {};
  if (::sysinfo(&host) != 0) return;
  add_memory(out, "falco.host_memory_used",
             std::uint64_t{host.totalram - host.freeram - host.bufferram} * host.mem_unit);
  add(out, "falco.host_procs_running", host.procs);
}

void MetricsSnapshot::add_state(Fields& out, const WebFacts& facts) const {
  const run::Shared& shared = facts.pipeline->shared();
  add(out, "saker.processes", shared.table.processes());
  add(out, "saker.containers", shared.containers.count());
  add(out, "saker.records_of_unknown_process", totals(*facts.pipeline).unknown);
}

void MetricsSnapshot::add_rules(Fields& out, const WebFacts& facts) const {
  add(out, "falco.rules.matches_total", facts.rules.total());
  for (const RuleCounts::Row& row : facts.rules.rows())
    add(out, "falco.rules." + counter_name(row.rule), row.alerts);
}

MetricsSnapshot::Fields MetricsSnapshot::fields(const WebFacts& facts, std::uint64_t now) {
  Fields out;
  const run::Pipeline& pipeline = *facts.pipeline;
  const StatusTotals sums = totals(pipeline);
  const std::uint64_t wall = clock_ns(CLOCK_REALTIME), passed = last_.at ? now - last_.at : 0;
  utsname system{};
  (void)::uname(&system);
  out["evt.hostname"] = out["falco.hostname"] = quoted(pipeline.generation().format.hostname);
  out["evt.source"] = "\"syscall\"";
  out["evt.time"] = std::to_string(wall);
  out["falco.version"] = quoted(SAKER_VERSION);
  out["falco.kernel_release"] = quoted(system.release);
  out["falco.host_num_cpus"] = std::to_string(facts.source.present());
  out["falco.host_boot_ts"] = std::to_string(wall - now);
  out["falco.start_ts"] = std::to_string(wall - (now - facts.started));
  out["falco.reload_ts"] = std::to_string(reloaded_);
  out["falco.duration_sec"] = std::to_string((now - facts.started) / second_ns);
  out["falco.outputs_queue_num_drops"] = std::to_string(pipeline.outputs().lost());
  out["scap.engine_name"] = "\"kmod\"";
  for (const char* of : {"falco.", "scap."}) {
    const std::string name(of);
    out[name + (name == "scap." ? "n_evts" : "num_evts")] = std::to_string(sums.seen);
    out[name + (name == "scap." ? "n_evts_prev" : "num_evts_prev")] = std::to_string(last_.seen);
    out[name + "evts_rate_sec"] = rate(sums.seen, last_.seen, passed);
  }
  out["scap.n_drops"] = std::to_string(sums.lost);
  out["scap.n_drops_prev"] = std::to_string(last_.lost);
  out["scap.n_drops_perc"] = real_text(
      sums.seen ? 100.0 * static_cast<double>(sums.lost) / static_cast<double>(sums.seen) : 0);
  out["scap.evts_drop_rate_sec"] = rate(sums.lost, last_.lost, passed);
  if (config_.kernel_event_counters) add_kernel_events(out, facts);
  if (config_.resource_utilization) add_resources(out, now);
  if (config_.state_counters) add_state(out, facts);
  if (config_.rules_counters) add_rules(out, facts);
  last_ = {.seen = sums.seen, .lost = sums.lost, .at = now, .cpu_us = last_.cpu_us};
  return out;
}

std::optional<output::Alert> MetricsSnapshot::tend(const WebFacts& facts, std::uint64_t now) {
  if (!config_.enabled || now < next_) return std::nullopt;
  next_ = now + config_.interval_ns;
  const Fields all = fields(facts, now);
  samples_++;
  if (file_) {
    auto line = std::make_shared<output::Alert>();
    line->json = "{\"output_fields\":{";
    for (const auto& [name, value] : all)
      line->json += (line->json.ends_with('{') ? "" : ",") + quoted(name) + ":" + value;
    line->json += "},\"sample\":" + std::to_string(samples_) + "}";
    file_->take(line);
  }
  if (!config_.output_rule) return std::nullopt;
  output::FormatOptions format = facts.pipeline->generation().format;
  format.text = format.json = true;
  return output::internal_alert(format, rule, lang::Priority::informational,
                                "Falco metrics snapshot", clock_ns(CLOCK_REALTIME), all);
}

}  // namespace saker::service
