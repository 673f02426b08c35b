// SPDX-License-Identifier: Apache-2.0
// proc.a*: ancestors, by their number or all of them; and the leaders of session and group, which
// are found among them.
#include <new>

#include "fields/fillers.h"
#include "fields/process_text.h"

namespace saker::fields {
namespace {

using enrich::Process;

// However deep a tree is, or whatever a damaged link leads to, no walk is longer.
constexpr unsigned max_ancestors = 64;

const Process* known(const Process* process) {
  return process && process->known ? process : nullptr;
}

// 0 is the process itself.
const Process* ancestor(const Event& event, std::uint32_t index) {
  const Process* process = known(event.process);
  for (std::uint32_t i = 0; i < index && process; i++) {
    if (i == max_ancestors) return nullptr;
    process = known(process->parent);
  }
  return process;
}

// `get` of ancestor n, or of all of them as a list, itself excluded.
Value of_ancestors(const FieldRef& field, const Event& event, Scratch& scratch, auto get) {
  if (field.has_index) {
    const Process* process = ancestor(event, field.index);
    return process ? get(*process) : Value{};
  }
  if (field.has_arg || !event.process->known) return {};
  auto* items = new (scratch.take(max_ancestors * sizeof(Value))) Value[max_ancestors];
  std::uint32_t count = 0;
  for (const Process* process = known(event.process->parent); process && count < max_ancestors;
       process = known(process->parent)) {
    items[count++] = get(*process);
  }
  return count ? Value::of_list(items, count) : Value{};
}

template <auto Member>
Value texts(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  return of_ancestors(field, event, scratch,
                      [](const Process& process) { return Value::of_text(process.*Member); });
}

Value pids(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  return of_ancestors(field, event, scratch,
                      [](const Process& process) { return Value::of_number(process.pid); });
}

// Without an index those of all ancestors, as one text.
Value args(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  return as_one_text(of_ancestors(field, event, scratch,
                                  [&](const Process& process) {
                                    return Value::of_text(joined_args(process, scratch));
                                  }),
                     scratch);
}

// By number the whole environment, without one its own; by name the value that the nearest
// ancestor's has, empty where none has any.
}  // namespace

Value ancestor_environment(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  if (!known(event.process)) return {};
  if (!field.has_arg) return Value::of_text(joined(event.process->env, scratch));
  if (field.has_index) {
    const Process* process = ancestor(event, field.index);
    return process ? Value::of_text(joined(process->env, scratch)) : Value{};
  }
  constexpr std::uint32_t farthest = 20;
  for (std::uint32_t i = 1; i <= farthest; i++) {
    const Process* process = ancestor(event, i);
    Value value = process ? variable(*process, field.arg) : Value{};
    if (value.set() && !value.text.empty()) return value;
    if (!process) break;
  }
  return Value::of_text("");
}

namespace {

// The leader of the session or group, if it lives on among the ancestors; else the eldest of them
// in it.
const Process* leader(const Event& event, std::uint32_t Process::*id, bool by_vpid) {
  const Process* process = known(event.process);
  const Process* eldest = process;
  for (unsigned i = 0; process && i < max_ancestors; i++, process = known(process->parent)) {
    if (process->*id != eldest->*id) break;
    eldest = process;
    if ((by_vpid ? process->vpid : process->pid) == process->*id) break;
  }
  return eldest;
}

template <auto Id, bool ByVpid, auto Member>
Value leader_text(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = leader(event, Id, ByVpid);
  return process ? Value::of_text(process->*Member) : Value{};
}

// The oldest shell among the process and its ancestors.
Value login_shell(const FieldRef&, const Event& event, View, Scratch&) {
  Value found;
  const Process* process = known(event.process);
  for (unsigned i = 0; process && i < max_ancestors; i++, process = known(process->parent)) {
    if (is_shell(process->comm)) found = Value::of_number(process->pid);
  }
  return found;
}

constexpr Filler fillers[] = {
    {"proc.aname", texts<&Process::comm>},
    {"proc.aexe", texts<&Process::exe>},
    {"proc.aexepath", texts<&Process::exepath>},
    {"proc.acmdline", texts<&Process::cmdline>},
    {"proc.apid", pids},
    {"proc.aargs", args},
    {"proc.aenv", ancestor_environment},
    {"proc.loginshellid", login_shell},
    {"proc.sname", leader_text<&Process::sid, false, &Process::comm>},
    {"proc.sid.exe", leader_text<&Process::sid, false, &Process::exe>},
    {"proc.sid.exepath", leader_text<&Process::sid, false, &Process::exepath>},
    {"proc.vpgid.name", leader_text<&Process::vpgid, true, &Process::comm>},
    {"proc.vpgid.exe", leader_text<&Process::vpgid, true, &Process::exe>},
    {"proc.vpgid.exepath", leader_text<&Process::vpgid, true, &Process::exepath>},
    {"proc.pgid.name", leader_text<&Process::pgid, false, &Process::comm>},
    {"proc.pgid.exe", leader_text<&Process::pgid, false, &Process::exe>},
    {"proc.pgid.exepath", leader_text<&Process::pgid, false, &Process::exepath>},
};

}  // namespace

std::span<const Filler> ancestor_fillers() { return fillers; }

}  // namespace saker::fields
