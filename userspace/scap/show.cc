// SPDX-License-Identifier: Apache-2.0
#include "scap/show.h"

#include <algorithm>
#include <array>

#include "scap/names.h"

namespace saker::scap {
namespace {

struct Row {
  std::uint16_t type;
  std::string_view name, category, io, params;
};

constexpr Row rows[] = {
#define SCAP_SHOWN(type, name, category, io, params) {type, #name, #category, #io, params},
#include "scap/shown.def"
};

struct KindName {
  std::string_view name;
  ParamKind kind;
};

constexpr KindName kinds[] = {
    {"int8", ParamKind::signed_number},
    {"int16", ParamKind::signed_number},
    {"int32", ParamKind::signed_number},
    {"int64", ParamKind::signed_number},
    {"uint8", ParamKind::unsigned_number},
    {"uint16", ParamKind::unsigned_number},
    {"uint32", ParamKind::unsigned_number},
    {"uint64", ParamKind::unsigned_number},
    {"errno", ParamKind::error},
    {"fd", ParamKind::fd},
    {"pid", ParamKind::pid},
    {"charbuf", ParamKind::text},
    {"fspath", ParamKind::path},
    {"fsrelpath", ParamKind::relative_path},
    {"bytebuf", ParamKind::bytes},
    {"sockaddr", ParamKind::sockaddr},
    {"socktuple", ParamKind::socktuple},
    {"fdlist", ParamKind::fd_list},
    {"syscallid", ParamKind::syscall_id},
    {"sigtype", ParamKind::signal},
    {"sigset", ParamKind::signal_set},
    {"reltime", ParamKind::time_span},
    {"abstime", ParamKind::time},
    {"flags8", ParamKind::flags},
    {"flags16", ParamKind::flags},
    {"flags32", ParamKind::flags},
    {"enumflags8", ParamKind::one_of},
    {"enumflags16", ParamKind::one_of},
    {"enumflags32", ParamKind::one_of},
    {"mode", ParamKind::mode},
    {"uid", ParamKind::user},
    {"gid", ParamKind::group},
    {"dyn", ParamKind::chosen},
};

std::string_view cut(std::string_view& from, char at) {
  std::string_view part = from.substr(0, from.find(at));
  from.remove_prefix(std::min(part.size() + 1, from.size()));
  return part;
}

ShownParam read_param(std::string_view text) {
  ShownParam out;
  out.name = cut(text, ':');
  std::string_view kind = cut(text, ':');
  for (const KindName& row : kinds)
    if (row.name == kind) out.kind = row.kind;
  out.format = cut(text, ':').front();
  out.table = text;
  if (out.kind == ParamKind::relative_path && !text.empty())
    out.directory = static_cast<unsigned>(text[0] - '0');
  return out;
}

Io read_io(std::string_view text) {
  if (text == "reads") return Io::reads;
  if (text == "writes") return Io::writes;
  if (text == "both") return Io::both;
  return text == "waits" ? Io::waits : Io::none;
}

std::array<ShownType, type_count> read_types() {
  std::array<ShownType, type_count> out;
  for (const Row& row : rows) {
    ShownType& type = out[row.type];
    type.name = row.name;
    type.category = row.category;
    type.io = read_io(row.io);
    for (std::string_view left = row.params; !left.empty();)
      type.params.push_back(read_param(cut(left, ' ')));
  }
  return out;
}

}  // namespace

const ShownType& shown_type(std::uint16_t type) {
  static const std::array<ShownType, type_count> types = read_types();
  return types[type];
}

std::uint16_t call_code(const CaptureEvent& event) {
  const auto code = static_cast<std::uint16_t>(event.natural(0));
  if (code != 0 || !event.has(1)) return code;
  return static_cast<std::uint16_t>(
      named_number("ppm_sc", number_name("native_x86_64", event.natural(1))));
}

std::string_view call_name(std::uint16_t code) { return number_name("ppm_sc", code); }

std::string_view event_name(const CaptureEvent& event) {
  if (event.type == generic_x) return call_name(call_code(event));
  if (event.type == asyncevent_e && !event.null(1)) return event.text(1);
  return shown_type(event.type).name;
}

std::string_view event_category(const ShownEvent& view) {
  std::string_view category = shown_type(view.event->type).category;
  if (!category.starts_with("io_")) return category;
  if (!view.context->fd) return "unknown";
  switch (view.context->fd->type) {
    case FdType::file:
    case FdType::file_v2:
    case FdType::directory: return "file";
    case FdType::ipv4:
    case FdType::ipv6:
    case FdType::ipv4_server:
    case FdType::ipv6_server: return "net";
    case FdType::unix_socket:
    case FdType::fifo:
    case FdType::event:
    case FdType::signal:
    case FdType::inotify: return "ipc";
    default: return "unknown";
  }
}

bool is_notice(std::uint16_t type) {
  switch (type) {
    case drop_e:
    case drop_x:
    case scapevent_e:
    case procinfo_e:
    case cpu_hotplug_e:
    case notification_e:
    case infrastructure_event_e:
    case container_json_2_e:
    case user_added_e:
    case user_deleted_e:
    case group_added_e:
    case group_deleted_e:
    case asyncevent_e: return true;
    default: return false;
  }
}

int find_param(const CaptureEvent& event, std::string_view name) {
  const std::vector<ShownParam>& params = shown_type(event.type).params;
  for (unsigned i = 0; i < params.size() && i < event.count; i++)
    if (params[i].name == name) return static_cast<int>(i);
  return -1;
}

std::string all_params(const ShownEvent& view) {
  std::string out;
  const CaptureEvent& event = *view.event;
  if (event.type == generic_x) return out;
  const std::vector<ShownParam>& params = shown_type(event.type).params;
  for (unsigned i = 0; i < params.size() && i < event.count; i++) {
    if (i > 0) out += ' ';
    out += params[i].name;
    out += '=';
    put_plain(view, i, out);
    out += '(';
    std::size_t meaning = out.size();
    put_meaning(view, i, out);
    if (out.size() == meaning)
      out.pop_back();
    else
      out += ')';
  }
  return out;
}

std::string error_name(std::int64_t result) {
  return std::string(number_name("errno", 0 - static_cast<std::uint64_t>(result)));
}

char type_letter(FdType type) {
  constexpr std::string_view letters = "ofd4646pueXslitnfburmP";
  auto index = static_cast<std::size_t>(type);
  return index < letters.size() ? letters[index] : '?';
}

std::string_view type_word(FdType type) {
  constexpr std::string_view words[] = {
      "<NA>", "file",  "directory",   "ipv4",     "ipv6",      "ipv4",    "ipv6",    "pipe",
      "unix", "event", "<NA>",        "signalfd", "eventpoll", "inotify", "timerfd", "netlink",
      "file", "bpf",   "userfaultfd", "io_uring", "memfd",     "pidfd"};
  auto index = static_cast<std::size_t>(type);
  return index < std::size(words) ? words[index] : "<NA>";
}

}  // namespace saker::scap
