// SPDX-License-Identifier: Apache-2.0
// Of match/facet.h: the key of an event's paths where it stands in a capture, whose fields look at parameters and
// descriptors as the capture tells them.
#include <fcntl.h>

#include "capture/scap_show.h"
#include "match/facet.h"

namespace saker::match {

namespace scap = capture::scap;

namespace {

bool is_text(scap::ParamKind kind) {
  return kind == scap::ParamKind::text || kind == scap::ParamKind::path || kind == scap::ParamKind::relative_path;
}

// A number that no descriptor's type has.
constexpr std::uint8_t not_known = 0xfe, working_directory = 0xff;

std::uint8_t kind_of(const scap::Fd* fd) { return fd ? static_cast<std::uint8_t>(fd->type) : not_known; }

}  // namespace

// All that path_fields (match/facet.cc) can look at: the descriptor, the texts, and, if one of these is relative, what
// it can be relative to.
std::string_view FacetKey::capture_path(const Event& event) {
  const scap::View& view = *event.capture;
  const scap::Event& raw = *view.event;
  const scap::Context& context = *view.context;
  const bool opens = event.record.family() == decode::Family::open;
  const std::uint64_t mode = opens ? event.record.u64(SAKER_P_open_flags) & O_ACCMODE : 0;
  const std::uint64_t head = event.kind() | std::uint64_t{raw.type} << 16 | mode << 32 |
                             std::uint64_t{kind_of(context.fd)} << 40 | std::uint64_t{context.has_fd} << 48 |
                             std::uint64_t{context.thread != nullptr} << 49;
  used_ = 0;
  put(head);
  put_sign(raw.result());
  put_sign(context.fd_number);
  if (context.fd && !put_text(context.fd->name, path_room)) return {};
  const std::vector<scap::ShownParam>& params = scap::shown_type(raw.type).params;
  bool relative = false;
  for (unsigned i = 0; i < params.size(); i++) {
    if (!is_text(params[i].kind)) continue;
    const std::string_view text = raw.path(i, {});
    const std::uint8_t there = text.data() != nullptr;
    if (!fits(1, path_room)) return {};
    put(&there, 1);
    if (!put_text(text, path_room)) return {};
    relative |= !text.starts_with('/');
  }
  if (!relative || !context.thread) return whole();
  if (!put_text(view.known->cwd_of(*context.thread), path_room)) return {};
  for (unsigned i = 0; i < params.size(); i++) {
    if (params[i].kind != scap::ParamKind::fd) continue;
    const std::int64_t number = raw.number(i);
    const scap::Fd* fd = number == AT_FDCWD ? nullptr : view.known->fd_of(*context.thread, number);
    const std::uint8_t kind = number == AT_FDCWD ? working_directory : kind_of(fd);
    if (!fits(1, path_room)) return {};
    put(&kind, 1);
    if (fd && !put_text(fd->name, path_room)) return {};
  }
  return whole();
}

}  // namespace saker::match
