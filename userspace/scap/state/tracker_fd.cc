// SPDX-License-Identifier: Apache-2.0
// Part of scap::Tracker: the effect of events on descriptors that are not sockets.
#include "scap/path.h"
#include "scap/state/state.h"

namespace saker::scap {
namespace {

// Bits of open flags, in the numbering of captures.
constexpr std::uint32_t o_directory = 1u << 10;
constexpr std::uint32_t o_cloexec = 1u << 12;
constexpr std::uint32_t seen_by_kernel = ~((1u << 14) - 1);  // only the exit event can have these
constexpr std::uint32_t upper_layer = 1u << 15, lower_layer = 1u << 16;

// The indexes of the parameters of the open family; -1: there is none.
struct OpenLayout {
  std::uint16_t type;
  std::int8_t dirfd, name, flags, dev, ino, layer;
};
constexpr OpenLayout layouts[] = {
    {open_x, -1, 1, 2, 4, 5, -1},
    {creat_x, -1, 1, -1, 3, 4, 5},
    {openat_2_x, 1, 2, 3, 5, 6, -1},
    {openat2_x, 1, 2, 3, 6, 7, -1},
    {open_by_handle_at_x, -1, 3, 2, 4, 5, -1},
};

const OpenLayout& layout_of(std::uint16_t type) {
  for (const OpenLayout& each : layouts)
    if (each.type == type) return each;
  return layouts[0];
}

unsigned at(std::int8_t index) { return static_cast<unsigned>(index); }

}  // namespace

void Tracker::fd_event(const CaptureEvent& event) {
  std::int64_t result = event.result();
  bool done = result >= 0;
  switch (event.type) {
    case open_x:
    case creat_x:
    case openat_2_x:
    case openat2_x:
    case open_by_handle_at_x: return open(event);
    case close_x:
      if (done && now_.fd) {
        ended_fds_.push_back(now_.thread->last_fd);
        ended_fds_of_ = now_.thread->tid;
      }
      return;
    case close_range_x: return close_range(event);
    case dup_1_x: return duplicate(event, event.number(1), result, false);
    case dup2_x: return duplicate(event, event.number(1), result, false);
    case dup3_x: return duplicate(event, event.number(1), result, event.u32(3) & o_cloexec);
    case fcntl_x: return fcntl(event);
    case pipe_x:
    case pipe2_x: return pipe(event);
    case eventfd_x: return new_fd(event, FdType::event, 0);
    case eventfd2_x: return new_fd(event, FdType::event, event.u32(1));
    case signalfd_x: return new_fd(event, FdType::signal, 0);
    case signalfd4_x: return new_fd(event, FdType::signal, event.u32(1));
    case timerfd_create_x: return new_fd(event, FdType::timer, event.u32(2));
    case inotify_init_x: return new_fd(event, FdType::inotify, 0);
    case inotify_init1_x: return new_fd(event, FdType::inotify, event.u32(1));
    case epoll_create_x: return new_fd(event, FdType::epoll, 0);
    case epoll_create1_x: return new_fd(event, FdType::epoll, event.u32(1));
    // Most commands of bpf return no descriptor but 0, which Falco counts as one.
    case bpf_2_x: return new_fd(event, FdType::bpf, 0);
    case userfaultfd_x: return new_fd(event, FdType::userfault, event.u32(1));
    case io_uring_setup_x: return new_fd(event, FdType::io_uring, 0);
    case memfd_create_x: return memfd_create(event);
    case pidfd_open_x:
      new_fd(event, FdType::pidfd, event.u32(2));
      if (done && now_.fd) {
        now_.fd->pid = event.number(1);
        now_.fd->name = "/proc/" + std::to_string(now_.fd->pid);
      }
      return;
    case pidfd_getfd_x: return pidfd_getfd(event);

    case socket_x: return socket(event);
    case socketpair_x: return socketpair(event);
    case bind_x: return bind(event);
    case connect_x: return connect(event);
    case accept_5_x:
    case accept4_6_x: return accept(event);
    case recvfrom_x: return transfer(event, 2, true);
    case recvmsg_x: return transfer(event, 3, true);
    case recvmmsg_x:
    case recv_x: return transfer(event, 4, true);
    case send_x:
    case sendto_x:
    case sendmsg_x:
    case sendmmsg_x: return transfer(event, 4, false);
    case read_x:
    case readv_x:
    case pread_x:
    case preadv_x:
    case write_x:
    case writev_x:
    case pwrite_x:
    case pwritev_x:
      if (done && now_.fd && now_.fd->ip_pair()) now_.fd->connected = true;
      return;
    default: return;
  }
}

// A failed call is stored under its error number, and counted.
void Tracker::memfd_create(const CaptureEvent& event) {
  if (event.result() < 0) return void(now_.fd = store(event.result(), {}));
  new_fd(event, FdType::memfd, event.u32(2));
  if (now_.fd) now_.fd->name = event.text(1);
}

void Tracker::open(const CaptureEvent& event) {
  const OpenLayout& layout = layout_of(event.type);
  Thread& thread = *now_.thread;
  std::string_view name = event.path(at(layout.name));
  bool known = !event.null(at(layout.name));
  std::uint32_t flags = layout.flags >= 0 ? event.u32(at(layout.flags)) : 0;
  std::int64_t dirfd = layout.dirfd >= 0 ? event.number(at(layout.dirfd)) : 0;
  bool has_dirfd = layout.dirfd >= 0 && event.has(at(layout.dirfd));
  const EnterEvent& call = thread.enter;
  if (call.valid && !call.path_null && event.type != open_by_handle_at_x) {
    name = call.path;
    known = true;
    flags = call.flags | (flags & seen_by_kernel);
    if (layout.dirfd >= 0) {
      dirfd = call.dirfd;
      has_dirfd = true;
    }
  }
  std::string base;
  if (layout.dirfd >= 0) {
    if (has_dirfd && !name.starts_with('/')) base = base_of(dirfd);
  } else if (event.type != open_by_handle_at_x) {
    base = state_.threads.cwd_of(thread);
  }
  std::string path = join_path(base, name);
  // A failed call has no descriptor, but rules still use its path.
  if (known && (layout.dirfd < 0 || has_dirfd)) now_.path = path;
  std::int64_t number = event.result();
  if (number < 0 || !event.has(0)) return;

  FdInfo fd;
  fd.type = flags & o_directory ? FdType::directory : FdType::file_v2;
  fd.raw = name;
  fd.name = std::move(path);
  fd.flags = flags;
  fd.dev = event.u32(at(layout.dev));
  fd.ino = event.natural(at(layout.ino));
  fd.upper = flags & upper_layer;
  fd.lower = flags & lower_layer;
  if (layout.layer >= 0) {
    fd.upper = event.u32(at(layout.layer)) & 1;
    fd.lower = event.u32(at(layout.layer)) & 2;
  }
  now_.fd = store(number, std::move(fd));
}

void Tracker::close_range(const CaptureEvent& event) {
  constexpr std::uint32_t only_mark = 1u << 2;
  FdTable* fds = state_.threads.fds_of(*now_.thread);
  if (!fds || event.result() < 0) return;
  std::int64_t first = event.u32(1), last = event.u32(2);
  bool mark = event.u32(3) & only_mark;
  for (FdTable::iterator each = fds->begin(); each != fds->end();) {
    bool meant = each->first >= first && each->first <= last;
    if (meant && mark) each->second.flags |= o_cloexec;
    if (meant && !mark)
      each = fds->erase(each);
    else
      ++each;
  }
}

void Tracker::duplicate(const CaptureEvent&, std::int64_t from, std::int64_t to, bool cloexec) {
  if (to < 0) return;
  const FdInfo* old = state_.threads.fd_of(*now_.thread, from);
  if (!old) return;
  FdInfo copy = *old;
  copy.flags &= ~(o_cloexec | 1u);
  if (cloexec) copy.flags |= o_cloexec;
  now_.fd = store(to, std::move(copy));
}

void Tracker::fcntl(const CaptureEvent& event) {
  constexpr std::uint32_t dup_fd = 1, set_fd = 3, dup_fd_cloexec = 26;
  std::int64_t result = event.result();
  if (result < 0 || !now_.fd) return;
  std::uint32_t command = event.u32(2);
  if (command == dup_fd || command == dup_fd_cloexec) {
    duplicate(event, event.number(1), result, false);
  } else if (command == set_fd) {
    if (event.natural(3) & 1)
      now_.fd->flags |= o_cloexec;
    else
      now_.fd->flags &= ~o_cloexec;
  }
}

void Tracker::pipe(const CaptureEvent& event) {
  if (event.result() < 0) return;
  for (unsigned index : {1u, 2u}) {
    FdInfo fd;
    fd.type = FdType::fifo;
    fd.ino = event.natural(3);
    fd.flags = event.type == pipe2_x ? event.u32(4) : 0;
    now_.fd = store(event.number(index), std::move(fd));
  }
}

void Tracker::new_fd(const CaptureEvent& event, FdType type, std::uint32_t flags) {
  std::int64_t number = event.result();
  if (number < 0 || !event.has(0)) return;
  FdInfo fd;
  fd.type = type;
  fd.flags = flags;
  now_.fd = store(number, std::move(fd));
}

void Tracker::pidfd_getfd(const CaptureEvent& event) {
  std::int64_t number = event.result();
  const FdInfo* pidfd = state_.threads.fd_of(*now_.thread, event.number(1));
  if (number < 0 || !pidfd || pidfd->type != FdType::pidfd) return;
  Thread* other = state_.threads.find(pidfd->pid);
  const FdInfo* target = other ? state_.threads.fd_of(*other, event.number(2)) : nullptr;
  if (!target) return;
  FdInfo copy = *target;
  copy.flags |= o_cloexec;
  now_.fd = store(number, std::move(copy));
}

}  // namespace saker::scap
