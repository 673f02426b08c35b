// SPDX-License-Identifier: Apache-2.0
#include "service/config/falco.h"

#include <algorithm>
#include <iterator>

namespace saker::service {
namespace {

constexpr std::string_view rings = "rings.event is the size of the buffer of each CPU",
                           all_read = "Saker's module is the only event source",
                           as_needed = "only the events that rules ask for are recorded",
                           plugin =
                               "Saker loads no plugins; it knows containers and pods without them",
                           old = "Falco itself no longer has this",
                           table = "the process table grows with the number of processes",
                           flight = "[flight_recorder] records the events before and after alerts",
                           tls = "with TLS, saker-web serves /metrics: web.certificate and web.key",
                           grpc = "Falco itself no longer has this; saker alerts follows alerts";

constexpr FalcoKey rows[] = {
    {"base_syscalls", as_needed},
    {"buffered_outputs", "every alert is written at once"},
    {"capture.enabled", flight},
    {"capture.path_prefix", "flight_recorder.directory is the directory of recordings"},
    {"capture.mode", "flight_recorder.priority, rules and rules_ask say which alerts record"},
    {"capture.default_duration", "flight_recorder.before and after set the time around an alert"},
    {"container_engines", "container runtimes are found automatically"},
    {"engine.kind", all_read},
    {"engine.kmod.buf_size_preset", rings},
    {"engine.kmod.drop_failed_exit", as_needed},
    {"engine.modern_ebpf.buf_size_preset", rings},
    {"engine.modern_ebpf.cpus_for_each_buffer", "each CPU has its own rings"},
    {"engine.modern_ebpf.drop_failed_exit", as_needed},
    {"engine.modern_ebpf.disable_iterators", "/proc is read without them"},
    {"engine.ebpf", all_read},
    {"engine.replay", "saker replay FILE replays captures"},
    {"engine.gvisor", all_read},
    {"engine.nodriver", all_read},
    {"falco_libs.thread_table_size", table},
    {"falco_libs.thread_table_auto_purging_interval_s", table},
    {"falco_libs.thread_table_auto_purging_thread_timeout_s", table},
    {"falco_libs.snaplen", "the recorded length of a buffer is fixed"},
    {"file_output.keep_alive",
     "the file stays open, and is created again if it was moved or removed"},
    {"grpc", grpc},
    {"grpc_output", grpc},
    {"libs_logger", "there is one log, whose level is log.level"},
    {"load_plugins", plugin},
    {"metadata_download", old},
    {"metrics.jemalloc_stats_enabled", "there is no jemalloc"},
    {"metrics.libbpf_stats_enabled", "the module's hooks are in /metrics and saker status --json"},
    {"metrics.plugins_metrics_enabled", plugin},
    {"modern_bpf", old},
    {"output_timeout", "an output that hangs blocks no other; alerts that it loses are counted"},
    {"outputs", "alerts are not limited; Falco itself no longer has this"},
    {"outputs_queue.capacity",
     "each output has its own queue; the key queue of an [[output]] sets its size"},
    {"plugins", plugin},
    {"plugins_hostinfo", plugin},
    {"rules_file", "its name is rules_files"},
    {"rule_files", "its name is rules_files"},
    {"syscall_buf_size_preset", rings},
    {"syscall_drop_failed_exit", as_needed},
    {"syscall_event_drops.simulate_drops", "it is only for tests of Falco"},
    {"syscall_event_timeouts", "the daemon sleeps until records come"},
    {"webserver.threadiness", "one thread answers, and never waits"},
    {"webserver.ssl_enabled", tls},
    {"webserver.ssl_certificate", tls},
};

const FalcoKey* find_row(std::string_view path) {
  const auto* found = std::ranges::find(rows, path, &FalcoKey::path);
  return found == std::end(rows) ? nullptr : found;
}

}  // namespace

const FalcoKey* find_falco_key(std::string_view path) {
  while (!path.empty()) {
    if (const FalcoKey* row = find_row(path)) return row;
    const std::size_t dot = path.rfind('.');
    path = path.substr(0, dot == path.npos ? 0 : dot);
  }
  return nullptr;
}

bool is_falco_section(std::string_view path) {
  return std::ranges::any_of(rows, [&](const FalcoKey& row) {
    return row.path.size() > path.size() && row.path.starts_with(path) &&
           row.path[path.size()] == '.';
  });
}

}  // namespace saker::service
