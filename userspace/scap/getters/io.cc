// SPDX-License-Identifier: Apache-2.0
// evt.is_io, evt.buffer, evt.buflen and their siblings for an event of a capture: the data that it
// read or wrote.
#include "scap/getters/getters.h"

namespace saker::scap::getters {
namespace {

Io io(const Event& event) { return shown_type(capture_of(event).event->type).io; }
bool reads(const Event& event) { return io(event) == Io::reads || io(event) == Io::both; }
bool writes(const Event& event) { return io(event) == Io::writes || io(event) == Io::both; }

Value is_io(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(reads(event) || writes(event));
}
Value is_read(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(reads(event));
}
Value is_write(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(writes(event));
}
Value is_wait(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(io(event) == Io::waits);
}

Value direction(const FieldRef&, const Event& event, View, Scratch&) {
  if (writes(event)) return Value::of_text("write");
  return reads(event) ? Value::of_text("read") : Value{};
}

Value is_syslog(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = capture_of(event).context->fd;
  return Value::of_bool(writes(event) && fd && fd->name.find("/dev/log") != fd->name.npos);
}

// The data that is read, written, or moved between processes; for an async event its own data.
Value buffer(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureEvent& raw = *capture_of(event).event;
  const int index = find_param(raw, "data");
  if (index < 0) return {};
  const auto at = static_cast<unsigned>(index);
  return shown_type(raw.type).params[at].kind == ParamKind::bytes ? Value::of_text(raw.bytes(at))
                                                                  : Value{};
}

// Which calls count, and on which descriptors.
enum class Calls : std::uint8_t { all, reads, writes };
enum class On : std::uint8_t { all, files, sockets };

bool counts(Calls calls, std::string_view category) {
  switch (calls) {
    case Calls::reads: return category == "io_read";
    case Calls::writes: return category == "io_write";
    default: return category.starts_with("io_");
  }
}
bool counts(On on, const FdInfo& fd) {
  switch (on) {
    case On::files: return fd.regular();
    case On::sockets: return fd.ip();
    default: return true;
  }
}

template <Calls Of, On Where>
Value length(const FieldRef&, const Event& event, View, Scratch&) {
  const CaptureEvent& raw = *capture_of(event).event;
  const FdInfo* fd = capture_of(event).context->fd;
  if (!fd || !counts(Of, shown_type(raw.type).category) || !counts(Where, *fd)) return {};
  if (!raw.returns() || raw.result() < 0) return {};
  return Value::of_natural(static_cast<std::uint64_t>(raw.result()));
}

constexpr GetterRow getters[] = {
    {"evt.is_io", is_io},
    {"evt.is_io_read", is_read},
    {"evt.is_io_write", is_write},
    {"evt.is_wait", is_wait},
    {"evt.io_dir", direction},
    {"evt.is_syslog", is_syslog},
    {"evt.buffer", buffer},
    {"evt.buflen", length<Calls::all, On::all>},
    {"evt.buflen.in", length<Calls::reads, On::all>},
    {"evt.buflen.out", length<Calls::writes, On::all>},
    {"evt.buflen.file", length<Calls::all, On::files>},
    {"evt.buflen.file.in", length<Calls::reads, On::files>},
    {"evt.buflen.file.out", length<Calls::writes, On::files>},
    {"evt.buflen.net", length<Calls::all, On::sockets>},
    {"evt.buflen.net.in", length<Calls::reads, On::sockets>},
    {"evt.buflen.net.out", length<Calls::writes, On::sockets>},
};

}  // namespace

std::span<const GetterRow> io_getters() { return getters; }

}  // namespace saker::scap::getters
