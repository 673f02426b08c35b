// SPDX-License-Identifier: Apache-2.0
// evt.* for an event of a capture: the capture's data in Falco's form.
#include <cstdlib>

#include "fields/event_names.h"
#include "scap/getters/getters.h"
#include "scap/names.h"

namespace saker::scap::getters {
namespace {

Value type(const FieldRef&, const Event& event, View, Scratch&) {
  std::string_view name = event_name(*capture_of(event).event);
  return name.empty() ? Value{} : Value::of_text(name);
}

Value syscall_type(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return capture_of(event).event->info().flags & scap::syscall ? type(field, event, view, scratch)
                                                               : Value{};
}

Value is_type(const FieldRef& field, const Event& event, View, Scratch&) {
  return Value::of_natural(event_name(*capture_of(event).event) == field.arg);
}

Value category(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_text(scap::event_category(capture_of(event)));
}

Value result(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const CaptureEvent& raw = *capture_of(event).event;
  if (!raw.returns()) return {};
  std::int64_t number = raw.result();
  // The first parameter says which error; if it is a process, no number has a name.
  return Value::of_text(number >= 0 ? "SUCCESS" : shown_param(event, 0, scratch));
}

Value raw_result(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureEvent& raw = *capture_of(event).event;
  return raw.returns() ? Value::of_number(raw.result()) : Value{};
}

bool has_failed(const Event& event) { return capture_of(event).event->result() < 0; }

Value failed(const FieldRef&, const Event& event, View, Scratch&) {
  return capture_of(event).event->returns() ? Value::of_bool(has_failed(event)) : Value{};
}

Value count_exit(const FieldRef&, const Event& event, View, Scratch&) {
  return is_exit(capture_of(event).event->type) ? Value::of_natural(1) : Value{};
}

Value count_error(const FieldRef&, const Event& event, View, Scratch&) {
  return capture_of(event).event->returns() ? Value::of_natural(has_failed(event)) : Value{};
}

// The subject of an error: the descriptor, or if there is none, the call.
enum class Subject : std::uint8_t { file, net, memory, other };
Subject descriptor_subject(const FdInfo& fd) {
  if (fd.regular() || fd.type == FdType::directory) return Subject::file;
  return fd.ip() || fd.type == FdType::unix_socket ? Subject::net : Subject::other;
}
Subject call_subject(const Event& event) {
  switch (capture_of(event).event->type) {
    case scap::open_x:
    case scap::creat_x:
    case scap::openat_2_x:
    case scap::openat2_x:
    case scap::open_by_handle_at_x: return Subject::file;
    case scap::accept_5_x:
    case scap::accept4_6_x:
    case scap::connect_x: return Subject::net;
    default:
      return scap::event_category(capture_of(event)) == "memory" ? Subject::memory : Subject::other;
  }
}

// Memory depends only on the category: a failed mmap of a file counts as both.
template <Subject Is>
Value count_error_of(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const FdInfo* fd = capture_of(event).context->fd;
  const bool counted = Is == Subject::memory
                           ? scap::event_category(capture_of(event)) == "memory"
                           : (fd ? descriptor_subject(*fd) : call_subject(event)) == Is;
  return counted ? count_error(field, event, view, scratch) : Value{};
}

bool switches(const Event& event) { return event_name(*capture_of(event).event) == "switch"; }

// Only scheduler events have these, and they are not calls: other events contribute nothing.
Value scheduled_time(const FieldRef&, const Event& event, View, Scratch&) {
  return switches(event) ? Value{} : Value::of_natural(0);
}
Value all_scheduled_time(const FieldRef&, const Event& event, View, Scratch&) {
  return capture_of(event).thread && !switches(event) ? Value::of_natural(0) : Value{};
}

// FALCO_HOSTNAME, if set, names the host.
Value host(const FieldRef&, const Event& event, View, Scratch&) {
  const char* given = std::getenv("FALCO_HOSTNAME");
  return Value::of_text(given && *given ? std::string_view(given)
                                        : capture_of(event).lookup->host());
}

Value is_async(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(is_notice(capture_of(event).event->type));
}
Value async_type(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return is_notice(capture_of(event).event->type) ? type(field, event, view, scratch) : Value{};
}

Value direction(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_text(is_exit(capture_of(event).event->type) ? "<" : ">");
}

// A notification about a process counts as one of its main thread.
Value count_threads(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(capture_of(event).event->type == scap::procinfo_e);
}
Value count_processes(const FieldRef&, const Event& event, View, Scratch&) {
  const bool main = static_cast<std::uint32_t>(capture_of(event).event->tid) == event.process->pid;
  return Value::of_natural(capture_of(event).event->type == scap::procinfo_e &&
                           capture_of(event).thread && main);
}

Value zero(const FieldRef&, const Event&, View, Scratch&) { return Value::of_natural(0); }

// Since the capture's first event, or since the previous event shown to rules; whole seconds, or
// the fraction.
enum class Part : std::uint8_t { whole, seconds, rest };
template <std::uint64_t ShownEvent::*Since, Part Which>
Value time_since(const FieldRef&, const Event& event, View, Scratch&) {
  constexpr std::uint64_t second = 1'000'000'000;
  std::uint64_t from = capture_of(event).*Since, now = event.time;
  std::uint64_t span = from == 0 || now < from ? 0 : now - from;
  return Value::of_natural(Which == Part::whole     ? span
                           : Which == Part::seconds ? span / second
                                                    : span % second);
}

constexpr GetterRow getters[] = {
    {"evt.type", type},
    {"evt.type.is", is_type},
    {"syscall.type", syscall_type},
    {"evt.category", category},
    {"evt.res", result},
    {"evt.rawres", raw_result},
    {"evt.failed", failed},
    {"evt.count.exit", count_exit},
    {"evt.count.error", count_error},
    {"evt.count.error.file", count_error_of<Subject::file>},
    {"evt.count.error.net", count_error_of<Subject::net>},
    {"evt.count.error.memory", count_error_of<Subject::memory>},
    {"evt.count.error.other", count_error_of<Subject::other>},
    {"thread.exectime", scheduled_time},
    {"thread.totexectime", all_scheduled_time},
    {"evt.hostname", host},
    {"evt.is_async", is_async},
    {"evt.asynctype", async_type},
    {"evt.dir", direction},
    {"evt.count.procinfo", count_processes},
    {"evt.count.threadinfo", count_threads},
    {"evt.latency.quantized", zero},
    {"evt.reltime", time_since<&ShownEvent::first_time, Part::whole>},
    {"evt.reltime.s", time_since<&ShownEvent::first_time, Part::seconds>},
    {"evt.reltime.ns", time_since<&ShownEvent::first_time, Part::rest>},
    {"evt.deltatime", time_since<&ShownEvent::previous_time, Part::whole>},
    {"evt.deltatime.s", time_since<&ShownEvent::previous_time, Part::seconds>},
    {"evt.deltatime.ns", time_since<&ShownEvent::previous_time, Part::rest>},
};

}  // namespace

std::span<const GetterRow> event_getters() { return getters; }

}  // namespace saker::scap::getters
