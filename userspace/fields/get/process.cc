// SPDX-License-Identifier: Apache-2.0
// proc.* and thread.*: the event's process, and its parent.
#include "fields/getters.h"
#include "fields/text/names.h"
#include "fields/text/process_text.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

using enrich::Process;
using enrich::ProgramFacts;

// The image itself, or null if only the number is known.
const Process* self(const Event& event) { return event.process->known ? event.process : nullptr; }

const Process* parent_of(const Event& event) {
  if (!event.process->known) return nullptr;
  const Process* parent = event.process->parent;
  return parent && parent->known ? parent : nullptr;
}

// A getter for a text or a number of the process itself, or of its parent.
template <auto Member>
Value own_text(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_text(process->program->*Member) : Value{};
}
template <auto Member>
Value parent_text(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = parent_of(event);
  return process ? Value::of_text(process->program->*Member) : Value{};
}
template <auto Member>
Value own_number(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  if (!process) return {};
  // No id in the kernel is that large: the highest bit means "none".
  return Value::of_number(static_cast<std::int32_t>(process->*Member));
}
template <unsigned Flag>
Value exe_flag(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_bool(process->program->exe_flags & Flag) : Value{};
}
template <auto Member>
Value capabilities(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Process* process = self(event);
  return process ? Value::of_text(capability_names(process->*Member, scratch)) : Value{};
}

Value pid(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_number(static_cast<std::int32_t>(event.record.head().pid));
}
Value tid(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_number(event.record.head().tid);
}
Value is_main(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(event.record.head().tid == event.record.head().pid);
}

Value parent_pid(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process && process->ppid ? Value::of_number(process->ppid) : Value{};
}

Value parent_vpid(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = parent_of(event);
  return process ? Value::of_number(process->vpid) : Value{};
}

Value args(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const Process* process = self(event);
  if (!process) return {};
  if (!field.has_arg) return Value::of_text(joined_args(*process, scratch));
  if (!field.has_index) return {};
  return Value::of_text(field.index < process->program->args.size()
                            ? process->program->args[field.index]
                            : std::string_view());
}

Value argument_count(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_natural(process->program->args.size()) : Value{};
}

Value argument_length(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  if (!process) return {};
  std::uint64_t length = 0;
  for (std::string_view arg : process->program->args) length += arg.size();
  return Value::of_natural(length);
}

Value exe_line(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Process* process = self(event);
  if (!process) return {};
  if (!process->program->args.empty())
    return Value::of_text(with_args(process->program->exe, *process, scratch));
  // Without arguments the space before them stays.
  Value parts[] = {Value::of_text(process->program->exe), Value::of_text(" ")};
  return transform(Transform::concat, parts, {}, scratch);
}

Value environment(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const Process* process = self(event);
  if (!process) return {};
  if (!field.has_arg) return Value::of_text(joined(process->program->env, scratch));
  const Value value = variable(*process, field.arg);
  return value.set() ? value : Value::of_text("");
}

Value tty(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_natural(process->tty) : Value{};
}

Value is_session_leader(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_bool(process->sid == process->pid) : Value{};
}
Value is_vgroup_leader(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_bool(process->vpgid == process->vpid) : Value{};
}
Value is_group_leader(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_bool(process->pgid == process->pid) : Value{};
}

// Records and images have the time since boot; this converts it to wall time.
std::uint64_t wall(const Event& event, std::uint64_t boot_ns) {
  return event.time - event.record.head().ts + boot_ns;
}

Value duration_of(const Event& event, const Process* process) {
  if (!process || process->start_time == 0 || process->start_time > event.record.head().ts)
    return {};
  return Value::of_natural(event.record.head().ts - process->start_time);
}
Value start_of(const Event& event, const Process* process) {
  return process && process->start_time ? Value::of_natural(wall(event, process->start_time))
                                        : Value{};
}
Value duration(const FieldRef&, const Event& event, View, Scratch&) {
  return duration_of(event, self(event));
}
Value parent_duration(const FieldRef&, const Event& event, View, Scratch&) {
  return duration_of(event, parent_of(event));
}
Value start(const FieldRef&, const Event& event, View, Scratch&) {
  return start_of(event, self(event));
}
Value parent_start(const FieldRef&, const Event& event, View, Scratch&) {
  return start_of(event, parent_of(event));
}

Value exe_ctime(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process && process->program->exe_ctime ? Value::of_natural(process->program->exe_ctime)
                                                : Value{};
}
Value exe_mtime(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process && process->program->exe_mtime ? Value::of_natural(process->program->exe_mtime)
                                                : Value{};
}
Value exe_ino(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process && process->program->exe_ino
             ? Value::of_number(static_cast<std::int64_t>(process->program->exe_ino))
             : Value{};
}
// The age of the program's file when the process began.
Value exe_age(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  if (!process || !process->program->exe_ctime || !process->start_time) return {};
  std::uint64_t start = wall(event, process->start_time);
  return start >= process->program->exe_ctime
             ? Value::of_natural(start - process->program->exe_ctime)
             : Value{};
}

Value cgroup_of(const FieldRef&, const Event& event, View, Scratch&) {
  const Process* process = self(event);
  return process ? Value::of_text(process->program->cgroup) : Value{};
}

}  // namespace

const Getter get::proc_name = own_text<&ProgramFacts::comm>;
const Getter get::proc_exe = own_text<&ProgramFacts::exe>;
const Getter get::proc_exepath = own_text<&ProgramFacts::exepath>;
const Getter get::proc_cmdline = own_text<&ProgramFacts::cmdline>;
const Getter get::proc_cwd = own_text<&ProgramFacts::cwd>;
const Getter get::proc_pname = parent_text<&ProgramFacts::comm>;
const Getter get::proc_pexe = parent_text<&ProgramFacts::exe>;
const Getter get::proc_pexepath = parent_text<&ProgramFacts::exepath>;
const Getter get::proc_pcmdline = parent_text<&ProgramFacts::cmdline>;
const Getter get::proc_args = args;
const Getter get::proc_cmdnargs = argument_count;
const Getter get::proc_cmdlenargs = argument_length;
const Getter get::proc_exeline = exe_line;
const Getter get::proc_env = environment;
const Getter get::proc_tty = tty;
const Getter get::proc_pid = pid;
const Getter get::proc_ppid = parent_pid;
const Getter get::proc_vpid = own_number<&Process::vpid>;
const Getter get::proc_pvpid = parent_vpid;
const Getter get::proc_sid = own_number<&Process::sid>;
const Getter get::proc_pgid = own_number<&Process::pgid>;
const Getter get::proc_vpgid = own_number<&Process::vpgid>;
const Getter get::proc_duration = duration;
const Getter get::proc_ppid_duration = parent_duration;
const Getter get::proc_pid_ts = start;
const Getter get::proc_ppid_ts = parent_start;
const Getter get::proc_is_exe_writable = exe_flag<SAKER_EXE_WRITABLE>;
const Getter get::proc_is_exe_upper_layer = exe_flag<SAKER_EXE_UPPER>;
const Getter get::proc_is_exe_lower_layer = exe_flag<SAKER_EXE_LOWER>;
const Getter get::proc_is_exe_from_memfd = exe_flag<SAKER_EXE_MEMFD>;
const Getter get::proc_is_sid_leader = is_session_leader;
const Getter get::proc_is_vpgid_leader = is_vgroup_leader;
const Getter get::proc_is_pgid_leader = is_group_leader;
const Getter get::proc_exe_ino = exe_ino;
const Getter get::proc_exe_ino_ctime = exe_ctime;
const Getter get::proc_exe_ino_mtime = exe_mtime;
const Getter get::proc_exe_ino_ctime_duration_proc_start = exe_age;
const Getter get::thread_cap_permitted = capabilities<&Process::cap_permitted>;
const Getter get::thread_cap_inheritable = capabilities<&Process::cap_inheritable>;
const Getter get::thread_cap_effective = capabilities<&Process::cap_effective>;
const Getter get::thread_cgroups = cgroup_of;
const Getter get::thread_tid = tid;
const Getter get::thread_ismain = is_main;

}  // namespace saker::fields
