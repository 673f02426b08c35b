// SPDX-License-Identifier: Apache-2.0
// evt.arg, evt.rawarg, evt.args and evt.abspath for an event of a capture.
#include <algorithm>

#include "fields/field.h"
#include "fields/number.h"
#include "scap/getters/getters.h"
#include "scap/path.h"

namespace saker::scap::getters {
namespace {

int param_of(const FieldRef& field, const Event& event) {
  const CaptureEvent& raw = *capture_of(event).event;
  std::size_t count = std::min<std::size_t>(raw.count, shown_type(raw.type).params.size());
  if (field.has_index) return field.index < count ? static_cast<int>(field.index) : -1;
  return find_param(raw, field.arg);
}

Value arg(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  int index = param_of(field, event);
  if (index < 0) return {};
  return Value::of_text(shown_param(event, static_cast<unsigned>(index), scratch));
}

bool is_text(ParamKind kind) {
  return kind == ParamKind::text || kind == ParamKind::path || kind == ParamKind::relative_path;
}
bool is_signed(ParamKind kind) {
  return kind == ParamKind::signed_number || kind == ParamKind::error || kind == ParamKind::fd ||
         kind == ParamKind::pid;
}
bool is_signed(fields::FieldType type) {
  return type == fields::FieldType::int64 || type == fields::FieldType::fd ||
         type == fields::FieldType::pid;
}

// Its bits have the form of the field's type, so that equal numbers have equal bits; width and sign
// are those of the event.
Value raw_number(const FieldRef& field, const ShownParam& param, const CaptureEvent& raw,
                 unsigned index) {
  const unsigned width = std::min(8 * raw.params[index].length, 64u);
  const bool has_sign = is_signed(param.kind);
  Value value = Value::of_natural(raw.natural(index));
  if (has_sign) value = Value::of_number(raw.number(index));
  const fields::EventParamDef* def = fields::find_event_param(field.arg);
  if (def && width <= def->bits && def->bits < 64) {
    if (!is_signed(def->type))
      value.bits &= (std::uint64_t{1} << def->bits) - 1;
    else if (width == def->bits)
      value.bits = static_cast<std::uint64_t>(raw.number(index));
  }
  return with_form(value, param.format == 'h' ? 16 : param.format == 'o' ? 8 : 10, width);
}

Value raw_arg(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  int at = param_of(field, event);
  if (at < 0) return {};
  const CaptureEvent& raw = *capture_of(event).event;
  auto index = static_cast<unsigned>(at);
  const ShownParam& param = shown_type(raw.type).params[index];
  // A missing text is the text that says so; missing bytes are empty.
  if (is_text(param.kind)) return Value::of_text(raw.path(index));
  if (param.kind == ParamKind::bytes) return as_bytes(Value::of_text(raw.bytes(index)));
  if (!raw.has(index)) return {};
  switch (param.kind) {
    case ParamKind::sockaddr:
    case ParamKind::socktuple:
    case ParamKind::fd_list:
    case ParamKind::chosen:
    case ParamKind::unknown: {
      std::string text;
      put_plain(capture_of(event), index, text);
      return Value::of_text(scratch.keep(text));
    }
    default: return raw_number(field, param, raw, index);
  }
}

Value all_args(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(scratch.keep(scap::all_params(capture_of(event))));
}

// The parameters for evt.abspath: a path, and the descriptor of the directory where it begins.
struct PathParams {
  std::uint16_t type;
  int dirfd, path, second_dirfd, second_path;  // the second ones: for evt.abspath.dst, -1: the same
};
constexpr PathParams path_params[] = {
    {scap::openat_2_x, 1, 2, -1, -1},  {scap::openat2_x, 1, 2, -1, -1},
    {scap::mkdirat_x, 1, 2, -1, -1},   {scap::unlinkat_2_x, 1, 2, -1, -1},
    {scap::fchmodat_x, 1, 2, -1, -1},  {scap::fchownat_x, 1, 2, -1, -1},
    {scap::symlinkat_x, 2, 3, -1, -1}, {scap::renameat_x, 1, 2, 3, 4},
    {scap::renameat2_x, 1, 2, 3, 4},   {scap::linkat_2_x, 1, 2, 3, 4},
};

// A slash is appended to a name, also to that of the root.
std::string base_of(const ShownEvent& view, std::int64_t dirfd) {
  constexpr std::int64_t at_fdcwd = -100;
  const Thread& thread = *view.context->thread;
  if (dirfd == at_fdcwd) return std::string(view.lookup->cwd_of(thread));
  const FdInfo* fd = view.lookup->fd_of(thread, dirfd);
  return (fd ? fd->name : std::string("<UNKNOWN>")) + '/';
}

// For calls that take a directory's descriptor, and for a successful open by handle.
Value absolute_path(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const ShownEvent& view = capture_of(event);
  const CaptureEvent& raw = *view.event;
  if (!view.context->thread) return {};
  if (raw.type == scap::open_by_handle_at_x)
    return raw.result() > 0 ? Value::of_text(scratch.keep(scap::join_path("", raw.path(3))))
                            : Value{};
  const PathParams* row = std::ranges::find(path_params, raw.type, &PathParams::type);
  if (row == std::end(path_params)) return {};
  const bool second = field.arg == "dst" && row->second_path >= 0;
  const auto dirfd = static_cast<unsigned>(second ? row->second_dirfd : row->dirfd);
  const auto at = static_cast<unsigned>(second ? row->second_path : row->path);
  if (!raw.has(dirfd) || !raw.has(at)) return {};
  const std::string_view path = raw.path(at);
  if (path.starts_with('/')) return Value::of_text(scratch.keep(scap::join_path("", path)));
  return Value::of_text(scratch.keep(scap::join_path(base_of(view, raw.number(dirfd)), path)));
}

constexpr GetterRow getters[] = {
    {"evt.arg", arg},       {"evt.rawarg", raw_arg},        {"evt.args", all_args},
    {"evt.info", all_args}, {"evt.abspath", absolute_path},
};

}  // namespace

std::string_view shown_param(const Event& event, unsigned index, Scratch& scratch) {
  std::string text;
  put_meaning(capture_of(event), index, text);
  if (text.empty()) put_plain(capture_of(event), index, text);
  return scratch.keep(text);
}

std::span<const GetterRow> argument_getters() { return getters; }

}  // namespace saker::scap::getters
