// SPDX-License-Identifier: Apache-2.0
// Part of scap::RecordMaker: events that name files.
#include "scap/flags.h"
#include "scap/path.h"
#include "scap/record.h"

namespace saker::scap {
namespace {

constexpr std::int8_t no = -1;
constexpr std::int64_t at_fdcwd = -100;

struct PathLayout {
  std::uint16_t type;
  std::int8_t dirfd, name, mode, flags, uid, gid, fd;
};
constexpr PathLayout path_layouts[] = {
    {unlink_2_x, no, 1, no, no, no, no, no}, {unlinkat_2_x, 1, 2, no, 3, no, no, no},
    {mkdir_2_x, no, 1, 2, no, no, no, no},   {mkdirat_x, 1, 2, 3, no, no, no, no},
    {rmdir_2_x, no, 1, no, no, no, no, no},  {chmod_x, no, 1, 2, no, no, no, no},
    {fchmod_x, no, no, 2, no, no, no, 1},    {fchmodat_x, 1, 2, 3, no, no, no, no},
    {chown_x, no, 1, no, no, 2, 3, no},      {lchown_x, no, 1, no, no, 2, 3, no},
    {fchown_x, no, no, no, no, 2, 3, 1},     {fchownat_x, 1, 2, no, 5, 3, 4, no},
    {mknod_x, no, 1, 2, no, no, no, no},     {mknodat_x, 1, 2, 3, no, no, no, no},
};

struct Path2Layout {
  std::uint16_t type;
  std::int8_t olddirfd, oldname, newdirfd, newname, flags;
};
constexpr Path2Layout path2_layouts[] = {
    {rename_x, no, 1, no, 2, no},  {renameat_x, 1, 2, 3, 4, no},   {renameat2_x, 1, 2, 3, 4, 5},
    {symlink_x, no, 1, no, 2, no}, {symlinkat_x, no, 1, 2, 3, no}, {link_2_x, no, 1, no, 2, no},
    {linkat_2_x, 1, 2, 3, 4, 5},
};

unsigned at(std::int8_t index) { return static_cast<unsigned>(index); }

}  // namespace

void RecordMaker::put_path(unsigned slot, const CaptureEvent& event, unsigned index) {
  if (!event.null(index)) builder_.blob(slot, event.text(index));
}

void RecordMaker::put_cwd(unsigned slot, const CaptureEvent& event, unsigned name,
                          const EventState& context) {
  if (!context.thread || event.null(name) || event.text(name).starts_with('/')) return;
  builder_.blob(slot, state_.threads.cwd_of(*context.thread));
}

void RecordMaker::put_base(unsigned slot, const CaptureEvent& event, unsigned name,
                           const EventState& context, std::int64_t dirfd) {
  if (dirfd == at_fdcwd) return put_cwd(slot, event, name, context);
  if (!context.thread || event.null(name) || event.text(name).starts_with('/')) return;
  const FdInfo* fd = state_.threads.fd_of(*context.thread, dirfd);
  if (!fd)
    builder_.blob(slot, unknown_base);
  else if (fd->name.empty() || fd->name.back() == '/')
    builder_.blob(slot, fd->name);
  else
    builder_.blob(slot, fd->name + '/');
}

void RecordMaker::open(const CaptureEvent& event, const EventState& context) {
  bool by_fd = event.type == openat_2_x || event.type == openat2_x;
  bool by_handle = event.type == open_by_handle_at_x;
  unsigned name = by_handle ? 3 : by_fd ? 2 : 1;
  unsigned flags_at = by_handle ? 2 : by_fd ? 3 : 2;
  unsigned mode_at = by_fd ? 4 : event.type == creat_x ? 2 : 3;
  unsigned dev_at = event.type == openat2_x ? 6 : by_fd ? 5 : event.type == creat_x ? 3 : 4;
  std::int64_t dirfd = by_fd ? event.number(1) : at_fdcwd;
  put_path(SAKER_P_open_name, event, name);
  if (!context.path.empty()) builder_.blob(SAKER_P_open_path, context.path);
  put_base(SAKER_P_open_base, event, name, context, dirfd);
  OpenFlags flags =
      open_flags(event.type == creat_x ? 2u | 1u << 2 | 1u << 8 : event.u32(flags_at));
  if (event.type == creat_x && event.has(5)) flags.file = open_flags(event.u32(5) << 15).file;
  builder_.number_signed(SAKER_P_open_fd, event.result())
      .number_signed(SAKER_P_open_dirfd, dirfd)
      .number(SAKER_P_open_flags, flags.kernel)
      .number(SAKER_P_open_fileflags, flags.file)
      .number(SAKER_P_open_mode, by_handle ? 0 : event.u32(mode_at))
      .number(SAKER_P_open_dev, event.u32(dev_at))
      .number(SAKER_P_open_ino, event.natural(dev_at + 1));
  if (event.type == openat2_x) builder_.number(SAKER_P_open_resolve, resolve_flags(event.u32(5)));
  if (context.fd) builder_.number(SAKER_P_open_fdtype, fd_kind(*context.fd));
}

void RecordMaker::path(const CaptureEvent& event, const EventState& context) {
  for (const PathLayout& layout : path_layouts) {
    if (layout.type != event.type) continue;
    std::int64_t dirfd = layout.dirfd >= 0 ? event.number(at(layout.dirfd)) : at_fdcwd;
    builder_.number_signed(SAKER_P_path_dirfd, dirfd);
    if (layout.name >= 0) {
      put_path(SAKER_P_path_name, event, at(layout.name));
      put_base(SAKER_P_path_base, event, at(layout.name), context, dirfd);
    }
    if (layout.mode >= 0) builder_.number(SAKER_P_path_mode, event.u32(at(layout.mode)));
    if (layout.flags >= 0) builder_.number(SAKER_P_path_flags, event.u32(at(layout.flags)));
    if (layout.uid >= 0) {
      builder_.number(SAKER_P_path_uid, event.u32(at(layout.uid)))
          .number(SAKER_P_path_gid, event.u32(at(layout.gid)));
    }
    if (layout.fd >= 0) {
      builder_.number_signed(SAKER_P_path_fd, event.number(at(layout.fd)));
      if (context.fd) builder_.blob(SAKER_P_path_path, context.fd->name);
    }
    return;
  }
}

void RecordMaker::path2(const CaptureEvent& event, const EventState& context) {
  for (const Path2Layout& layout : path2_layouts) {
    if (layout.type != event.type) continue;
    std::int64_t olddirfd = layout.olddirfd >= 0 ? event.number(at(layout.olddirfd)) : at_fdcwd;
    std::int64_t newdirfd = layout.newdirfd >= 0 ? event.number(at(layout.newdirfd)) : at_fdcwd;
    put_path(SAKER_P_path2_oldname, event, at(layout.oldname));
    put_path(SAKER_P_path2_newname, event, at(layout.newname));
    bool text = event.type == symlink_x || event.type == symlinkat_x;
    if (!text) put_base(SAKER_P_path2_oldbase, event, at(layout.oldname), context, olddirfd);
    put_base(SAKER_P_path2_newbase, event, at(layout.newname), context, newdirfd);
    builder_.number_signed(SAKER_P_path2_olddirfd, olddirfd)
        .number_signed(SAKER_P_path2_newdirfd, newdirfd);
    if (layout.flags >= 0) builder_.number(SAKER_P_path2_flags, event.u32(at(layout.flags)));
    return;
  }
}

}  // namespace saker::scap
