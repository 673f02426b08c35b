// SPDX-License-Identifier: Apache-2.0
// The configuration of the sensor: plain data. service/config reads it; docs/operating.md describes
// each key. Any thread, once it is made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "enrich/runtime_paths.h"
#include "lang/rules.h"
#include "output/kinds/settings.h"

namespace saker::run {

struct OutputConfig {
  bool enabled = false;
  bool json = false;
  bool own_format = false;  // `json` was set for this output; otherwise json_output decides
  std::string path;         // file only

  bool as_json(bool json_output) const { return own_format ? json : json_output; }
  bool operator==(const OutputConfig&) const = default;
};

// The events in a recording of the daemon.
struct RecordedConfig {
  bool enabled = false;
  std::string directory;
  bool all_events = false;  // otherwise the events that the rules ask for
  std::string filter;       // a condition; "": all events

  bool operator==(const RecordedConfig&) const = default;
};

struct RecorderConfig : RecordedConfig {
  RecorderConfig() { directory = "/var/lib/saker/recordings"; }

  std::uint64_t rotate_size = 256u << 20, rotate_ns = 0;  // 0: no limit
  std::uint32_t keep = 8;

  bool operator==(const RecorderConfig&) const = default;
};

struct FlightRecorderConfig : RecordedConfig {
  FlightRecorderConfig() { directory = "/var/lib/saker/flight"; }

  std::uint64_t memory = 32u << 20, max_size = 64u << 20;
  std::uint64_t before_ns = 60'000'000'000, after_ns = 10'000'000'000;
  lang::Priority priority = lang::Priority::critical;
  std::vector<std::string> rules;
  bool rules_ask = true;  // an alert of a rule with `capture: true` makes a file too
  std::uint32_t keep = 100;

  bool operator==(const FlightRecorderConfig&) const = default;
};

// Falco's syscall_event_drops: its keys, its names.
struct LossConfig {
  // Lost records per record seen, in one second; a smaller loss is counted but not reported.
  double threshold = 0;
  double rate = 1.0 / 30;  // reports a second of each kind, on average
  double max_burst = 1;
  bool log = true, alert = true, exit = false;

  bool operator==(const LossConfig&) const = default;
};

// The spool's place among the outputs: none of them may have it.
inline constexpr const char* spool_name = "spool";

struct SpoolConfig {
  static constexpr std::uint64_t never_flush = ~std::uint64_t{0};

  bool enabled = true;
  std::string directory = "/var/lib/saker/spool";
  std::uint64_t max_size = 256u << 20;
  std::uint64_t max_age_ns = 7 * 86'400'000'000'000;  // 0: any
  std::uint64_t flush_ns = 1'000'000'000;             // 0: each batch

  bool operator==(const SpoolConfig&) const = default;
};

// Falco's metrics: its keys, its names.
struct MetricsConfig {
  bool enabled = false, output_rule = true;
  std::uint64_t interval_ns = 3'600'000'000'000;
  std::string output_file;  // "": none
  bool rules_counters = true, resource_utilization = true, state_counters = true,
       kernel_event_counters = true, kernel_event_counters_per_cpu = false;
  bool convert_memory_to_mb = true, include_empty_values = false;

  bool operator==(const MetricsConfig&) const = default;
};

// How much rules may alert, and whether repeats are folded.
struct NoiseConfig {
  std::uint32_t max_alerts_per_hour = 0;       // 0: no budget
  std::map<std::string, std::uint32_t> rules;  // those with another one
  bool fold_repeats = false;
  std::uint64_t fold_window_ns = 60'000'000'000;

  bool has_budget() const { return max_alerts_per_hour != 0 || !rules.empty(); }
  bool operator==(const NoiseConfig&) const = default;
};

// What the API server of Kubernetes says of this node's pods.
struct KubernetesConfig {
  bool enabled = false;
  std::string apiserver;  // "": from the environment of the pod
  std::string node;       // "": the host's name
  std::string token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  std::string ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

  bool operator==(const KubernetesConfig&) const = default;
};

struct Config {
  std::vector<std::string> rules_files = {"/etc/saker/rules.d"};
  // not a key: "-" in the list is standard input; only for commands that end
  bool standard_input = false;
  std::vector<lang::Selection> rules;
  lang::Priority priority = lang::Priority::debug;
  lang::RuleMatching rule_matching = lang::RuleMatching::first;
  std::vector<lang::AppendOutput> append_output;
  std::map<std::string, std::string> static_fields;

  bool json_output = false;  // for outputs without a format of their own
  bool json_include_output = true, json_include_tags = true, json_include_message = false,
       json_include_fields = true;
  bool iso_time = false;
  bool base64 = false;  // bytes in outputs (buffer_format_base64)
  OutputConfig stdout_output{.enabled = true, .path = ""};
  OutputConfig file_output;
  std::vector<output::Settings> outputs;  // [[output]], and Falco's own sections
  SpoolConfig spool;                      // where their alerts wait
  LossConfig syscall_event_drops;
  MetricsConfig metrics;
  NoiseConfig noise;

  std::string device = "/dev/saker";
  std::uint64_t life_bytes = 1u << 20, event_bytes = 4u << 20;
  std::uint32_t wake_us = 0, wake_bytes = 0;
  unsigned drain_threads = 0;                            // 0: one for every eight CPUs
  std::string control_socket = "/run/saker/saker.sock";  // "": none
  std::string control_group;  // its members may query, besides root; "": only root
  std::string container_root;
  enrich::RuntimePaths container_paths;   // in addition to those that are found
  std::string hosts_file = "/etc/hosts";  // names of addresses; "": none
  KubernetesConfig kubernetes;
  LogLevel log_level = LogLevel::info;
  RecorderConfig recorder;
  FlightRecorderConfig flight_recorder;
};

}  // namespace saker::run
