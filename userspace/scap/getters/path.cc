// SPDX-License-Identifier: Apache-2.0
// fs.path.* for an event of a capture: like Falco, including its oddities.
#include "scap/path.h"

#include "scap/getters/getters.h"

namespace saker::scap::getters {
namespace {

// The base of a relative path. known_dir: the descriptor's name, if it is known to be a directory.
enum class From : std::uint8_t { cwd, known_dir, by_fd, opened, nothing };

constexpr int none = -1;

struct PathRow {
  std::uint16_t type;
  int name, source, target;  // parameters
  From name_from, source_from, target_from;
  int name_fd, source_fd, target_fd;
};

constexpr PathRow one(std::uint16_t type, int name, From from = From::cwd, int fd = none) {
  return {type, name, none, none, from, From::cwd, From::cwd, fd, none, none};
}
constexpr PathRow two(std::uint16_t type, int source, int target, From source_from = From::cwd,
                      From target_from = From::cwd, int source_fd = none, int target_fd = none) {
  return {type,        none,        source, target,    From::cwd,
          source_from, target_from, none,   source_fd, target_fd};
}

constexpr PathRow path_rows[] = {
    one(scap::open_x, 1),
    one(scap::openat_2_x, 2, From::opened),
    one(scap::openat2_x, 2, From::opened),
    one(scap::mkdir_2_x, 1),
    one(scap::mkdirat_x, 2, From::known_dir, 1),
    one(scap::rmdir_2_x, 1),
    one(scap::unlink_2_x, 1),
    one(scap::unlinkat_2_x, 2, From::known_dir, 1),
    one(scap::chmod_x, 1),
    one(scap::fchmodat_x, 2, From::known_dir, 1),
    one(scap::chown_x, 1),
    one(scap::lchown_x, 1),
    one(scap::fchownat_x, 2, From::known_dir, 1),
    one(scap::quotactl_x, 4),
    one(scap::umount2_x, 1),
    two(scap::mount_x, 1, 2),
    two(scap::rename_x, 1, 2),
    two(scap::renameat_x, 2, 4),
    two(scap::renameat2_x, 2, 4, From::by_fd, From::by_fd, 1, 3),
    two(scap::link_2_x, 2, 1),
    two(scap::linkat_2_x, 4, 2),
    two(scap::symlink_x, 2, 1),
    two(scap::symlinkat_x, 3, 1, From::known_dir, From::nothing, 2),
};

const PathRow* row_of(const Event& event) {
  for (const PathRow& row : path_rows)
    if (row.type == capture_of(event).event->type) return &row;
  return nullptr;
}

// For an open, the descriptor decides: only -1 itself counts as failed.
bool worked(const Event& event) {
  const CaptureEvent& raw = *capture_of(event).event;
  switch (raw.type) {
    case scap::open_x:
    case scap::openat_2_x:
    case scap::openat2_x:
    case scap::open_by_handle_at_x: return raw.result() != -1;
    default: return raw.result() == 0;
  }
}

Value raw_text(const Event& event, int param) {
  if (param < 0 || !worked(event)) return {};
  return Value::of_text(capture_of(event).event->path(static_cast<unsigned>(param)));
}

std::string base_of(const Event& event, From from, int fd) {
  const ShownEvent& view = capture_of(event);
  const Thread* thread = view.context->thread;
  if (from == From::nothing || !thread) return "<UNKNOWN>";
  std::int64_t number = fd < 0 ? -1 : view.event->number(static_cast<unsigned>(fd));
  std::string buffer;
  switch (from) {
    case From::cwd: return std::string(view.lookup->cwd_of(*thread));
    case From::known_dir: {
      const FdInfo* known = view.lookup->fd_of(*thread, number);
      if (!known || known->type != FdType::directory) return "<UNKNOWN>";
      break;
    }
    default: break;
  }
  const std::string* base = directory_of(view, number, buffer);
  return base ? *base : "<UNKNOWN>";
}

Value full_text(const Event& event, int param, From from, int fd, Scratch& scratch) {
  if (param < 0 || !worked(event)) return {};
  std::string_view path = capture_of(event).event->path(static_cast<unsigned>(param));
  if (from == From::opened && !path.starts_with('/')) {
    const FdInfo* opened = capture_of(event).context->fd;
    return Value::of_text(opened ? std::string_view(opened->name) : "<UNKNOWN>");
  }
  std::string base = path.starts_with('/') ? std::string() : base_of(event, from, fd);
  return Value::of_text(scratch.keep(scap::join_path(base, path)));
}

// A call on a descriptor alone works on the descriptor's object.
bool on_descriptor(const Event& event) {
  std::uint16_t type = capture_of(event).event->type;
  return type == scap::fchmod_x || type == scap::fchown_x;
}

Value descriptor_path(const Event& event) {
  const FdInfo* fd = capture_of(event).context->fd;
  return fd && worked(event) ? Value::of_text(fd->name) : Value{};
}

Value name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (on_descriptor(event)) return descriptor_path(event);
  const PathRow* row = row_of(event);
  return row ? full_text(event, row->name, row->name_from, row->name_fd, scratch) : Value{};
}
Value source(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const PathRow* row = row_of(event);
  return row ? full_text(event, row->source, row->source_from, row->source_fd, scratch) : Value{};
}
Value target(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const PathRow* row = row_of(event);
  return row ? full_text(event, row->target, row->target_from, row->target_fd, scratch) : Value{};
}
Value raw_name(const FieldRef&, const Event& event, View, Scratch&) {
  if (on_descriptor(event)) return descriptor_path(event);
  const PathRow* row = row_of(event);
  return row ? raw_text(event, row->name) : Value{};
}
template <int PathRow::*Param>
Value raw(const FieldRef&, const Event& event, View, Scratch&) {
  const PathRow* row = row_of(event);
  return row ? raw_text(event, row->*Param) : Value{};
}

constexpr GetterRow getters[] = {
    {"fs.path.name", name},
    {"fs.path.source", source},
    {"fs.path.target", target},
    {"fs.path.nameraw", raw_name},
    {"fs.path.sourceraw", raw<&PathRow::source>},
    {"fs.path.targetraw", raw<&PathRow::target>},
};

}  // namespace

std::span<const GetterRow> path_getters() { return getters; }

}  // namespace saker::scap::getters
