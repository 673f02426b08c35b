// SPDX-License-Identifier: Apache-2.0
#include "fields/descriptor.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "fields/objects.h"
#include "fields/path.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

using decode::Record;

constexpr std::string_view mapped_prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
constexpr std::string_view no_address("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);

// For a path in the record: whether it is present.
bool is_there(const Record& record, unsigned slot) {
  return !(record.blob_flags(slot) & SAKER_BLOB_ABSENT);
}

std::string_view bytes_of(const __u8 (&address)[16], std::size_t size) {
  return {reinterpret_cast<const char*>(address), size};
}

}  // namespace

Descriptor descriptor_of(const Record& record) {
  using How = FdRow::How;
  const FdRow& row = fd_row(record);
  if (row.how == How::none) return {};
  Descriptor fd;
  fd.used = true;
  fd.number = record.i64(row.number);
  fd.type = row.type_slot != no_slot ? static_cast<char>(record.u32(row.type_slot)) : row.type;
  const bool typed = fd.type != SAKER_FD_NONE;
  switch (row.how) {
    case How::made:
    case How::foreign:
      // A call that made no descriptor has -1, whatever the error was.
      fd.known = fd.number >= 0 && (typed || row.how == How::made);
      if (fd.number < 0) fd.type = SAKER_FD_NONE;
      fd.number = std::max<std::int64_t>(fd.number, -1);
      fd.used = fd.number >= 0 || row.how == How::made;
      break;
    case How::accepted: fd.number = std::max<std::int64_t>(fd.number, -1); [[fallthrough]];
    case How::socket: fd.known = typed && fd.number >= 0; break;
    case How::copied:
      if (fd.number < 0) fd.number = record.i64(row.other);
      fd.known = typed;
      break;
    case How::file: fd.known = is_there(record, row.other); break;
    case How::directory: fd.known = fd.number >= 0 && is_there(record, row.other); break;
    case How::known: fd.known = true; break;
    default: break;
  }
  if (fd.known) fd.sock = record.sock(row.sock);
  return fd;
}

const Descriptor& descriptor_of(const Event& event, Scratch& scratch) {
  if (!scratch.descriptor)
    scratch.descriptor =
        new (scratch.take(sizeof(Descriptor))) Descriptor(descriptor_of(event.record));
  return *scratch.descriptor;
}

std::string_view type_letter(const Event& event, const Descriptor& fd) {
  if (fd.known) {
    static constexpr char letters[] = "fd46upeslitnbrmPo";
    // A userfaultfd has the same letter as a unix socket.
    if (fd.type == SAKER_FD_USERFAULT) return "u";
    const char* at = std::strchr(letters, fd.type);
    return at && *at ? std::string_view(at, 1) : std::string_view("o");
  }
  switch (event.record.type()) {
    case SAKER_EV_openat:
    case SAKER_EV_openat2:
    case SAKER_EV_creat: return "f";
    case SAKER_EV_accept:
    case SAKER_EV_accept4:
    case SAKER_EV_socket: return "4";
    default: return "o";
  }
}

std::string_view type_word(char type) {
  switch (type) {
    case SAKER_FD_FILE: return "file";
    case SAKER_FD_DIR: return "directory";
    case SAKER_FD_IPV4: return "ipv4";
    case SAKER_FD_IPV6: return "ipv6";
    case SAKER_FD_UNIX: return "unix";
    case SAKER_FD_FIFO: return "pipe";
    case SAKER_FD_EVENT: return "event";
    case SAKER_FD_SIGNAL: return "signalfd";
    case SAKER_FD_EPOLL: return "eventpoll";
    case SAKER_FD_INOTIFY: return "inotify";
    case SAKER_FD_TIMER: return "timerfd";
    case SAKER_FD_NETLINK: return "netlink";
    case SAKER_FD_BPF: return "bpf";
    case SAKER_FD_USERFAULT: return "userfaultfd";
    case SAKER_FD_IOURING: return "io_uring";
    case SAKER_FD_MEMFD: return "memfd";
    case SAKER_FD_PIDFD: return "pidfd";
    default: return "<NA>";
  }
}

std::string_view io_category(const Descriptor& fd) {
  if (!fd.known) return "unknown";
  if (fd.type == SAKER_FD_FILE || fd.type == SAKER_FD_DIR) return "file";
  if (fd.type == SAKER_FD_IPV4 || fd.type == SAKER_FD_IPV6) return "net";
  return fd.type == SAKER_FD_UNIX || fd.type == SAKER_FD_FIFO ? "ipc" : "unknown";
}

Ends ends_of(const saker_sock* sock) {
  Ends ends;
  if (!sock || (sock->family != AF_INET && sock->family != AF_INET6)) return ends;
  ends.ip = true;
  std::size_t size = sock->family == AF_INET ? 4 : 16;
  ends.local = bytes_of(sock->local, size);
  ends.remote = bytes_of(sock->remote, size);
  bool mapped = size == 16 &&
                (ends.remote.starts_with(mapped_prefix) || ends.local.starts_with(mapped_prefix));
  auto usable = [](std::string_view a) { return a.starts_with(mapped_prefix) || a == no_address; };
  if (mapped && usable(ends.local) && usable(ends.remote)) {
    ends.local.remove_prefix(12);
    ends.remote.remove_prefix(12);
  }
  ends.local_port = sock->local_port;
  ends.remote_port = sock->remote_port;
  bool remote = (sock->flags & (SAKER_SOCK_CONNECTED | SAKER_SOCK_PEER_ASKED)) ||
                ends.remote_port != 0 || ends.remote != no_address.substr(0, ends.remote.size());
  // A copy of a descriptor does not say which side connected: the owner is then treated as the
  // client.
  bool unsaid = sock->role == SAKER_ROLE_NONE && (sock->flags & SAKER_SOCK_CONNECTED);
  ends.connected = remote && (sock->role != SAKER_ROLE_NONE || unsaid);
  bool client = sock->role == SAKER_ROLE_CLIENT || unsaid;
  ends.has_source = ends.connected;
  ends.has_dest =
      ends.connected || sock->role == SAKER_ROLE_SERVER || (!remote && ends.local_port != 0);
  ends.source = client ? ends.local : ends.remote;
  ends.source_port = client ? ends.local_port : ends.remote_port;
  ends.dest = client && remote ? ends.remote : ends.local;
  ends.dest_port = client && remote ? ends.remote_port : ends.local_port;
  return ends;
}

const Ends& ends_of(const Event& event, Scratch& scratch) {
  if (!scratch.ends) {
    const Descriptor& fd = descriptor_of(event, scratch);
    scratch.ends = new (scratch.take(sizeof(Ends))) Ends(ends_of(fd.known ? fd.sock : nullptr));
  }
  return *scratch.ends;
}

std::string_view endpoint(std::string_view address, std::uint16_t port, Scratch& scratch) {
  std::string_view host = as_text(Value::of_address(address), scratch);
  std::string_view number = as_text(Value::of_natural(port), scratch);
  char* out = scratch.take(host.size() + 1 + number.size());
  std::memcpy(out, host.data(), host.size());
  out[host.size()] = ':';
  std::memcpy(out + host.size() + 1, number.data(), number.size());
  return {out, host.size() + 1 + number.size()};
}

std::string_view tuple_text(const Ends& ends, Scratch& scratch) {
  if (!ends.ip) return {};
  if (!ends.connected) {
    return ends.has_dest ? endpoint(ends.dest, ends.dest_port, scratch) : std::string_view();
  }
  std::string_view from = endpoint(ends.source, ends.source_port, scratch);
  std::string_view to = endpoint(ends.dest, ends.dest_port, scratch);
  char* out = scratch.take(from.size() + 2 + to.size());
  std::memcpy(out, from.data(), from.size());
  std::memcpy(out + from.size(), "->", 2);
  std::memcpy(out + from.size() + 2, to.data(), to.size());
  return {out, from.size() + 2 + to.size()};
}

std::string_view protocol_name(const saker_sock* sock) {
  if (!sock || (sock->family != AF_INET && sock->family != AF_INET6)) return "<NA>";
  if (sock->protocol == IPPROTO_ICMP || sock->protocol == IPPROTO_ICMPV6) return "icmp";
  if (sock->protocol == IPPROTO_TCP || (sock->type == SOCK_STREAM && sock->protocol == 0))
    return "tcp";
  if (sock->protocol == IPPROTO_UDP || (sock->type == SOCK_DGRAM && sock->protocol == 0))
    return "udp";
  return sock->type == SOCK_RAW ? "raw" : "<NA>";
}

// A source that knows the name better than the other parameters do.
bool given_name(const Record& record, unsigned slot) {
  const saker_rec& head = record.head();
  return slot < head.nparams && !(record.blob_flags(slot) & SAKER_BLOB_ABSENT) &&
         record.u64(slot) != 0;
}

std::string_view descriptor_name(const Event& event, const Descriptor& fd, View view,
                                 Scratch& scratch) {
  const Record& record = event.record;
  const FdRow& row = fd_row(record);
  switch (row.name) {
    case FdRow::Name::first_path: return path_at(event, first_path(record), view, scratch);
    case FdRow::Name::text: return record.str(row.name_text);
    case FdRow::Name::known: return fd.known ? record.str(row.name_text) : std::string_view();
    case FdRow::Name::ends:
      if (given_name(record, row.given_name)) return record.str(row.given_name);
      return fd.sock && fd.sock->family != AF_UNIX ? tuple_text(ends_of(fd.sock), scratch)
                                                   : record.str(row.name_text);
    default: return {};
  }
}

}  // namespace saker::fields
