// SPDX-License-Identifier: Apache-2.0
#include "service/config_falco.h"

#include <algorithm>
#include <iterator>

namespace saker::service {
namespace {

constexpr std::string_view rings = "rings.event is the size of the buffers, each of one CPU",
                           all_read = "Saker's module is the one source of events",
                           as_needed = "the rules say which events are recorded, and no others are",
                           plugin = "Saker loads no plugins; containers and pods are known without",
                           old = "Falco itself has this no more",
                           table = "the process table grows with the processes there are",
                           flight = "[flight_recorder] records what comes before and after alerts",
                           grpc = "Falco itself has this no more; saker alerts follows alerts";

constexpr FalcoKey rows[] = {
    {"base_syscalls", as_needed},
    {"buffered_outputs", "every alert is written at once"},
    {"capture.enabled", flight},
    {"capture.path_prefix", "flight_recorder.directory is where recordings go"},
    {"capture.mode", "flight_recorder.priority, rules and rules_ask say which alerts record"},
    {"capture.default_duration", "flight_recorder.before and after are the time around an alert"},
    {"config_files", "one file is read: bring what those files say into it"},
    {"container_engines", "every container runtime is found without being named"},
    {"engine.kind", all_read},
    {"engine.kmod.buf_size_preset", rings},
    {"engine.kmod.drop_failed_exit", as_needed},
    {"engine.modern_ebpf.buf_size_preset", rings},
    {"engine.modern_ebpf.cpus_for_each_buffer", "each CPU has rings of its own"},
    {"engine.modern_ebpf.drop_failed_exit", as_needed},
    {"engine.modern_ebpf.disable_iterators", "/proc is read without them"},
    {"engine.ebpf", all_read},
    {"engine.replay", "saker replay FILE replays captures"},
    {"engine.gvisor", all_read},
    {"engine.nodriver", all_read},
    {"falco_libs.thread_table_size", table},
    {"falco_libs.thread_table_auto_purging_interval_s", table},
    {"falco_libs.thread_table_auto_purging_thread_timeout_s", table},
    {"falco_libs.snaplen", "how much of a buffer is recorded is fixed"},
    {"file_output.keep_alive", "the file stays open, and is made anew if it was moved or removed"},
    {"grpc", grpc},
    {"grpc_output", grpc},
    {"libs_logger", "there is one log: log.level says how much of it"},
    {"load_plugins", plugin},
    {"log_stderr", "the log goes to stderr always; systemd takes it to the journal"},
    {"log_syslog", "the log goes to stderr; systemd takes it to the journal, and that to syslog"},
    {"metadata_download", old},
    {"metrics", "all counters are in /metrics of the webserver, and in saker status --json"},
    {"modern_bpf", old},
    {"output_timeout", "an output that hangs holds up no other; what it cannot keep is counted"},
    {"outputs", "alerts are not limited; Falco itself has this no more"},
    {"outputs_queue.capacity",
     "each output has a queue of its own; that of an [[output]] has the key queue"},
    {"plugins", plugin},
    {"plugins_hostinfo", plugin},
    {"rules_file", "its name is rules_files"},
    {"rule_files", "its name is rules_files"},
    {"syscall_buf_size_preset", rings},
    {"syscall_drop_failed_exit", as_needed},
    {"syscall_event_drops.simulate_drops", "it is for tests of Falco"},
    {"syscall_event_timeouts", "the daemon sleeps until records come"},
    {"watch_config_files", "saker reload, or SIGHUP, reads configuration and rules again"},
    {"webserver.threadiness", "one thread answers, and never waits"},
    {"webserver.ssl_enabled", "there is no TLS yet: a proxy before the server can have it"},
    {"webserver.ssl_certificate", "there is no TLS yet: a proxy before the server can have it"},
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
