// SPDX-License-Identifier: Apache-2.0
// evt.* of an event that stands in a capture: what the capture says, in the form that Falco gives it.
#include "capture/scap_names.h"
#include "lang/event_names.h"
#include "match/capture_event.h"
#include "match/fillers.h"

namespace saker::match {
namespace {

namespace scap = capture::scap;

Value type(const FieldRef&, const Event& event, View, Scratch&) {
  std::string_view name = scap::event_name(*event.capture->event);
  return name.empty() ? Value{} : Value::of_text(name);
}

Value syscall_type(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return event.capture->event->info().flags & scap::syscall ? type(field, event, view, scratch) : Value{};
}

Value is_type(const FieldRef& field, const Event& event, View, Scratch&) {
  return Value::of_natural(scap::event_name(*event.capture->event) == field.arg);
}

Value category(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_text(scap::event_category(*event.capture));
}

Value result(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const scap::Event& raw = *event.capture->event;
  if (!raw.returns()) return {};
  std::int64_t number = raw.result();
  if (number >= 0) return Value::of_text("SUCCESS");
  std::string name = scap::error_name(number);
  return Value::of_text(scratch.keep(name.empty() ? std::to_string(number) : name));
}

Value raw_result(const FieldRef&, const Event& event, View, Scratch&) {
  const scap::Event& raw = *event.capture->event;
  return raw.returns() ? Value::of_number(raw.result()) : Value{};
}

bool has_failed(const Event& event) { return event.capture->event->result() < 0; }

Value failed(const FieldRef&, const Event& event, View, Scratch&) {
  return event.capture->event->returns() ? Value::of_bool(has_failed(event)) : Value{};
}

Value count_exit(const FieldRef&, const Event& event, View, Scratch&) {
  return scap::is_exit(event.capture->event->type) ? Value::of_natural(1) : Value{};
}

Value count_error(const FieldRef&, const Event& event, View, Scratch&) {
  return event.capture->event->returns() ? Value::of_natural(has_failed(event)) : Value{};
}

// What an error is about: the descriptor, or where there is none, the call.
enum class Subject : std::uint8_t { file, net, memory, other };
Subject descriptor_subject(const scap::Fd& fd) {
  if (fd.regular() || fd.type == scap::FdType::directory) return Subject::file;
  return fd.ip() || fd.type == scap::FdType::unix_socket ? Subject::net : Subject::other;
}
Subject call_subject(const Event& event) {
  switch (event.capture->event->type) {
    case scap::open_x: case scap::creat_x: case scap::openat_2_x: case scap::openat2_x:
    case scap::open_by_handle_at_x:
      return Subject::file;
    case scap::accept_5_x: case scap::accept4_6_x: case scap::connect_x: return Subject::net;
    default: return scap::event_category(*event.capture) == "memory" ? Subject::memory : Subject::other;
  }
}

// Memory goes by the category alone: an mmap of a file that failed counts as both.
template <Subject Is>
Value count_error_of(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const scap::Fd* fd = event.capture->context->fd;
  const bool counted = Is == Subject::memory ? scap::event_category(*event.capture) == "memory"
                                             : (fd ? descriptor_subject(*fd) : call_subject(event)) == Is;
  return counted ? count_error(field, event, view, scratch) : Value{};
}

scap::Io io(const Event& event) { return scap::shown_type(event.capture->event->type).io; }

Value is_io(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(io(event) == scap::Io::reads || io(event) == scap::Io::writes);
}
template <scap::Io Is>
Value io_is(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(io(event) == Is);
}

Value io_direction(const FieldRef&, const Event& event, View, Scratch&) {
  if (io(event) == scap::Io::reads) return Value::of_text("read");
  return io(event) == scap::Io::writes ? Value::of_text("write") : Value{};
}

Value is_syslog(const FieldRef&, const Event& event, View, Scratch&) {
  const scap::Fd* fd = event.capture->context->fd;
  return Value::of_bool(io(event) == scap::Io::writes && fd && fd->name.find("/dev/log") != fd->name.npos);
}

// What is read, written, or moved between processes; an async event's own.
Value buffer(const FieldRef&, const Event& event, View, Scratch&) {
  const scap::Event& raw = *event.capture->event;
  const int index = scap::find_param(raw, "data");
  if (index < 0) return {};
  const auto at = static_cast<unsigned>(index);
  return scap::shown_type(raw.type).params[at].kind == scap::ParamKind::bytes ? Value::of_text(raw.bytes(at)) : Value{};
}

Value buffer_length(const FieldRef&, const Event& event, View, Scratch&) {
  const scap::Event& raw = *event.capture->event;
  bool moves = scap::shown_type(raw.type).category == "io";
  if (!moves || !event.capture->context->fd || !raw.returns() || raw.result() < 0) return {};
  return Value::of_natural(static_cast<std::uint64_t>(raw.result()));
}

// Told by events of the scheduler alone, which are no calls: any other adds nothing.
Value scheduled_time(const FieldRef&, const Event& event, View, Scratch&) {
  const bool switches = scap::event_name(*event.capture->event) == "switch";
  return event.capture->thread && !switches ? Value::of_natural(0) : Value{};
}

Value host(const FieldRef&, const Event& event, View, Scratch&) {
  std::string_view name = event.capture->known->host();
  return name.empty() ? Value{} : Value::of_text(name);
}

Value is_async(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(event.capture->event->type == scap::asyncevent_e);
}
Value async_type(const FieldRef&, const Event& event, View, Scratch&) {
  const scap::Event& raw = *event.capture->event;
  return raw.type == scap::asyncevent_e ? Value::of_text(raw.text(1)) : Value{};
}

// Since the file's first event, or since the one before; whole seconds, or what is beyond them.
enum class Part : std::uint8_t { whole, seconds, rest };
template <std::uint64_t scap::View::*Since, Part Which>
Value time_since(const FieldRef&, const Event& event, View, Scratch&) {
  constexpr std::uint64_t second = 1'000'000'000;
  std::uint64_t from = event.capture->*Since, now = event.time;
  std::uint64_t span = from == 0 || now < from ? 0 : now - from;
  return Value::of_natural(Which == Part::whole ? span : Which == Part::seconds ? span / second : span % second);
}

int param_of(const FieldRef& field, const Event& event) {
  const scap::Event& raw = *event.capture->event;
  std::size_t count = std::min<std::size_t>(raw.count, scap::shown_type(raw.type).params.size());
  if (field.has_index) return field.index < count ? static_cast<int>(field.index) : -1;
  return scap::find_param(raw, field.arg);
}

Value arg(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  int index = param_of(field, event);
  if (index < 0) return {};
  return Value::of_text(shown_param(event, static_cast<unsigned>(index), scratch));
}

Value raw_arg(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  int at = param_of(field, event);
  if (at < 0) return {};
  const scap::Event& raw = *event.capture->event;
  auto index = static_cast<unsigned>(at);
  if (!raw.has(index)) return {};
  using Kind = scap::ParamKind;
  switch (scap::shown_type(raw.type).params[index].kind) {
    case Kind::text: case Kind::path: case Kind::relative_path:
      return raw.null(index) ? Value{} : Value::of_text(raw.text(index));
    case Kind::bytes: return Value::of_text(raw.bytes(index));
    case Kind::signed_number: case Kind::error: case Kind::fd: case Kind::pid:
      return Value::of_number(raw.number(index));
    case Kind::sockaddr: case Kind::socktuple: case Kind::fd_list: case Kind::chosen: case Kind::unknown: {
      std::string text;
      scap::put_plain(*event.capture, index, text);
      return Value::of_text(scratch.keep(text));
    }
    default: return Value::of_natural(raw.natural(index));
  }
}

Value all_args(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(scratch.keep(scap::all_params(*event.capture)));
}

constexpr Filler fillers[] = {
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
    {"evt.is_io", is_io},
    {"evt.is_io_read", io_is<scap::Io::reads>},
    {"evt.is_io_write", io_is<scap::Io::writes>},
    {"evt.is_wait", io_is<scap::Io::waits>},
    {"evt.io_dir", io_direction},
    {"evt.is_syslog", is_syslog},
    {"evt.buffer", buffer},
    {"evt.buflen", buffer_length},
    {"thread.exectime", scheduled_time},
    {"thread.totexectime", scheduled_time},
    {"evt.hostname", host},
    {"evt.is_async", is_async},
    {"evt.asynctype", async_type},
    {"evt.reltime", time_since<&scap::View::first_time, Part::whole>},
    {"evt.reltime.s", time_since<&scap::View::first_time, Part::seconds>},
    {"evt.reltime.ns", time_since<&scap::View::first_time, Part::rest>},
    {"evt.deltatime", time_since<&scap::View::previous_time, Part::whole>},
    {"evt.deltatime.s", time_since<&scap::View::previous_time, Part::seconds>},
    {"evt.deltatime.ns", time_since<&scap::View::previous_time, Part::rest>},
    {"evt.arg", arg},
    {"evt.rawarg", raw_arg},
    {"evt.args", all_args},
    {"evt.info", all_args},
};

}  // namespace

std::string_view shown_param(const Event& event, unsigned index, Scratch& scratch) {
  std::string text;
  scap::put_meaning(*event.capture, index, text);
  if (text.empty()) scap::put_plain(*event.capture, index, text);
  return scratch.keep(text);
}

std::span<const Filler> capture_event_fillers() { return fillers; }

}  // namespace saker::match
