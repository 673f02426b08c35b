// SPDX-License-Identifier: Apache-2.0
// The descriptor that an event is about: what fd.* and fd arguments describe. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "fields/event.h"
#include "fields/extract.h"

namespace saker::fields {

struct Descriptor {
  bool used = false;   // the event is about a descriptor; otherwise all of fd.* is unset
  bool known = false;  // its object is known
  std::int64_t number = -1;
  char type = SAKER_FD_NONE;         // SAKER_FD_* if known
  const saker_sock* sock = nullptr;  // if it is a socket
};

Descriptor descriptor_of(const decode::Record& record);
// The event's descriptor, computed on first use; valid until the scratch is reset.
const Descriptor& descriptor_of(const Event& event, Scratch& scratch);

// fd.typechar and fd.type; `<NA>` if the type has no name.
std::string_view type_letter(const Event& event, const Descriptor& fd);
std::string_view type_word(char type);
// evt.category of an event that reads, writes or copies the descriptor.
std::string_view io_category(const Descriptor& fd);

// Whether a foreign source put fd.name itself into that slot.
bool given_name(const decode::Record& record, unsigned slot);

// fd.name in this view: a path, or both ends of a socket. Empty if there is none.
std::string_view descriptor_name(const Event& event, const Descriptor& fd, View view,
                                 Scratch& scratch);

// Two ends of an IP connection as fd.* shows them. An IPv4 address in IPv6 form counts as IPv4.
struct Ends {
  bool ip = false;
  bool has_source = false,
       // the client's end; the server's end, or the address on which a socket listens
      has_dest = false;
  bool connected = false;          // both ends are known, and which of them is the server
  std::string_view local, remote;  // 4 or 16 bytes
  std::string_view source, dest;
  std::uint16_t local_port = 0, remote_port = 0, source_port = 0, dest_port = 0;
};
Ends ends_of(const saker_sock* sock);
// The ends of the event's socket: from the record, unless an origin put others into the scratch.
// Computed on first use, valid until the scratch is reset.
const Ends& ends_of(const Event& event, Scratch& scratch);

// "10.0.0.1:80", "::1:80"
std::string_view endpoint(std::string_view address, std::uint16_t port, Scratch& scratch);
std::string_view tuple_text(const Ends& ends, Scratch& scratch);
// tcp, udp, icmp, raw or <NA>
std::string_view protocol_name(const saker_sock* sock);

}  // namespace saker::fields
