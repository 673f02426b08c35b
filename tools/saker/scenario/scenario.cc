// SPDX-License-Identifier: Apache-2.0
#include "scenario.h"

#include <cstdio>
#include <cstring>

#include "../control.h"
#include "action.h"

namespace saker::cli {
namespace {

constexpr bool record_time = true, call_time = false;
constexpr bool risky = true, harmless = false;

// In the order in which they run: the quick ones first.
constexpr Scenario table[] = {
    {"read-sensitive-file", "Read sensitive file untrusted",
     "opens the shadow password file for reading", call_time, harmless, act_read_sensitive_file},
    {"write-below-etc", "Write below etc", "creates a file in /etc and removes it", call_time,
     risky, act_write_below_etc},
    {"write-below-binary-dir", "Write below binary dir",
     "creates a file in /usr/bin and removes it", call_time, risky, act_write_below_binary_dir},
    {"modify-binary-dir", "Modify binary dirs", "makes a file in /usr/bin, renames and removes it",
     call_time, risky, act_modify_binary_dir},
    {"read-secrets", "Access to secrets directory",
     "reads a service account's token on a private /run", call_time, harmless, act_read_secrets},
    {"fileless-execution", "Fileless execution", "starts a program that exists only in memory",
     record_time, harmless, act_fileless_execution},
    {"ptrace", "Ptrace of another process", "attaches to a child of its own", call_time, harmless,
     act_ptrace},
    {"reverse-shell", "Reverse shell", "a shell takes a loopback connection as its input",
     record_time, harmless, act_reverse_shell},
    {"mining-port", "Cryptocurrency mining ports",
     "connects to a mining pool's port in a private network", call_time, harmless, act_mining_port},
    {"load-module", "Kernel module load", "offers the kernel a file that is not a module",
     call_time, harmless, act_load_module},
    {"release-agent", "Release-agent escape",
     "opens the release agent of a cgroup hierarchy of its own", call_time, harmless,
     act_release_agent},
    {"container-as-root", "Container run as root", "a container whose first process is root",
     record_time, risky, act_container_as_root},
    {"disallowed-container", "Launch disallowed container", "a container of a forbidden image",
     record_time, risky, act_disallowed_container},
    {"terminal-shell", "Terminal shell in container", "a shell with a terminal in a container",
     record_time, risky, act_terminal_shell},
    {"drop-and-execute", "Drop and execute new binary in container",
     "a container starts a program that is not in its image", record_time, risky,
     act_drop_and_execute},
    {"outbound-connection", "Outbound connection from container",
     "a container connects to an address outside its networks", record_time, risky,
     act_outbound_connection},
};

}  // namespace

std::span<const Scenario> scenarios() { return table; }

const Scenario* find_scenario(std::string_view name) {
  for (std::span<const Scenario> all : {scenarios(), actions()})
    for (const Scenario& scenario : all)
      if (scenario.name == name) return &scenario;
  return nullptr;
}

void Stage::returned() { outcome_.returned_boot.store(boot_time()); }

void Stage::end(Outcome::State state, std::string_view text) {
  if (ended()) return;
  std::snprintf(outcome_.message, sizeof outcome_.message, "%.*s", static_cast<int>(text.size()),
                text.data());
  outcome_.state.store(state);
}

void Stage::skip(std::string_view why) { end(Outcome::State::skipped, why); }

void Stage::fail(std::string_view what, int errnum) {
  std::string text(what);
  if (errnum) text += std::string(": ") + std::strerror(errnum);
  end(Outcome::State::failed, text);
}

}  // namespace saker::cli
