// SPDX-License-Identifier: Apache-2.0
// proc.* and thread.* for an event of a capture, where fields/get/process.cc and
// fields/get/ancestor.cc do not serve captures too: data of threads that images do not have.
#include <algorithm>
#include <new>

#include "fields/getters.h"
#include "fields/number.h"
#include "fields/text/process_text.h"
#include "scap/getters/getters.h"

namespace saker::scap::getters {
namespace {

using enrich::Process;
using fields::is_shell, fields::of_real;

const Thread* thread_of(const Event& event) { return capture_of(event).thread; }
const Kin& kin_of(const Event& event) {
  return capture_of(event).lookup->kin_of(*thread_of(event));
}

// Numbers of threads: -1 means none; other negative ones do not occur in a capture.
Value thread_number(std::int64_t number) {
  return number >= -1 && number <= UINT32_MAX ? Value::of_number(number) : Value{};
}

Value tid(const FieldRef&, const Event& event, View, Scratch&) {
  return thread_number(capture_of(event).event->tid);
}
Value pid(const FieldRef&, const Event& event, View, Scratch&) {
  if (!thread_of(event)) return {};
  return thread_number(static_cast<std::int32_t>(event.process->pid));
}
Value is_main(const FieldRef&, const Event& event, View, Scratch&) {
  return thread_of(event) ? Value::of_bool(kin_of(event).main) : Value{};
}
Value name_and_tid(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!thread_of(event)) return {};
  std::string text(event.process->program->comm);
  return Value::of_text(scratch.keep(text += std::to_string(capture_of(event).event->tid)));
}

template <LeaderKind What, std::string_view scap::Leader::*Member>
Value leader(const FieldRef&, const Event& event, View, Scratch&) {
  const Thread* thread = capture_of(event).thread;
  return thread ? Value::of_text(capture_of(event).lookup->leader_of(*thread, What).*Member)
                : Value{};
}

Value virtual_pid(const FieldRef&, const Event& event, View, Scratch&) {
  const Thread* thread = capture_of(event).thread;
  return thread && thread->vpid >= 0 ? Value::of_number(thread->vpid) : Value{};
}

// A session has the number of its leader in the leader's own namespace: setsid() returned it.
Value leads_session(const FieldRef&, const Event& event, View, Scratch&) {
  const Thread* thread = capture_of(event).thread;
  return thread ? Value::of_bool(static_cast<std::int32_t>(event.process->sid) == thread->vpid)
                : Value{};
}

// Unset if the event has no process.
template <auto Member>
Value memory(const FieldRef&, const Event& event, View, Scratch&) {
  const Thread* thread = capture_of(event).thread;
  return thread ? Value::of_natural(thread->memory.*Member) : Value{};
}
// A value of the main thread; other threads have none.
template <auto Member>
Value main_memory(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const Thread* thread = capture_of(event).thread;
  if (!thread) return {};
  return capture_of(event).lookup->kin_of(*thread).main
             ? memory<Member>(field, event, view, scratch)
             : Value::of_natural(0);
}
// In bytes, with at most the 32 bits of the number of KiB.
template <auto Member>
Value main_bytes(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  Value kib = main_memory<Member>(field, event, view, scratch);
  return kib.set() ? Value::of_natural(static_cast<std::uint32_t>(kib.bits * 1024)) : kib;
}

Value descriptor_limit(const FieldRef&, const Event& event, View, Scratch&) {
  const Thread* thread = capture_of(event).thread;
  return thread ? Value::of_number(capture_of(event).lookup->fd_limit_of(*thread)) : Value{};
}

// "subsystem=path" each, NUL-terminated; in older recordings separated by spaces.
template <typename Use>
void each_cgroup(std::string_view cgroups, Use use) {
  const char between = cgroups.find('\0') == cgroups.npos ? ' ' : '\0';
  while (!cgroups.empty()) {
    const std::string_view entry = cgroups.substr(0, cgroups.find(between));
    cgroups.remove_prefix(std::min(entry.size() + 1, cgroups.size()));
    if (use(entry)) return;
  }
}

Value cgroups(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const enrich::CaptureFacts* facts = fields::facts_of(event);
  if (!thread_of(event) || !facts || facts->cgroups.empty()) return {};
  std::string all;
  each_cgroup(facts->cgroups, [&](std::string_view entry) {
    if (!all.empty()) all += ' ';
    all += entry;
    return false;
  });
  return Value::of_text(scratch.keep(all));
}

Value cgroup(const FieldRef& field, const Event& event, View, Scratch&) {
  const enrich::CaptureFacts* facts = fields::facts_of(event);
  Value found;
  if (!thread_of(event) || !facts) return found;
  each_cgroup(facts->cgroups, [&](std::string_view entry) {
    const std::size_t length = field.arg.size();
    if (entry.size() <= length || entry[length] != '=' || !entry.starts_with(field.arg))
      return false;
    found = Value::of_text(entry.substr(length + 1));
    return true;
  });
  return found;
}

// For the thread with the parent's number, which need not be a main thread.
Value parent_start(const FieldRef&, const Event& event, View, Scratch&) {
  if (!thread_of(event)) return {};
  const Kin& kin = kin_of(event);
  return kin.parent_there ? Value::of_natural(kin.parent_began) : Value{};
}
Value parent_duration(const FieldRef&, const Event& event, View, Scratch&) {
  if (!thread_of(event)) return {};
  const Kin& kin = kin_of(event);
  const bool known = kin.parent_there && kin.parent_began != 0;
  return known ? Value::of_number(static_cast<std::int64_t>(event.time - kin.parent_began))
               : Value{};
}
Value parent_vpid(const FieldRef&, const Event& event, View, Scratch&) {
  if (!thread_of(event)) return {};
  const Kin& kin = kin_of(event);
  return kin.parent_there ? Value::of_number(kin.parent_vpid) : Value{};
}

Value exe_age(const FieldRef&, const Event& event, View, Scratch&) {
  const std::uint64_t age = thread_of(event) ? kin_of(event).exe_age : 0;
  return age ? Value::of_natural(age) : Value{};
}

// A list of arguments joined by spaces.
std::string joined_list(std::string_view list, std::string text, bool first) {
  scap::each_text(list, [&](std::string_view each) {
    if (!first) text += ' ';
    first = false;
    text += each;
  });
  return text;
}

// What is read from an ancestor: from an image, and from the main thread.
struct Ask {
  Value (*of_image)(const Process&, Scratch&);
  Value (*of_main)(const Kin&, const Process&, Scratch&);
};
constexpr Ask ask_name{
    [](const Process& p, Scratch&) { return Value::of_text(p.program->comm); },
    [](const Kin& k, const Process&, Scratch&) { return Value::of_text(k.main_comm); }};
constexpr Ask ask_exe{
    [](const Process& p, Scratch&) { return Value::of_text(p.program->exe); },
    [](const Kin& k, const Process&, Scratch&) { return Value::of_text(k.main_exe); }};
constexpr Ask ask_exepath{
    [](const Process& p, Scratch&) { return Value::of_text(p.program->exepath); },
    [](const Kin& k, const Process&, Scratch&) { return Value::of_text(k.main_exepath); }};
constexpr Ask ask_pid{
    [](const Process& p, Scratch&) { return Value::of_number(p.pid); },
    [](const Kin&, const Process& p, Scratch&) { return Value::of_number(p.pid); }};
constexpr Ask ask_args{
    [](const Process& p, Scratch& scratch) { return Value::of_text(joined_args(p, scratch)); },
    [](const Kin& k, const Process&, Scratch& scratch) {
      return Value::of_text(scratch.keep(joined_list(k.main_args, "", true)));
    }};
constexpr Ask ask_cmdline{
    [](const Process& p, Scratch&) { return Value::of_text(p.program->cmdline); },
    [](const Kin& k, const Process&, Scratch& scratch) {
      return Value::of_text(
          scratch.keep(joined_list(k.main_args, std::string(k.main_comm), false)));
    }};

const Process* up(const Process* process) {
  const Process* parent = process->parent;
  return parent && parent->known ? parent : nullptr;
}

// All walks begin at the main thread; if it is missing, there are no ancestors. 0 is the process
// itself.
constexpr unsigned most_ancestors = 64;
template <const Ask& What>
Value of_ancestors(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  if (!thread_of(event) || !event.process->known) return {};
  const Kin& kin = kin_of(event);
  if (!kin.main_there || (field.has_arg && !field.has_index)) return {};
  if (field.has_index && field.index == 0)
    return kin.main ? What.of_image(*event.process, scratch)
                    : What.of_main(kin, *event.process, scratch);
  auto* items = field.has_index ? nullptr
                                : new (scratch.take(most_ancestors * sizeof(Value)))
                                      Value[most_ancestors];
  std::uint32_t count = 0;
  for (const Process* process = up(event.process); process && count < most_ancestors;
       process = up(process)) {
    if (field.has_index && count + 1 == field.index) return What.of_image(*process, scratch);
    if (items) items[count] = What.of_image(*process, scratch);
    count++;
  }
  return items && count ? Value::of_list(items, count) : Value{};
}

// Without an index: the arguments of all ancestors, as one text.
Value ancestor_args(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return as_one_text(of_ancestors<ask_args>(field, event, view, scratch), scratch);
}

// The oldest shell among the process and its ancestors.
Value login_shell(const FieldRef&, const Event& event, View, Scratch&) {
  if (!thread_of(event) || !event.process->known) return {};
  const Kin& kin = kin_of(event);
  if (!kin.main_there) return {};
  Value found;
  if (is_shell(kin.main_comm)) found = Value::of_number(event.process->pid);
  unsigned left = most_ancestors;
  for (const Process* process = up(event.process); process && left; process = up(process), left--)
    if (is_shell(process->program->comm)) found = Value::of_number(process->pid);
  return found;
}

// The percentage of its descriptor limit that a process uses.
Value descriptor_usage(const FieldRef&, const Event& event, View, Scratch&) {
  const enrich::CaptureFacts* facts = fields::facts_of(event);
  if (!thread_of(event) || !facts) return {};
  const std::int64_t limit = capture_of(event).lookup->fd_limit_of(*thread_of(event));
  return limit > 0 ? of_real(100.0 * facts->descriptors / static_cast<double>(limit))
                   : Value::of_number(0);
}

// With a number: of that ancestor; empty if there is no main thread and so no ancestor.
Value environments(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  if (!thread_of(event)) return {};
  const bool of_other = field.has_arg && !(field.has_index && field.index == 0);
  if (of_other && !kin_of(event).main_there) return Value::of_text("");
  return fields::get::proc_aenv(field, event, view, scratch);
}

constexpr GetterRow getters[] = {
    {"proc.aenv", environments},
    {"proc.fdusage", descriptor_usage},
    {"thread.tid", tid},
    {"thread.ismain", is_main},
    {"thread.nametid", name_and_tid},
    {"thread.cgroups", cgroups},
    {"thread.cgroup", cgroup},
    {"thread.vmsize.b", main_bytes<&Memory::size>},
    {"thread.vmrss.b", main_bytes<&Memory::resident>},
    {"proc.pid", pid},
    {"proc.pvpid", parent_vpid},
    {"proc.ppid.ts", parent_start},
    {"proc.ppid.duration", parent_duration},
    {"proc.exe_ino.ctime_duration_proc_start", exe_age},
    {"proc.aname", of_ancestors<ask_name>},
    {"proc.aexe", of_ancestors<ask_exe>},
    {"proc.aexepath", of_ancestors<ask_exepath>},
    {"proc.acmdline", of_ancestors<ask_cmdline>},
    {"proc.apid", of_ancestors<ask_pid>},
    {"proc.aargs", ancestor_args},
    {"proc.loginshellid", login_shell},
    {"proc.vpid", virtual_pid},
    {"proc.is_sid_leader", leads_session},
    {"proc.fdlimit", descriptor_limit},
    {"proc.vmsize", memory<&Memory::size>},
    {"proc.vmrss", memory<&Memory::resident>},
    {"proc.vmswap", memory<&Memory::swapped>},
    {"thread.pfmajor", memory<&Memory::major_faults>},
    {"thread.pfminor", memory<&Memory::minor_faults>},
    {"thread.vmsize", main_memory<&Memory::size>},
    {"thread.vmrss", main_memory<&Memory::resident>},
    {"proc.sname", leader<LeaderKind::session, &Leader::comm>},
    {"proc.sid.exe", leader<LeaderKind::session, &Leader::exe>},
    {"proc.sid.exepath", leader<LeaderKind::session, &Leader::exepath>},
    {"proc.vpgid.name", leader<LeaderKind::virtual_group, &Leader::comm>},
    {"proc.vpgid.exe", leader<LeaderKind::virtual_group, &Leader::exe>},
    {"proc.vpgid.exepath", leader<LeaderKind::virtual_group, &Leader::exepath>},
    {"proc.pgid.name", leader<LeaderKind::group, &Leader::comm>},
    {"proc.pgid.exe", leader<LeaderKind::group, &Leader::exe>},
    {"proc.pgid.exepath", leader<LeaderKind::group, &Leader::exepath>},
};

}  // namespace

std::span<const GetterRow> process_getters() { return getters; }

}  // namespace saker::scap::getters
