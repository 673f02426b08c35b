// SPDX-License-Identifier: Apache-2.0
// fd.* for an event of a capture: the data of the capture's own descriptor table, in Falco's form.
// getters/socket.cc handles sockets.
#include <new>

#include "scap/getters/getters.h"
#include "scap/path.h"

namespace saker::scap::getters {
namespace {

Value number(const FieldRef&, const Event& event, View, Scratch&) {
  const EventState* context = context_of(event);
  return context ? Value::of_number(context->fd_number) : Value{};
}

Value type(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_text(type_word(fd->type)) : Value{};
}

// For the descriptor with that number; without a number, for all descriptors of the process, each
// type once.
Value types(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const EventState* context = context_of(event);
  if (!context) return {};
  const CaptureLookup& lookup = *capture_of(event).lookup;
  if (field.has_arg) {
    const FdInfo* fd = field.has_index ? lookup.fd_of(*context->thread, field.index) : nullptr;
    return fd ? Value::of_text(type_word(fd->type)) : Value{};
  }
  const std::string all = lookup.types_of(*context->thread);
  auto* items = new (scratch.take(all.size() * sizeof(Value))) Value[all.size()];
  for (std::size_t i = 0; i < all.size(); i++)
    items[i] = Value::of_text(type_word(static_cast<FdType>(all[i])));
  return Value::of_list(items, static_cast<std::uint32_t>(all.size()));
}

std::string_view letter_by_call(std::uint16_t type) {
  switch (type) {
    case scap::openat_2_x:
    case scap::openat2_x:
    case scap::creat_x: return "f";
    case scap::socket_x:
    case scap::accept_5_x:
    case scap::accept4_6_x: return "4";
    case scap::pipe_x:
    case scap::pipe2_x: return "p";
    case scap::eventfd_x:
    case scap::eventfd2_x: return "e";
    case scap::signalfd_x:
    case scap::signalfd4_x: return "s";
    case scap::timerfd_create_x: return "t";
    case scap::inotify_init_x:
    case scap::inotify_init1_x: return "i";
    default: return "o";
  }
}

Value letter(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!context_of(event)) return {};
  const FdInfo* fd = fd_of(event);
  if (!fd) return Value::of_text(letter_by_call(capture_of(event).event->type));
  char text = type_letter(fd->type);
  return Value::of_text(scratch.keep({&text, 1}));
}

// For an unknown descriptor, the call itself may have a name.
Value name_by_call(const Event& event, Scratch& scratch) {
  const CaptureEvent& raw = *capture_of(event).event;
  if (!is_exit(raw.type)) return {};
  switch (raw.type) {
    case scap::open_x:
    case scap::creat_x:
    case scap::accept_5_x:
    case scap::accept4_6_x:
    case scap::connect_x: return Value::of_text(shown_param(event, 1, scratch));
    case scap::openat_2_x:
    case scap::openat2_x: {
      if (raw.null(2) || !raw.has(1)) return {};
      std::string_view path = raw.text(2);
      if (path.empty()) return Value::of_text(path);
      std::string buffer;
      const std::string* base = directory_of(capture_of(event), raw.number(1), buffer);
      return Value::of_text(scratch.keep(scap::join_path(base ? *base : "<UNKNOWN>", path)));
    }
    case scap::open_by_handle_at_x: return Value::of_text(shown_param(event, 3, scratch));
    default: return Value::of_text("");
  }
}

Value name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!context_of(event)) return {};
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_text(fd->name) : name_by_call(event, scratch);
}

bool is_file(const FdInfo& fd) { return fd.regular() || fd.type == FdType::directory; }

Value directory(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const FdInfo* fd = fd_of(event);
  if (fd && !is_file(*fd)) return {};
  Value text = name(field, event, view, scratch);
  if (!text.set() || (fd && fd->type == FdType::directory)) return text;
  std::size_t slash = text.text.rfind('/');
  if (slash == text.text.npos || slash == 0) return Value::of_text("/");
  return slash + 1 == text.text.size() ? text : Value::of_text(text.text.substr(0, slash));
}

Value filename(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  if (!fd || !fd->regular()) return {};
  std::string_view text = fd->name;
  std::size_t slash = text.rfind('/');
  bool whole = slash == text.npos || slash + 1 == text.size();
  return Value::of_text(whole ? text : text.substr(slash + 1));
}

// Calls that report the name as it is shown, not as it was passed.
bool shows_name(std::uint16_t type) {
  return type == scap::open_x || type == scap::creat_x || type == scap::connect_x ||
         type == scap::accept_5_x || type == scap::accept4_6_x;
}

// Null data: it has none.
std::string_view raw_by_call(const CaptureEvent& raw) {
  switch (raw.type) {
    case scap::openat_2_x:
    case scap::openat2_x: return raw.null(2) ? std::string_view() : raw.text(2);
    case scap::open_by_handle_at_x: return raw.path(3);
    default: return "";
  }
}

// As passed, with repeated slashes merged.
Value raw_name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!context_of(event)) return {};
  const FdInfo* fd = fd_of(event);
  const CaptureEvent& call = *capture_of(event).event;
  if (!fd && shows_name(call.type)) return name_by_call(event, scratch);
  if (!fd && raw_by_call(call).data() == nullptr) return {};
  std::string_view raw = fd ? std::string_view(fd->raw) : raw_by_call(call);
  if (raw.find("//") == raw.npos) return Value::of_text(raw);
  char* out = scratch.take(raw.size());
  std::size_t length = 0;
  for (char c : raw)
    if (c != '/' || length == 0 || out[length - 1] != '/') out[length++] = c;
  return Value::of_text({out, length});
}

Value within_container(const Event& event, const Value& text, Scratch& scratch) {
  if (!text.set()) return {};
  const Thread* thread = capture_of(event).context->thread;
  // The host has no id where containers have theirs.
  std::string out = thread ? thread->container_id : std::string();
  out += ':';
  out += text.text;
  return Value::of_text(scratch.keep(out));
}

Value container_name(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return within_container(event, name(field, event, view, scratch), scratch);
}
Value container_directory(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return within_container(event, directory(field, event, view, scratch), scratch);
}

Value unique(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const EventState* context = context_of(event);
  if (!context) return {};
  return Value::of_text(scratch.keep(std::to_string(capture_of(event).event->tid) +
                                     std::to_string(context->fd_number)));
}

Value device(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_number(static_cast<std::int32_t>(fd->dev)) : Value{};
}
Value device_major(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_number((fd->dev & 0xfff00) >> 8) : Value{};
}
Value device_minor(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_number((fd->dev & 0xff) | ((fd->dev >> 12) & 0xfff00)) : Value{};
}
Value inode(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_number(static_cast<std::int64_t>(fd->ino)) : Value{};
}

template <bool FdInfo::*Member>
Value state(const FieldRef&, const Event& event, View, Scratch&) {
  const FdInfo* fd = fd_of(event);
  return fd ? Value::of_bool(fd->*Member) : Value{};
}

Value name_changed(const FieldRef&, const Event& event, View, Scratch&) {
  return fd_of(event) ? Value::of_bool(capture_of(event).context->name_changed) : Value{};
}

constexpr GetterRow getters[] = {
    {"fd.num", number},
    {"fd.type", type},
    {"fd.types", types},
    {"fd.typechar", letter},
    {"fd.name", name},
    {"fd.directory", directory},
    {"fd.filename", filename},
    {"fd.nameraw", raw_name},
    {"fd.containername", container_name},
    {"fd.containerdirectory", container_directory},
    {"fd.uid", unique},
    {"fd.dev", device},
    {"fd.dev.major", device_major},
    {"fd.dev.minor", device_minor},
    {"fd.ino", inode},
    {"fd.is_upper_layer", state<&FdInfo::upper>},
    {"fd.is_lower_layer", state<&FdInfo::lower>},
    {"fd.connected", state<&FdInfo::connected>},
    {"fd.name_changed", name_changed},
};

}  // namespace

std::span<const GetterRow> fd_getters() { return getters; }

}  // namespace saker::scap::getters
