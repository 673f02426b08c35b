// SPDX-License-Identifier: Apache-2.0
#include "service/report/status.h"

#include <saker/version.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"

namespace saker::service {
namespace {

using Json = nlohmann::ordered_json;
using capture::Lane;

Json lane_json(const capture::RingCounters& ring, const run::LaneCounters& lane) {
  return {{"seen", ring.seen},
          {"written", ring.written},
          {"lost", ring.lost},
          {"lost_bytes", ring.lost_bytes},
          {"first_lost_ts", ring.first_lost_ts},
          {"last_lost_ts", ring.last_lost_ts},
          {"waiting_bytes", ring.waiting_bytes},
          {"drained", lane.records.get()},
          {"corrupted", lane.corrupted.get()},
          {"corrupted_bytes", lane.corrupted_bytes.get()},
          {"bad_heads", ring.bad_heads}};
}

const run::LaneCounters& lane_of(const run::Pipeline& pipeline, unsigned cpu, Lane lane) {
  return pipeline.shared().lanes[cpu * SAKER_LANES + static_cast<unsigned>(lane)];
}

Json cpus_json(const run::Pipeline& pipeline, const capture::Source& source) {
  Json out = Json::array();
  for (unsigned cpu = 0; cpu < source.cpus(); cpu++) {
    if (!source.has(cpu)) continue;
    Json row{{"cpu", cpu}};
    row["life"] = lane_json(source.counters(cpu, Lane::life), lane_of(pipeline, cpu, Lane::life));
    row["event"] =
        lane_json(source.counters(cpu, Lane::event), lane_of(pipeline, cpu, Lane::event));
    out.push_back(std::move(row));
  }
  return out;
}

// The events of which some were lost.
Json lost_by_event_json(const capture::Source& source) {
  Json out = Json::object();
  for (std::uint16_t id = 0; id < SAKER_EV_MAX; id++) {
    const std::string_view name = id == 0 ? "unknown" : decode::event_info(id).name;
    std::uint64_t lost = 0;
    for (unsigned cpu = 0; !name.empty() && cpu < source.cpus(); cpu++)
      lost += source.lost_of(cpu, Lane::life, id) + source.lost_of(cpu, Lane::event, id);
    if (lost != 0) out[std::string(name)] = lost;
  }
  return out;
}

std::vector<std::string> names_of(const capture::RecordTypes& events) {
  std::vector<std::string> out;
  for (std::uint16_t id = 0; id < events.size(); id++)
    if (events[id]) out.emplace_back(decode::event_info(id).name);
  return out;
}

Json hooks_json(const capture::Source& source) {
  Json out = Json::array();
  for (const capture::Hook& hook : source.hooks()) {
    Json row{{"symbol", hook.symbol}, {"mechanism", hook.mechanism}, {"attached", hook.attached},
             {"error", hook.error},   {"hits", hook.hits},           {"missed", hook.missed}};
    row["events"] = names_of(hook.events);
    out.push_back(std::move(row));
  }
  return out;
}

Json uring_json(const capture::Source& source) {
  Json out{{"unseen", 0}, {"operations", Json::array()}};
  std::uint64_t unseen = 0;
  for (const capture::UringOperation& operation : source.uring_operations()) {
    unseen += operation.unseen;
    out["operations"].push_back({{"name", operation.name},
                                 {"submitted", operation.submitted},
                                 {"refused", operation.refused},
                                 {"unseen", operation.unseen}});
  }
  out["unseen"] = unseen;
  return out;
}

Json threads_json(const run::Pipeline& pipeline) {
  Json out = Json::array();
  for (const auto& drain : pipeline.drains()) {
    const run::DrainCounters& c = drain->counters();
    out.push_back({{"first_cpu", drain->first_cpu()},
                   {"cpus", drain->cpu_count()},
                   {"batches", c.batches.get()},
                   {"records", c.records.get()},
                   {"matched", c.matched.get()},
                   {"alerts", c.alerts.get()},
                   {"unknown_process", c.unknown.get()},
                   {"gap_records", c.gaps.get()}});
  }
  return out;
}

// "VmRSS:   1234 kB" of /proc/self/status, in bytes.
std::uint64_t memory_line(std::string_view status, std::string_view name) {
  std::size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  status.remove_prefix(std::min(status.find_first_of("0123456789", at), status.size()));
  std::uint64_t kib = 0;
  std::from_chars(status.data(), status.data() + status.size(), kib);
  return kib << 10;
}

// The part of the resident pages that belongs to mappings of the device: each ring is mapped twice
// in a row, so it counts twice.
std::uint64_t ring_memory(const std::string& device) {
  Result<std::string> text = read_file("/proc/self/smaps", 8u << 20);
  std::uint64_t bytes = 0;
  bool of_device = false;
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    // Lines with counters begin with a capital letter, lines with addresses do not.
    if (line.empty()) continue;
    if (line[0] < 'A' || line[0] > 'Z')
      of_device = line.ends_with(device);
    else if (of_device && line.starts_with("Rss:"))
      bytes += memory_line(line, "Rss:");
  }
  return bytes;
}

// Reading them takes the main thread long if there are many rings, and they change little.
std::uint64_t recent_ring_memory(const std::string& device) {
  constexpr std::uint64_t recent_ns = 10'000'000'000;
  static std::uint64_t bytes = 0, at = 0;
  if (const std::uint64_t now = boot_ns(); !at || now - at > recent_ns) {
    bytes = ring_memory(device);
    at = now;
  }
  return bytes;
}

Json memory_json(const std::string& device) {
  Result<std::string> text = read_file("/proc/self/status", 16u << 10);
  std::string_view status = text ? std::string_view(*text) : std::string_view();
  std::uint64_t resident = memory_line(status, "VmRSS:");
  std::uint64_t rings = std::min(recent_ring_memory(device), resident);
  return {{"resident_bytes", resident},
          {"without_rings_bytes", resident - rings},
          {"anonymous_bytes", memory_line(status, "RssAnon:")},
          {"file_bytes", memory_line(status, "RssFile:")},
          {"shared_bytes", memory_line(status, "RssShmem:")}};
}

Json outputs_json(const run::Pipeline& pipeline) {
  Json out = Json::array();
  for (const run::OpenSink& open : pipeline.outputs().sinks()) {
    const output::SinkCounters& c = open.sink->counters();
    out.push_back({{"name", open.sink->name()},
                   {"taken", c.taken.load(std::memory_order_relaxed)},
                   {"written", c.written.load(std::memory_order_relaxed)},
                   {"lost", c.lost.load(std::memory_order_relaxed)},
                   {"errors", c.errors.load(std::memory_order_relaxed)},
                   {"waiting", c.waiting.load(std::memory_order_relaxed)},
                   {"waiting_bytes", c.waiting_bytes.load(std::memory_order_relaxed)}});
  }
  return out;
}

Json latency_json(const run::Pipeline& pipeline) {
  Json out;
  for (const Lane lane : {Lane::life, Lane::event}) {
    const run::Latency::Histogram seen =
        pipeline.outputs().latency().histogram(static_cast<unsigned>(lane));
    Json buckets = Json::array();
    std::uint64_t alerts = 0;
    for (std::size_t i = 0; i < seen.alerts.size(); i++) {
      alerts += seen.alerts[i];
      if (seen.alerts[i] == 0) continue;
      const bool last = i == run::Latency::bounds_ns.size();
      buckets.push_back({{"up_to_us", last ? Json() : Json(run::Latency::bounds_ns[i] / 1000)},
                         {"alerts", seen.alerts[i]}});
    }
    out[lane == Lane::life ? "life" : "event"] = {
        {"alerts", alerts},
        {"mean_us", alerts ? seen.total_ns / alerts / 1000 : 0},
        {"longest_us", seen.longest_ns / 1000},
        {"buckets", std::move(buckets)}};
  }
  return out;
}

// Those that alerted or cost most; all are in the metrics.
Json busiest_rules_json(const run::Pipeline& pipeline, const StatusFacts& facts) {
  constexpr std::size_t most_rules = 20;
  const run::RuleCostSums costs = pipeline.rule_costs();
  struct Row {
    std::uint64_t alerts = 0, ns = 0, judged = 0;
  };
  std::map<std::string, Row> rows;
  for (const RuleCounts::Row& count : facts.rules.rows()) rows[count.rule].alerts = count.alerts;
  for (const auto& [name, cost] : costs.rules()) {
    rows[name].ns = static_cast<std::uint64_t>(facts.cycle.seconds(cost.cycles) * 1e9);
    rows[name].judged = cost.looks;
  }
  std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) {
    return std::pair(a.second.alerts, a.second.ns) > std::pair(b.second.alerts, b.second.ns);
  });
  sorted.resize(std::min(sorted.size(), most_rules));
  Json out = Json::array();
  for (const auto& [name, row] : sorted)
    out.push_back(
        {{"rule", name}, {"alerts", row.alerts}, {"cost_ns", row.ns}, {"judged", row.judged}});
  return out;
}

Json recorder_json(const StatusFacts& facts) {
  if (!facts.config.recorder.enabled) return {{"enabled", false}};
  const RecorderCounters& c = facts.recorder;
  return {{"enabled", true},          {"file", Recorder::path(facts.config.recorder)},
          {"events", c.events.get()}, {"bytes", c.bytes.get()},
          {"files", c.files.get()},   {"lost", c.lost.get()},
          {"errors", c.errors.get()}};
}

void add_watch(Json& out, const run::KubeWatch& watch) {
  out["lists"] = watch.lists();
  out["events"] = watch.events();
  out["errors"] = watch.errors();
  out["trouble"] = watch.trouble();
}

Json kubernetes_json(const run::Pipeline& pipeline, const StatusFacts& facts) {
  if (!facts.config.kubernetes.enabled) return {{"enabled", false}};
  if (!facts.pods)
    return {{"enabled", true},
            {"errors", 1},
            {"trouble", "a library is missing: the log of the start has its name"}};
  const enrich::Pods& pods = pipeline.pods();
  Json out = {{"enabled", true}, {"pods", pods.count()}, {"refused", pods.refused()}};
  add_watch(out, facts.pods->pods());
  Json& services = out["services"];
  services = {{"known", pods.services()}, {"refused", pods.services_refused()}};
  add_watch(services, facts.pods->services());
  return out;
}

Json flight_json(const StatusFacts& facts) {
  if (!facts.config.flight_recorder.enabled) return {{"enabled", false}};
  const FlightCounters& c = facts.flight;
  return {{"enabled", true},
          {"directory", facts.config.flight_recorder.directory},
          {"memory_events", c.memory_events.get()},
          {"memory_bytes", c.memory_bytes.get()},
          {"files", c.files.get()},
          {"lost", c.lost.get()},
          {"errors", c.errors.get()}};
}

}  // namespace

Json noise_json(const run::Noise& noise) {
  Json out = Json::array();
  for (const run::Noise::Row& row : noise.rows(boot_ns())) {
    Json sources = Json::array();
    for (const run::Noise::Source& source : row.sources)
      sources.push_back(
          {{"exepath", source.exepath}, {"image", source.image}, {"percent", source.percent}});
    out.push_back({{"rule", row.rule},
                   {"alerts", row.alerts},
                   {"budget", row.budget},
                   {"sources", std::move(sources)},
                   {"proposal", row.proposal}});
  }
  return out;
}

void add_lane(LaneTotals& to, const run::Pipeline& pipeline, Lane lane) {
  const capture::Source& source = pipeline.shared().source;
  for (unsigned cpu = 0; cpu < source.cpus(); cpu++) {
    const capture::RingCounters ring = source.counters(cpu, lane);
    const run::LaneCounters& counted = lane_of(pipeline, cpu, lane);
    to.seen += ring.seen;
    to.written += ring.written;
    to.lost += ring.lost;
    to.lost_bytes += ring.lost_bytes;
    to.waiting_bytes += ring.waiting_bytes;
    to.drained += counted.records.get();
    to.corrupted += counted.corrupted.get();
    to.corrupted_bytes += counted.corrupted_bytes.get();
  }
}

StatusTotals totals(const run::Pipeline& pipeline) {
  StatusTotals out;
  for (Lane lane : {Lane::life, Lane::event}) add_lane(out, pipeline, lane);
  for (const auto& drain : pipeline.drains()) {
    out.matched += drain->counters().matched.get();
    out.alerts += drain->counters().alerts.get();
    out.unknown += drain->counters().unknown.get();
  }
  return out;
}

run::LossSample loss_sample(const run::Pipeline& pipeline, const capture::RecordTypes& missing) {
  run::LossSample out;
  const capture::Source& source = pipeline.shared().source;
  for (unsigned cpu = 0; cpu < source.cpus(); cpu++) {
    for (Lane lane : {Lane::life, Lane::event}) {
      const capture::RingCounters ring = source.counters(cpu, lane);
      out.seen += ring.seen;
      (lane == Lane::life ? out.lost_life : out.lost_event) += ring.lost;
      out.bad_heads += ring.bad_heads;
      out.corrupted += lane_of(pipeline, cpu, lane).corrupted.get();
    }
  }
  for (const auto& drain : pipeline.drains()) out.alerts += drain->counters().alerts.get();
  for (const run::OpenSink& open : pipeline.outputs().sinks())
    out.alerts_lost[open.sink->name()] +=
        open.sink->counters().lost.load(std::memory_order_relaxed);
  for (const capture::Hook& hook : source.hooks()) {
    out.missed += hook.missed;
    if (hook.attached)
      out.hooks_on.push_back(hook.symbol);
    else if (hook.error != 0)
      out.hooks_off.push_back(hook.symbol);
  }
  for (const capture::UringOperation& operation : source.uring_operations())
    out.uring_unseen[operation.name] = operation.unseen;
  out.events_missing = names_of(missing);
  out.events_partial = names_of(source.partial());
  return out;
}

std::string status_json(run::Pipeline& pipeline, const capture::Source& source,
                        const StatusFacts& facts) {
  StatusTotals t = totals(pipeline);
  const run::Shared& shared = pipeline.shared();
  Json out{{"ok", true},
           {"version", SAKER_VERSION},
           {"pid", ::getpid()},
           {"uptime_s", (boot_ns() - facts.started) / 1'000'000'000}};
  out["source"] = {
      {"name", source.describe()}, {"cpus", source.present()}, {"wait", pipeline.wait_mechanism()}};
  out["source"]["events_missing"] = names_of(facts.missing);
  out["source"]["events_partial"] = names_of(source.partial());
  out["records"] = {{"seen", t.seen},           {"written", t.written},
                    {"lost", t.lost},           {"lost_bytes", t.lost_bytes},
                    {"drained", t.drained},     {"waiting_bytes", t.waiting_bytes},
                    {"corrupted", t.corrupted}, {"corrupted_bytes", t.corrupted_bytes},
                    {"matched", t.matched},     {"unknown_process", t.unknown}};
  out["records"]["lost_by_event"] = lost_by_event_json(source);
  out["alerts"] = {{"made", t.alerts},
                   {"passed", pipeline.outputs().passed()},
                   {"dropped", pipeline.outputs().lost()},
                   {"folded", pipeline.outputs().folded()},
                   {"latency", latency_json(pipeline)}};
  out["outputs"] = outputs_json(pipeline);
  out["recorder"] = recorder_json(facts);
  out["flight_recorder"] = flight_json(facts);
  out["recordings"] = pipeline.recordings();
  const run::Generation& generation = pipeline.generation();
  out["rules"] = {{"enabled", generation.rules_enabled}, {"total", generation.rules_total}};
  out["rules"]["files"] = generation.files;
  out["rules"]["sampled_one_of"] = shared.sample_every.load(std::memory_order_relaxed);
  out["rules"]["busiest"] = busiest_rules_json(pipeline, facts);
  out["noise"] = noise_json(facts.noise);
  out["processes"] = {{"known", shared.table.processes()},
                      {"images", shared.table.images()},
                      {"retired", shared.table.retired()},
                      {"ancestor_bytes", shared.table.ancestral()},
                      {"ancestors_shortened", shared.table.shortened()},
                      {"ancestors_forgotten", shared.table.forgotten()},
                      {"arguments_shortened", shared.table.abridged()},
                      {"containers", shared.containers.count()},
                      {"containers_unknown", shared.containers.unknown()},
                      {"containers_refused", shared.containers.refused()},
                      {"life_lock_longest_us", shared.life.longest_ns() / 1000}};
  out["kubernetes"] = kubernetes_json(pipeline, facts);
  const enrich::UserNames& names = pipeline.names();
  out["names"] = {{"asked", names.asked()},
                  {"found", names.found()},
                  {"failed", names.failed()},
                  {"refused", names.refused()},
                  {"longest_us", names.longest_ns() / 1000}};
  out["memory"] = memory_json(source.name());
  out["threads"] = threads_json(pipeline);
  out["cpus"] = cpus_json(pipeline, source);
  out["hooks"] = hooks_json(source);
  out["io_uring"] = uring_json(source);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string summary(const run::Pipeline& pipeline) {
  const StatusTotals t = totals(pipeline);
  auto n = [](std::uint64_t value) { return std::to_string(value); };
  return "records: " + n(t.seen) + " seen, " + n(t.written) + " written, " + n(t.lost) + " lost, " +
         n(t.corrupted) + " corrupted, " + n(t.drained) + " drained, " + n(t.matched) +
         " matched; alerts: " + n(t.alerts) + ", " + n(pipeline.outputs().lost()) + " dropped";
}

std::string event_names(const capture::RecordTypes& events) {
  std::string out;
  for (const std::string& name : names_of(events)) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace saker::service
