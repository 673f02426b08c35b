// SPDX-License-Identifier: Apache-2.0
#include "service/config/keys.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>

#include "base/nearest.h"
#include "service/config/falco.h"
#include "service/config/kubernetes.h"
#include "service/config/outputs.h"
#include "service/config/override.h"
#include "service/config/page.h"
#include "service/config/values.h"
#include "service/config/web.h"

namespace saker::service {
namespace {

// "always", "never", or a time.
void read_flush(const At& at) {
  std::uint64_t& to = at.config().spool.flush_ns;
  const std::optional<std::string> word = string_of(at);
  if (word == "always") {
    to = 0;
  } else if (word == "never") {
    to = run::SpoolConfig::never_flush;
  } else {
    read_time(at, to, "1s");
  }
}

void read_directories(const At& at, std::vector<std::string>& to, const std::string& example) {
  read_strings(at, to, example);
  for (std::string& path : to) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (!path.starts_with('/'))
      at.wrong("\"" + path + "\" is not an absolute path", "write it like [\"" + example + "\"]");
  }
}

void read_events(const At& at, bool& all) {
  read_choice(at, {"rules", "all"}, [&](std::size_t which) { all = which == 1; });
}

// { enable = { rule = "...", tag = "..." } }
void read_selection(const At& at) {
  const toml::table* entry = at.node.as_table();
  const toml::node* enable = entry ? entry->get("enable") : nullptr;
  const toml::node* disable = entry ? entry->get("disable") : nullptr;
  const toml::node* what = enable ? enable : disable;
  const toml::table* fields = what ? what->as_table() : nullptr;
  if (!entry || entry->size() != 1 || !fields || fields->empty())
    return at.wrong("an entry of rules must be enable or disable with a rule or a tag",
                    "write it like rules = [{ disable = { tag = \"network\" } }]");
  lang::Selection selection;
  selection.enable = enable != nullptr;
  for (const auto& [key, value] : *fields) {
    At inner = at.inside(value, "rules." + std::string(key.str()));
    if (key == "rule")
      read_string(inner, selection.rule, "Terminal shell in container");
    else if (key == "tag")
      read_string(inner, selection.tag, "network");
    else
      inner.wrong("unknown key \"" + std::string(key.str()) + "\" in an entry of rules",
                  "the keys are rule or tag");
  }
  at.config().rules.push_back(std::move(selection));
}

void read_rules(const At& at) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[{ disable = { rule = \"*\" } }]");
  at.config().rules.clear();
  for (const toml::node& entry : *list) read_selection(at.inside(entry, "rules"));
}

void read_append_fields(const At& at, lang::AppendOutput& to) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[\"proc.exepath\", { home = \"${HOME}\" }]");
  for (const toml::node& entry : *list) {
    if (const auto* field = entry.as_string()) {
      to.extra_fields.push_back({field->get(), ""});
    } else if (const toml::table* pairs = entry.as_table()) {
      for (const auto& [key, value] : *pairs) {
        std::string format;
        read_string(at.inside(value, "append_output.extra_fields." + std::string(key.str())),
                    format, "%proc.exepath");
        to.extra_fields.push_back({std::string(key.str()), format});
      }
    } else {
      wrong_kind(at.inside(entry, "an entry of extra_fields"), "a field's name or { key = format }",
                 "\"proc.exepath\"");
    }
  }
}

void read_match(const At& at, lang::AppendOutput& to) {
  const toml::table* match = at.node.as_table();
  if (!match) return wrong_kind(at, "a table", "{ source = \"syscall\" }");
  for (const auto& [key, value] : *match) {
    At inner = at.inside(value, "append_output.match." + std::string(key.str()));
    if (key == "rule")
      read_string(inner, to.match_rule, "Terminal shell in container");
    else if (key == "source")
      read_string(inner, to.match_source, "syscall");
    else if (key == "tags")
      read_strings(inner, to.match_tags, "network");
    else
      inner.wrong("unknown key \"" + inner.key + "\"", "the keys are rule, source or tags");
  }
}

void read_append_entry(const At& at) {
  const toml::table* entry = at.node.as_table();
  if (!entry) return wrong_kind(at, "a table", "[{ extra_output = \"on %evt.hostname\" }]");
  lang::AppendOutput out;
  for (const auto& [key, value] : *entry) {
    At inner = at.inside(value, "append_output." + std::string(key.str()));
    if (key == "match")
      read_match(inner, out);
    else if (key == "extra_output")
      read_string(inner, out.extra_output, "on %evt.hostname");
    else if (key == "extra_fields")
      read_append_fields(inner, out);
    else if (key == "suggested_output")
      read_bool(inner, out.suggested_output);
    else
      inner.wrong("unknown key \"" + inner.key + "\"",
                  "the keys are match, extra_output, extra_fields or suggested_output");
  }
  at.config().append_output.push_back(std::move(out));
}

void read_append_output(const At& at) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[{ extra_output = \"on %evt.hostname\" }]");
  at.config().append_output.clear();
  for (const toml::node& entry : *list) read_append_entry(at.inside(entry, "append_output"));
}

void read_static_fields(const At& at) {
  const toml::table* fields = at.node.as_table();
  if (!fields) return wrong_kind(at, "a table", "{ site = \"berlin\" }");
  at.config().static_fields.clear();
  for (const auto& [key, value] : *fields)
    read_string(at.inside(value, "static_fields." + std::string(key.str())),
                at.config().static_fields[std::string(key.str())], "berlin");
}

void read_format(const At& at, bool& json, bool& chosen) {
  read_choice(at, {"text", "json"}, [&](std::size_t which) {
    json = which == 1;
    chosen = true;
  });
}

// "ignore" cannot be combined with another action.
void read_drop_actions(const At& at) {
  run::LossConfig& to = at.config().syscall_event_drops;
  std::vector<std::string> actions;
  read_strings(at, actions, "log");
  to.log = to.alert = to.exit = false;
  for (const std::string& action : actions) {
    if (action == "log")
      to.log = true;
    else if (action == "alert")
      to.alert = true;
    else if (action == "exit")
      to.exit = true;
    else if (action != "ignore" || actions.size() != 1)
      at.wrong(at.key + " has \"" + action + "\"",
               "the values are log, alert and exit, or only ignore");
  }
}

void read_metrics_interval(const At& at) {
  constexpr std::uint64_t least_ns = 1'000'000'000;
  std::uint64_t ns = at.config().metrics.interval_ns;
  read_time(at, ns, "1h");
  if (ns < least_ns) at.warn(at.key + " is less than a second", "a second is the least there is");
  at.config().metrics.interval_ns = std::max(ns, least_ns);
}

constexpr std::int64_t most_budget = 1'000'000'000;

void read_budgets(const At& at) {
  const toml::table* budgets = at.node.as_table();
  if (!budgets) return wrong_kind(at, "a table", "{ \"Terminal shell in container\" = 50 }");
  at.config().noise.rules.clear();
  for (const auto& [rule, value] : *budgets) {
    const std::string name(rule.str());
    read_number(at.inside(value, "noise.rules.\"" + name + "\""), at.config().noise.rules[name],
                most_budget);
  }
}

void read_fold_window(const At& at) {
  constexpr std::uint64_t least_ns = 1'000'000'000, most_ns = 86'400 * least_ns;
  std::uint64_t ns = at.config().noise.fold_window_ns;
  read_time(at, ns, "60s");
  if (ns < least_ns || ns > most_ns)
    return at.wrong(at.key + " must be from 1s to 1d", "write it like " + at.key + " = \"60s\"");
  at.config().noise.fold_window_ns = ns;
}

// Falco's levels too, each mapped to the nearest of ours.
void read_log_level(const At& at) {
  static constexpr LogLevel levels[] = {LogLevel::error, LogLevel::warning, LogLevel::info,
                                        LogLevel::debug, LogLevel::info,    LogLevel::info,
                                        LogLevel::error, LogLevel::error,   LogLevel::error};
  read_choice(at,
              {"error", "warning", "info", "debug", "notice", "informational", "critical", "alert",
               "emergency"},
              [&](std::size_t which) { at.config().log_level = levels[which]; });
}

void read_log_stderr(const At& at) { read_bool(at, at.target.result.log.to_stderr); }
void read_log_syslog(const At& at) { read_bool(at, at.target.result.log.to_syslog); }

// It was done when the file was read (config_include.h).
void read_config_files(const At& at) {
  if (!at.target.has_position)
    at.warn("config_files has no effect in an option", "write it in the configuration");
}

struct ConfigKey {
  std::string_view path;
  void (*read)(const At& at);
};

// All keys; docs/saker.toml.example explains each.
constexpr ConfigKey keys[] = {
    {"config_files", read_config_files},
    {"watch_config_files", [](const At& at) { read_bool(at, at.target.result.watch_files); }},
    {"rules_files",
     [](const At& at) { read_strings(at, at.config().rules_files, "/etc/saker/rules.d"); }},
    {"rules", read_rules},
    {"priority", [](const At& at) { read_priority(at, at.config().priority); }},
    {"rule_matching",
     [](const At& at) {
       read_choice(at, {"first", "all"}, [&](std::size_t which) {
         at.config().rule_matching = static_cast<lang::RuleMatching>(which);
       });
     }},
    {"append_output", read_append_output},
    {"static_fields", read_static_fields},
    {"json_output", [](const At& at) { read_bool(at, at.config().json_output); }},
    {"json_include_output_property",
     [](const At& at) { read_bool(at, at.config().json_include_output); }},
    {"json_include_tags_property",
     [](const At& at) { read_bool(at, at.config().json_include_tags); }},
    {"json_include_message_property",
     [](const At& at) { read_bool(at, at.config().json_include_message); }},
    {"json_include_output_fields_property",
     [](const At& at) { read_bool(at, at.config().json_include_fields); }},
    {"time_format_iso_8601", [](const At& at) { read_bool(at, at.config().iso_time); }},
    {"buffer_format_base64", [](const At& at) { read_bool(at, at.config().base64); }},
    {"stdout_output.enabled",
     [](const At& at) { read_bool(at, at.config().stdout_output.enabled); }},
    {"stdout_output.format",
     [](const At& at) {
       run::OutputConfig& out = at.config().stdout_output;
       read_format(at, out.json, out.own_format);
     }},
    {"file_output.enabled", [](const At& at) { read_bool(at, at.config().file_output.enabled); }},
    {"file_output.filename",
     [](const At& at) {
       read_string(at, at.config().file_output.path, "/var/log/saker/alerts.log");
     }},
    {"file_output.format",
     [](const At& at) {
       run::OutputConfig& out = at.config().file_output;
       read_format(at, out.json, out.own_format);
     }},
    {"output", read_outputs},
    {"http_output", [](const At& at) { read_output_section(at, "http"); }},
    {"program_output", [](const At& at) { read_output_section(at, "program"); }},
    {"syslog_output", [](const At& at) { read_output_section(at, "syslog"); }},
    {"spool.enabled", [](const At& at) { read_bool(at, at.config().spool.enabled); }},
    {"spool.directory",
     [](const At& at) { read_string(at, at.config().spool.directory, "/var/lib/saker/spool"); }},
    {"spool.max_size",
     [](const At& at) { read_size(at, at.config().spool.max_size, 4u << 20, "256MiB"); }},
    {"spool.max_age", [](const At& at) { read_time(at, at.config().spool.max_age_ns, "7d"); }},
    {"spool.fsync", read_flush},
    {"syscall_event_drops.threshold",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.threshold, 1); }},
    {"syscall_event_drops.actions", read_drop_actions},
    {"syscall_event_drops.rate",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.rate, 1000); }},
    {"syscall_event_drops.max_burst",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.max_burst, 1000); }},
    {"capture.device", [](const At& at) { read_string(at, at.config().device, "/dev/saker"); }},
    {"rings.life", [](const At& at) { read_ring_size(at, at.config().life_bytes); }},
    {"rings.event", [](const At& at) { read_ring_size(at, at.config().event_bytes); }},
    {"rings.wake_us", [](const At& at) { read_number(at, at.config().wake_us, 1'000'000); }},
    {"rings.wake_bytes", [](const At& at) { read_number(at, at.config().wake_bytes, 64 << 20); }},
    {"threads.drain", [](const At& at) { read_number(at, at.config().drain_threads, 1024); }},
    {"control.socket",
     [](const At& at) { read_string(at, at.config().control_socket, "/run/saker/saker.sock"); }},
    {"control.group", [](const At& at) { read_string(at, at.config().control_group, "saker"); }},
    {"containers.root", [](const At& at) { read_string(at, at.config().container_root, "/host"); }},
    {"containers.containerd",
     [](const At& at) {
       read_directories(at, at.config().container_paths.containerd, "/run/containerd");
     }},
    {"containers.docker",
     [](const At& at) {
       read_directories(at, at.config().container_paths.docker, "/var/lib/docker");
     }},
    {"containers.storage",
     [](const At& at) {
       read_directories(at, at.config().container_paths.storage, "/var/lib/containers/storage");
     }},
    {"kubernetes.enabled", read_kubernetes_enabled},
    {"kubernetes.apiserver", read_apiserver},
    {"kubernetes.node", read_node},
    {"kubernetes.token_file", read_token_file},
    {"kubernetes.ca_file", read_ca_file},
    {"names.hosts_file",
     [](const At& at) { read_string(at, at.config().hosts_file, "/etc/hosts"); }},
    {"recorder.enabled", [](const At& at) { read_bool(at, at.config().recorder.enabled); }},
    {"recorder.directory",
     [](const At& at) {
       read_string(at, at.config().recorder.directory, "/var/lib/saker/recordings");
     }},
    {"recorder.events", [](const At& at) { read_events(at, at.config().recorder.all_events); }},
    {"recorder.filter",
     [](const At& at) { read_string(at, at.config().recorder.filter, "container"); }},
    {"recorder.rotate_size",
     [](const At& at) { read_size(at, at.config().recorder.rotate_size, 0, "256MiB"); }},
    {"recorder.rotate_time",
     [](const At& at) { read_time(at, at.config().recorder.rotate_ns, "1h"); }},
    {"recorder.keep", [](const At& at) { read_keep(at, at.config().recorder.keep); }},
    {"flight_recorder.enabled",
     [](const At& at) { read_bool(at, at.config().flight_recorder.enabled); }},
    {"flight_recorder.directory",
     [](const At& at) {
       read_string(at, at.config().flight_recorder.directory, "/var/lib/saker/flight");
     }},
    {"flight_recorder.events",
     [](const At& at) { read_events(at, at.config().flight_recorder.all_events); }},
    {"flight_recorder.filter",
     [](const At& at) { read_string(at, at.config().flight_recorder.filter, "container"); }},
    {"flight_recorder.memory",
     [](const At& at) { read_size(at, at.config().flight_recorder.memory, 1u << 20, "32MiB"); }},
    {"flight_recorder.before",
     [](const At& at) { read_time(at, at.config().flight_recorder.before_ns, "60s"); }},
    {"flight_recorder.after",
     [](const At& at) { read_time(at, at.config().flight_recorder.after_ns, "10s"); }},
    {"flight_recorder.priority",
     [](const At& at) { read_priority(at, at.config().flight_recorder.priority); }},
    {"flight_recorder.rules",
     [](const At& at) {
       read_strings(at, at.config().flight_recorder.rules, "Terminal shell in container");
     }},
    {"flight_recorder.rules_ask",
     [](const At& at) { read_bool(at, at.config().flight_recorder.rules_ask); }},
    {"flight_recorder.max_size",
     [](const At& at) { read_size(at, at.config().flight_recorder.max_size, 1u << 20, "64MiB"); }},
    {"flight_recorder.keep", [](const At& at) { read_keep(at, at.config().flight_recorder.keep); }},
    {"metrics.enabled", [](const At& at) { read_bool(at, at.config().metrics.enabled); }},
    {"metrics.interval", read_metrics_interval},
    {"metrics.output_rule", [](const At& at) { read_bool(at, at.config().metrics.output_rule); }},
    {"metrics.output_file",
     [](const At& at) {
       read_string(at, at.config().metrics.output_file, "/var/log/saker/metrics.jsonl");
     }},
    {"metrics.rules_counters_enabled",
     [](const At& at) { read_bool(at, at.config().metrics.rules_counters); }},
    {"metrics.resource_utilization_enabled",
     [](const At& at) { read_bool(at, at.config().metrics.resource_utilization); }},
    {"metrics.state_counters_enabled",
     [](const At& at) { read_bool(at, at.config().metrics.state_counters); }},
    {"metrics.kernel_event_counters_enabled",
     [](const At& at) { read_bool(at, at.config().metrics.kernel_event_counters); }},
    {"metrics.kernel_event_counters_per_cpu_enabled",
     [](const At& at) { read_bool(at, at.config().metrics.kernel_event_counters_per_cpu); }},
    {"metrics.convert_memory_to_mb",
     [](const At& at) { read_bool(at, at.config().metrics.convert_memory_to_mb); }},
    {"metrics.include_empty_values",
     [](const At& at) { read_bool(at, at.config().metrics.include_empty_values); }},
    {"noise.max_alerts_per_hour",
     [](const At& at) { read_number(at, at.config().noise.max_alerts_per_hour, most_budget); }},
    {"noise.rules", read_budgets},
    {"noise.fold_repeats", [](const At& at) { read_bool(at, at.config().noise.fold_repeats); }},
    {"noise.fold_window", read_fold_window},
    {"webserver.enabled", [](const At& at) { read_bool(at, at.target.result.web.enabled); }},
    {"webserver.listen_address", read_listen_address},
    {"webserver.listen_port", read_listen_port},
    {"webserver.k8s_healthz_endpoint", read_endpoint},
    {"webserver.prometheus_metrics_enabled",
     [](const At& at) { read_bool(at, at.target.result.web.prometheus_metrics_enabled); }},
    {"web.listen_address", read_page_address},
    {"web.listen_port", read_page_port},
    {"web.hosts", read_page_hosts},
    {"web.certificate",
     [](const At& at) {
       read_string(at, at.target.result.page.certificate, "/etc/saker/web.pem");
     }},
    {"web.key",
     [](const At& at) { read_string(at, at.target.result.page.key, "/etc/saker/web.key"); }},
    {"web.client_ca",
     [](const At& at) { read_string(at, at.target.result.page.client_ca, "/etc/saker/ca.pem"); }},
    {"web.password_file",
     [](const At& at) {
       read_string(at, at.target.result.page.password_file, "/etc/saker/web.password");
     }},
    {"web.metrics_password_file",
     [](const At& at) {
       read_string(at, at.target.result.page.metrics_password_file, "/etc/saker/metrics.password");
     }},
    {"web.history_directory",
     [](const At& at) {
       read_string(at, at.target.result.page.history_directory, "/var/lib/saker/history");
     }},
    {"web.history_max_mb", read_history_mb},
    {"web.history_max_days", read_history_days},
    {"log.level", read_log_level},
    {"log_level", read_log_level},
    {"log.stderr", read_log_stderr},
    {"log_stderr", read_log_stderr},
    {"log.syslog", read_log_syslog},
    {"log_syslog", read_log_syslog},
};

bool is_section(std::string_view path) {
  for (const ConfigKey& key : keys)
    if (key.path.size() > path.size() && key.path.starts_with(path) && key.path[path.size()] == '.')
      return true;
  return false;
}

void unknown_key(const At& at) {
  if (const FalcoKey* falco = find_falco_key(at.key)) {
    at.warn(at.key + " is a key of Falco that has no effect here", std::string(falco->why));
    return;
  }
  Nearest nearest(at.key);
  for (const ConfigKey& key : keys) {
    nearest.offer(key.path);
    nearest.offer(key.path.substr(0, key.path.find('.')));
  }
  std::string hint = "docs/saker.toml.example lists all keys";
  if (!nearest.best().empty()) hint = "did you mean " + std::string(nearest.best()) + "?";
  at.wrong("unknown key " + at.key, hint);
}

const ConfigKey* find_key(std::string_view path) {
  const ConfigKey* key = std::find_if(std::begin(keys), std::end(keys),
                                      [&](const ConfigKey& k) { return k.path == path; });
  return key == std::end(keys) ? nullptr : key;
}

void walk(const toml::table& table, const std::string& prefix, ConfigTarget& target) {
  for (const auto& [name, value] : table) {
    At at{value, prefix + std::string(name.str()), target};
    if (const ConfigKey* key = find_key(at.key))
      key->read(at);
    else if (!is_section(at.key) && !is_falco_section(at.key))
      unknown_key(at);
    else if (const toml::table* section = value.as_table())
      walk(*section, at.key + ".", target);
    else
      wrong_kind(at, "a section", "{ }");
  }
}

// The current list, for an option that changes one of its entries.
toml::array strings(const std::vector<std::string>& list) {
  toml::array array;
  for (const std::string& item : list) array.push_back(item);
  return array;
}

toml::table entry_of(const lang::AppendOutput& append) {
  toml::table match, entry;
  if (!append.match_rule.empty()) match.insert("rule", append.match_rule);
  if (!append.match_source.empty()) match.insert("source", append.match_source);
  if (!append.match_tags.empty()) match.insert("tags", strings(append.match_tags));
  if (!match.empty()) entry.insert("match", std::move(match));
  toml::array fields;
  for (const lang::AppendOutput::Field& field : append.extra_fields) {
    if (field.format.empty())
      fields.push_back(field.key);
    else
      fields.push_back(toml::table{{field.key, field.format}});
  }
  if (!fields.empty()) entry.insert("extra_fields", std::move(fields));
  if (!append.extra_output.empty()) entry.insert("extra_output", append.extra_output);
  if (append.suggested_output) entry.insert("suggested_output", true);
  return entry;
}

toml::array list_now(std::string_view key, const run::Config& config) {
  if (key == "rules_files") return strings(config.rules_files);
  toml::array array;
  if (key == "append_output")
    for (const lang::AppendOutput& append : config.append_output) array.push_back(entry_of(append));
  return array;
}

// Prepares the list in effect for [N] and [], also if the file does not have it or has a string for
// a list of one entry.
void make_list(toml::table& tree, std::string_view key, const run::Config& config) {
  toml::node* node = tree.at_path(key).node();
  if (node && !node->is_string()) return;
  toml::array list;
  if (node)
    list.push_back(node->as_string()->get());
  else
    list = list_now(key, config);
  const std::size_t dot = key.find('.');
  toml::table* section = &tree;
  if (dot != key.npos)
    section = tree.insert(key.substr(0, dot), toml::table()).first->second.as_table();
  if (section)
    section->insert_or_assign(key.substr(dot == key.npos ? 0 : dot + 1), std::move(list));
}

// The key at the beginning of a path, and its number of steps.
struct FoundKey {
  const ConfigKey* key = nullptr;
  std::string path;
  std::size_t steps = 0;
};

FoundKey key_at_front(const KeyPath& path) {
  FoundKey found;
  while (found.steps < path.size() && path[found.steps].kind == KeyStep::Kind::name && !found.key) {
    found.path += (found.steps ? "." : "") + path[found.steps].name;
    found.key = find_key(found.path);
    found.steps++;
  }
  return found;
}

void apply_to_section(const FoundKey& found, const KeyPath& path, const OverrideValue& value,
                      ConfigTarget& target) {
  const toml::value<bool> nothing(false);
  const At at{nothing, found.path, target};
  if (!is_section(found.path) && !is_falco_section(found.path)) return unknown_key(at);
  const toml::table* table = std::get_if<toml::table>(&value);
  if (found.steps < path.size() || !table)
    return at.wrong(found.path + " is a section",
                    "name a key in it, as in " + found.path + ".KEY=VALUE");
  walk(*table, found.path + ".", target);
}

}  // namespace

void apply_option(toml::table& tree, const KeyPath& path, OverrideValue value,
                  ConfigTarget target) {
  const FoundKey found = key_at_front(path);
  if (!found.key) return apply_to_section(found, path, value, target);
  if (found.steps < path.size() && path[found.steps].kind != KeyStep::Kind::name)
    make_list(tree, found.key->path, target.result.config);
  const toml::value<bool> nothing(false);
  Result<void> set = set_in_tree(tree, path, std::move(value));
  if (!set) return At{nothing, found.path, target}.wrong(set.error().message, "");
  const std::size_t before = target.result.errors.size();
  const toml::node* node = tree.at_path(found.path).node();
  found.key->read({*node, found.path, target});
  // Errors in the rest of the list were already reported for the file.
  std::vector<ConfigDiagnostic>& errors = target.result.errors;
  const auto known = [&](const ConfigDiagnostic& error) {
    const auto end = errors.begin() + static_cast<std::ptrdiff_t>(before);
    return std::any_of(errors.begin(), end,
                       [&](const ConfigDiagnostic& old) { return old.message == error.message; });
  };
  errors.erase(
      std::remove_if(errors.begin() + static_cast<std::ptrdiff_t>(before), errors.end(), known),
      errors.end());
}

bool has_config_key(std::string_view path) { return find_key(path) != nullptr; }

bool has_config_section(std::string_view path) { return is_section(path); }

void apply_table(const toml::table& table, ConfigTarget target) {
  ConfigResult& result = target.result;
  const auto before = static_cast<std::ptrdiff_t>(result.errors.size());
  walk(table, "", target);
  // TOML sorts keys by name, but a user fixes a file from top to bottom.
  std::ranges::stable_sort(result.errors.begin() + before, result.errors.end(), {},
                           &ConfigDiagnostic::line);
  std::ranges::stable_sort(result.warnings, {}, &ConfigDiagnostic::line);
}

}  // namespace saker::service
