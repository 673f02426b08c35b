// SPDX-License-Identifier: Apache-2.0
#include "service/report/metrics.h"

#include <saker/version.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "lang/rules.h"
#include "service/report/memory.h"
#include "service/report/prometheus_text.h"
#include "service/report/status.h"

namespace saker::service {
namespace {

using capture::Lane;
using Labels = PrometheusText::Labels;
using Json = nlohmann::ordered_json;

void add_lanes(PrometheusText& out, const run::Pipeline& pipeline) {
  LaneTotals life, event;
  add_lane(life, pipeline, Lane::life);
  add_lane(event, pipeline, Lane::event);
  const auto both = [&](std::uint64_t LaneTotals::*value) {
    out.sample(life.*value, {{"lane", "life"}});
    out.sample(event.*value, {{"lane", "event"}});
  };
  out.counter("falcosecurity_scap_n_evts_total", "Records that the module saw.");
  out.sample(life.seen + event.seen);
  out.counter("falcosecurity_scap_n_drops_total", "Records that did not fit into a ring.");
  out.sample(life.lost + event.lost);
  out.counter("saker_records_seen_total", "Records that the module saw, by lane.");
  both(&LaneTotals::seen);
  out.counter("saker_records_written_total", "Records written to a ring.");
  both(&LaneTotals::written);
  out.counter("saker_records_lost_total", "Records lost because the ring was full.");
  both(&LaneTotals::lost);
  out.counter("saker_records_lost_bytes_total", "Bytes of records that were lost.");
  both(&LaneTotals::lost_bytes);
  out.counter("saker_records_drained_total",
              "Records that the daemon read, including gap records.");
  both(&LaneTotals::drained);
  out.counter("saker_records_corrupted_total", "Malformed records.");
  both(&LaneTotals::corrupted);
  out.gauge("saker_records_waiting_bytes", "Bytes that wait in the rings.");
  both(&LaneTotals::waiting_bytes);
}

void add_rules(PrometheusText& out, const WebFacts& facts) {
  std::map<std::string_view, const output::RuleText*> known;
  const run::Generation& generation = facts.pipeline->generation();
  for (const output::RuleText& rule : generation.texts) known[rule.name] = &rule;
  out.counter("falcosecurity_falco_rules_matches_total", "Alerts, by rule.");
  for (const RuleCounts::Row& row : facts.rules.rows()) {
    const auto rule = known.find(row.rule);
    Labels labels = {{"priority", std::to_string(static_cast<unsigned>(row.priority))},
                     {"rule_name", row.rule},
                     {"source", rule == known.end() ? "internal" : rule->second->source}};
    if (rule != known.end()) {
      // Two tags may become the same name.
      std::map<std::string, std::string> tags;
      for (const std::string& tag : rule->second->tags) tags["tag_" + label_name(tag)] = "true";
      labels.insert(labels.end(), tags.begin(), tags.end());
    }
    out.sample(row.alerts, labels);
  }
  out.gauge("saker_rules", "Rules that are loaded.");
  out.sample(std::uint64_t{generation.rules_enabled}, {{"state", "enabled"}});
  out.sample(std::uint64_t{generation.rules_total - generation.rules_enabled},
             {{"state", "disabled"}});
}

// Rules that no event of the sample came to have none.
void add_costs(PrometheusText& out, const WebFacts& facts) {
  const run::RuleCostSums costs = facts.pipeline->rule_costs();
  out.counter("saker_rule_cost_seconds_total",
              "CPU time of judging a rule, estimated from a sample of the events.");
  for (const auto& [name, cost] : costs.rules())
    out.sample(facts.cycle.seconds(cost.cycles), {{"rule_name", name}});
  out.counter("saker_rule_judged_total", "Events at which a rule was judged, estimated likewise.");
  for (const auto& [name, cost] : costs.rules()) out.sample(cost.looks, {{"rule_name", name}});
  out.counter("saker_rules_finding_seconds_total",
              "CPU time of finding the rules that could hold, estimated likewise.");
  out.sample(facts.cycle.seconds(costs.shared().cycles));
}

void add_latency(PrometheusText& out, const run::Pipeline& pipeline) {
  std::array<double, run::Latency::bounds_ns.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); i++)
    bounds[i] = static_cast<double>(run::Latency::bounds_ns[i]) / 1e9;
  out.histogram("saker_alert_latency_seconds",
                "From the record of an event to its alert at the outputs, by lane.");
  for (const Lane lane : {Lane::life, Lane::event}) {
    const run::Latency::Histogram seen =
        pipeline.outputs().latency().histogram(static_cast<unsigned>(lane));
    out.distribution(bounds, seen.alerts, static_cast<double>(seen.total_ns) / 1e9,
                     {{"lane", lane == Lane::life ? "life" : "event"}});
  }
}

void add_noise(PrometheusText& out, const WebFacts& facts) {
  const std::vector<run::Noise::Row> rows = facts.noise.rows(boot_ns());
  out.gauge("saker_rule_over_budget_alerts",
            "Alerts within an hour of a rule that made more than its budget allows.");
  for (const run::Noise::Row& row : rows) out.sample(row.alerts, {{"rule_name", row.rule}});
  out.gauge("saker_rule_over_budget_source_alerts", "Of them, its three largest sources.");
  for (const run::Noise::Row& row : rows)
    for (const run::Noise::Source& source : row.sources)
      out.sample(row.alerts * source.percent / 100,
                 {{"rule_name", row.rule}, {"exepath", source.exepath}, {"image", source.image}});
  out.counter("saker_alerts_folded_total", "Repeats that were folded into one alert.");
  out.sample(facts.pipeline->outputs().folded());
}

void add_alerts(PrometheusText& out, const WebFacts& facts) {
  const run::Pipeline& pipeline = *facts.pipeline;
  const StatusTotals sums = totals(pipeline);
  out.counter("saker_records_matched_total", "Records that matched some rule.");
  out.sample(sums.matched);
  out.counter("saker_records_of_unknown_process_total", "Records of an unknown process.");
  out.sample(sums.unknown);
  out.counter("saker_alerts_total", "Alerts that were made.");
  out.sample(facts.rules.total());
  out.counter("falcosecurity_falco_outputs_queue_num_drops_total",
              "Alerts that some output could not keep.");
  out.sample(pipeline.outputs().lost());
  const auto each = [&](auto value) {
    for (const run::OpenSink& open : pipeline.outputs().sinks())
      out.sample(std::uint64_t{value(open.sink->counters())}, {{"output", open.sink->name()}});
  };
  using Counters = output::SinkCounters;
  out.counter("saker_output_alerts_taken_total", "Alerts given to an output.");
  each([](const Counters& c) { return c.taken.load(std::memory_order_relaxed); });
  out.counter("saker_output_alerts_written_total", "Alerts written by an output.");
  each([](const Counters& c) { return c.written.load(std::memory_order_relaxed); });
  out.counter("saker_output_alerts_lost_total", "Alerts lost by an output.");
  each([](const Counters& c) { return c.lost.load(std::memory_order_relaxed); });
  out.counter("saker_output_errors_total", "Failed attempts of an output.");
  each([](const Counters& c) { return c.errors.load(std::memory_order_relaxed); });
  out.gauge("saker_output_alerts_waiting", "Alerts that wait for an output.");
  each([](const Counters& c) { return c.waiting.load(std::memory_order_relaxed); });
}

void add_hooks(PrometheusText& out, const capture::Source& source) {
  const std::vector<capture::Hook> hooks = source.hooks();
  out.gauge("saker_hook_attached", "Whether a requested hook is attached.");
  for (const capture::Hook& hook : hooks)
    if (hook.attached || hook.error != 0)
      out.sample(std::uint64_t{hook.attached}, {{"hook", hook.symbol}});
  out.counter("saker_hook_missed_total", "Calls that passed a hook without a record.");
  for (const capture::Hook& hook : hooks)
    if (hook.attached || hook.missed != 0)
      out.sample(std::uint64_t{hook.missed}, {{"hook", hook.symbol}});
}

void add_uring(PrometheusText& out, const capture::Source& source) {
  const std::vector<capture::UringOperation> operations = source.uring_operations();
  const auto each = [&](std::uint64_t capture::UringOperation::*value) {
    for (const capture::UringOperation& operation : operations)
      out.sample(operation.*value, {{"operation", operation.name}});
  };
  out.counter("saker_io_uring_submitted_total", "Operations of io_uring, by their names.");
  each(&capture::UringOperation::submitted);
  out.counter("saker_io_uring_refused_total", "Operations that the kernel refused at once.");
  each(&capture::UringOperation::refused);
  out.counter("saker_io_uring_unseen_total",
              "Operations that did what rules ask for, but that no hook saw.");
  each(&capture::UringOperation::unseen);
}

void add_daemon(PrometheusText& out, const WebFacts& facts) {
  utsname system{};
  (void)::uname(&system);
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  out.gauge("saker_version_info", "The version of Saker.");
  out.sample(std::uint64_t{1}, {{"version", SAKER_VERSION}});
  out.gauge("falcosecurity_scap_engine_name_info", "Where records come from.");
  out.sample(std::uint64_t{1}, {{"engine_name", "kmod"}, {"evt_source", "syscall"}});
  out.gauge("falcosecurity_falco_kernel_release_info", "The kernel's release.");
  out.sample(std::uint64_t{1}, {{"kernel_release", system.release}});
  out.gauge("falcosecurity_evt_hostname_info", "The host's name in alerts.");
  out.sample(std::uint64_t{1}, {{"hostname", facts.pipeline->generation().format.hostname}});
  out.gauge("falcosecurity_falco_host_num_cpus_total", "CPUs that have rings.");
  out.sample(std::uint64_t{facts.source.cpus()});
  out.counter("falcosecurity_falco_duration_seconds_total", "Seconds since the start.");
  out.sample((boot_ns() - facts.started) / 1'000'000'000);
  out.gauge("falcosecurity_falco_memory_rss_bytes", "Resident memory, including the rings.");
  out.sample(own_memory().resident);
  out.counter("process_cpu_seconds_total", "CPU time of the daemon.");
  out.sample(seconds(used.ru_utime) + seconds(used.ru_stime));
  const run::Shared& shared = facts.pipeline->shared();
  out.gauge("saker_processes", "Processes that are known.");
  out.sample(std::uint64_t{shared.table.processes()});
  out.gauge("saker_containers", "Containers that are known.");
  out.sample(std::uint64_t{shared.containers.count()});
  if (facts.pods) {
    out.gauge("saker_kubernetes_pods", "Pods that the API server reported.");
    out.sample(std::uint64_t{facts.pipeline->pods().count()});
    out.counter("saker_kubernetes_pods_refused_total", "Pods that were too many or too long.");
    out.sample(facts.pipeline->pods().refused());
    out.counter("saker_kubernetes_errors_total", "Failures to list or watch pods.");
    out.sample(facts.pods->pods().errors());
    out.gauge("saker_kubernetes_services",
              "Services with a selector that the API server reported.");
    out.sample(std::uint64_t{facts.pipeline->pods().services()});
    out.counter("saker_kubernetes_services_refused_total",
                "Services that were too many, or whose selectors were too long.");
    out.sample(facts.pipeline->pods().services_refused());
    out.counter("saker_kubernetes_services_errors_total", "Failures to list or watch services.");
    out.sample(facts.pods->services().errors());
  }
  out.gauge("saker_recordings", "Recordings that are being made.");
  out.sample(std::uint64_t{facts.pipeline->recordings()});
  out.gauge("saker_stalled", "Whether a thread makes no progress.");
  out.sample(std::uint64_t{!facts.stalled.empty()});
}

WebAnswer json_answer(int status, const Json& json) {
  return {.status = status,
          .body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

WebAnswer health(const WebFacts& facts) {
  if (!facts.pipeline) return json_answer(503, {{"status", "starting"}});
  if (!facts.stalled.empty())
    return json_answer(503, {{"status", "stalled"}, {"reason", facts.stalled}});
  return json_answer(200, {{"status", "ok"}});
}

}  // namespace

std::string metrics_text(const WebFacts& facts) {
  PrometheusText out;
  add_daemon(out, facts);
  add_lanes(out, *facts.pipeline);
  add_alerts(out, facts);
  add_latency(out, *facts.pipeline);
  add_rules(out, facts);
  add_costs(out, facts);
  add_noise(out, facts);
  add_hooks(out, facts.source);
  add_uring(out, facts.source);
  return out.text();
}

std::string web_answer_line(const WebFacts& facts, std::string_view command) {
  WebAnswer answer;
  if (command == "healthz")
    answer = health(facts);
  else if (command == "metrics")
    answer = {.type = std::string(PrometheusText::type), .body = metrics_text(facts)};
  else
    answer = web_answer(facts, "/versions");
  return Json{{"ok", true}, {"status", answer.status}, {"type", answer.type}, {"body", answer.body}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

WebAnswer web_answer(const WebFacts& facts, std::string_view path) {
  if (path == facts.config.k8s_healthz_endpoint) return health(facts);
  if (path == "/versions")
    return json_answer(200, {{"saker_version", SAKER_VERSION},
                             {"engine_version_semver", std::string(lang::engine_version)}});
  if (path == "/metrics" && facts.config.prometheus_metrics_enabled && facts.pipeline)
    return {.type = std::string(PrometheusText::type), .body = metrics_text(facts)};
  if (path == "/metrics" && !facts.config.prometheus_metrics_enabled)
    return json_answer(404, {{"error", "webserver.prometheus_metrics_enabled is false"}});
  if (path == "/metrics") return json_answer(503, {{"status", "starting"}});
  return json_answer(
      404, {{"error", "there are /versions, /metrics and " + facts.config.k8s_healthz_endpoint}});
}

}  // namespace saker::service
