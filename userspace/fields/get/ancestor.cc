// SPDX-License-Identifier: Apache-2.0
// proc.a*: ancestors, by number or all of them; and the leaders of session and group, which are
// among them.
#include <new>

#include "fields/getters.h"
#include "fields/text/process_text.h"

namespace saker::fields {
namespace {

using enrich::Process;
using enrich::ProgramFacts;

// However deep a tree is, or wherever a damaged link points, no walk is longer.
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

// `get` of ancestor n, or of all ancestors as a list, without the process itself.
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
  return of_ancestors(field, event, scratch, [](const Process& process) {
    return Value::of_text(process.program->*Member);
  });
}

Value pids(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  return of_ancestors(field, event, scratch,
                      [](const Process& process) { return Value::of_number(process.pid); });
}

// Without an index: the arguments of all ancestors, as one text.
Value args(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  return as_one_text(of_ancestors(field, event, scratch,
                                  [&](const Process& process) {
                                    return Value::of_text(joined_args(process, scratch));
                                  }),
                     scratch);
}

// With a number: the whole environment of that ancestor; without a number, the process's own. With
// a name: the value in the nearest ancestor that has the variable; empty if none has it.
Value environment(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  if (!known(event.process)) return {};
  if (!field.has_arg) return Value::of_text(joined(event.process->program->env, scratch));
  if (field.has_index) {
    const Process* process = ancestor(event, field.index);
    return process ? Value::of_text(joined(process->program->env, scratch)) : Value{};
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

// The leader of the session or group, if it is alive and among the ancestors; otherwise the oldest
// ancestor in the session or group.
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
  return process ? Value::of_text(process->program->*Member) : Value{};
}

// The oldest shell among the process and its ancestors.
Value login_shell(const FieldRef&, const Event& event, View, Scratch&) {
  Value found;
  const Process* process = known(event.process);
  for (unsigned i = 0; process && i < max_ancestors; i++, process = known(process->parent)) {
    if (is_shell(process->program->comm)) found = Value::of_number(process->pid);
  }
  return found;
}

}  // namespace

const Getter get::proc_aname = texts<&ProgramFacts::comm>;
const Getter get::proc_aexe = texts<&ProgramFacts::exe>;
const Getter get::proc_aexepath = texts<&ProgramFacts::exepath>;
const Getter get::proc_acmdline = texts<&ProgramFacts::cmdline>;
const Getter get::proc_apid = pids;
const Getter get::proc_aargs = args;
const Getter get::proc_aenv = environment;
const Getter get::proc_loginshellid = login_shell;
const Getter get::proc_sname = leader_text<&Process::sid, false, &ProgramFacts::comm>;
const Getter get::proc_sid_exe = leader_text<&Process::sid, false, &ProgramFacts::exe>;
const Getter get::proc_sid_exepath = leader_text<&Process::sid, false, &ProgramFacts::exepath>;
const Getter get::proc_vpgid_name = leader_text<&Process::vpgid, true, &ProgramFacts::comm>;
const Getter get::proc_vpgid_exe = leader_text<&Process::vpgid, true, &ProgramFacts::exe>;
const Getter get::proc_vpgid_exepath = leader_text<&Process::vpgid, true, &ProgramFacts::exepath>;
const Getter get::proc_pgid_name = leader_text<&Process::pgid, false, &ProgramFacts::comm>;
const Getter get::proc_pgid_exe = leader_text<&Process::pgid, false, &ProgramFacts::exe>;
const Getter get::proc_pgid_exepath = leader_text<&Process::pgid, false, &ProgramFacts::exepath>;

}  // namespace saker::fields
