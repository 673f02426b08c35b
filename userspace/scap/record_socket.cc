// SPDX-License-Identifier: Apache-2.0
// Part of scap::RecordMaker: events on sockets, and copies of descriptors.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "scap/flags.h"
#include "scap/record.h"

namespace saker::scap {
namespace {

// Type and protocol, as far as the capture's protocol number determines them.
void set_protocol(saker_sock& sock, L4 l4) {
  switch (l4) {
    case L4::tcp:
      sock.type = SOCK_STREAM;
      sock.protocol = IPPROTO_TCP;
      return;
    case L4::udp:
      sock.type = SOCK_DGRAM;
      sock.protocol = IPPROTO_UDP;
      return;
    case L4::icmp:
      sock.type = SOCK_DGRAM;
      sock.protocol = IPPROTO_ICMP;
      return;
    case L4::raw:
      sock.type = SOCK_RAW;
      sock.protocol = IPPROTO_RAW;
      return;
    default: return;
  }
}

}  // namespace

// The end of this machine is the source if its address is one of ours, otherwise the destination.
// For a connection within the machine it is the client's end on both sides; `role` says which end
// this descriptor has as its own.
saker_sock describe_socket(const FdInfo& fd, bool source_local) {
  saker_sock sock{};
  if (fd.type == FdType::unix_socket)
    sock.family = AF_UNIX;
  else if (fd.type == FdType::netlink)
    sock.family = AF_NETLINK;
  else if (fd.ip())
    sock.family = fd.v6() ? AF_INET6 : AF_INET;
  // The protocol of a socket counts only once its peer is known.
  if (fd.ip_server() || fd.role != Role::none || fd.l4() == L4::raw) set_protocol(sock, fd.l4());
  if (fd.connected) sock.flags |= SAKER_SOCK_CONNECTED;
  if (!fd.ip()) return sock;
  SocketEnds ends = fd.ends();
  if (fd.ip_server()) {
    // The bound address is its address, whatever datagrams arrived later.
    sock.flags = 0;
    sock.role = SAKER_ROLE_SERVER;
    std::copy(ends.dest.begin(), ends.dest.end(), sock.local);
    sock.local_port = ends.dest_port;
    return sock;
  }
  if (!source_local) ends = ends.swapped();
  std::copy(ends.source.begin(), ends.source.end(), sock.local);
  std::copy(ends.dest.begin(), ends.dest.end(), sock.remote);
  sock.local_port = ends.source_port;
  sock.remote_port = ends.dest_port;
  if (fd.role != Role::none) sock.role = source_local ? SAKER_ROLE_CLIENT : SAKER_ROLE_SERVER;
  return sock;
}

namespace {

// struct sockaddr as the caller passed it.
std::string sockaddr_of(const SocketAddress& address) {
  std::string out;
  if (address.family == AF_INET) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    std::memcpy(&to.sin_addr, address.ip.data(), 4);
    out.assign(reinterpret_cast<const char*>(&to), sizeof to);
  } else if (address.family == AF_INET6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    std::memcpy(&to.sin6_addr, address.ip.data(), 16);
    out.assign(reinterpret_cast<const char*>(&to), sizeof to);
  } else if (address.family) {
    sa_family_t family = address.family;
    out.assign(reinterpret_cast<const char*>(&family), sizeof family);
    if (address.family == AF_UNIX) out += address.path;
    out += '\0';
  }
  return out;
}

}  // namespace

void RecordMaker::put_socket(unsigned sock, unsigned path, unsigned name, const FdInfo& fd,
                             const EventState& context) {
  if (fd.ip() || fd.type == FdType::unix_socket || fd.type == FdType::netlink) {
    saker_sock described =
        describe_socket(fd, fd.ip_pair() && local_end(state_, context.thread, fd, true));
    if (context.name_changed) described.flags |= SAKER_SOCK_NAME_CHANGED;
    builder_.sock(sock, described);
    if (!fd.unix_path.empty()) builder_.blob(path, fd.unix_path);
  } else if (!fd.name.empty()) {
    builder_.blob(path, fd.name);
  }
  builder_.blob(name, fd.name);
}

void RecordMaker::socket_event(const CaptureEvent& event, const EventState& context) {
  bool accepts = event.type == accept_5_x || event.type == accept4_6_x;
  std::int64_t fd = accepts ? event.result() : context.thread ? context.thread->last_fd : -1;
  builder_.number_signed(SAKER_P_sock_fd, fd).number_signed(SAKER_P_sock_listenfd, -1);
  if (context.fd) {
    put_socket(SAKER_P_sock_sock, SAKER_P_sock_path, SAKER_P_sock_name, *context.fd, context);
    builder_.number(SAKER_P_sock_fdtype, fd_kind(*context.fd));
  }
  SocketAddress asked;
  switch (event.type) {
    case bind_x: asked = read_address(event.bytes(1), state_.swapped); break;
    case connect_x: asked = read_address(event.bytes(3), state_.swapped); break;
    case listen_x: builder_.number_signed(SAKER_P_sock_arg, event.number(2)); break;
    case accept4_6_x: builder_.number_signed(SAKER_P_sock_arg, event.number(5)); break;
    default: break;
  }
  if (asked.family) builder_.blob(SAKER_P_sock_addr, sockaddr_of(asked));
}

void RecordMaker::dup(const CaptureEvent& event, const EventState& context) {
  builder_.number_signed(SAKER_P_dup_fd, event.result())
      .number_signed(SAKER_P_dup_oldfd, event.number(1))
      .number_signed(SAKER_P_dup_newfd, event.type == dup_1_x ? -1 : event.number(2));
  if (event.type == dup3_x)
    builder_.number(SAKER_P_dup_flags, open_flags(event.u32(3)).kernel & ~3ull);
  if (!context.fd) return;
  builder_.number(SAKER_P_dup_fdtype, fd_kind(*context.fd));
  put_socket(SAKER_P_dup_sock, SAKER_P_dup_path, SAKER_P_dup_name, *context.fd, context);
}

}  // namespace saker::scap
