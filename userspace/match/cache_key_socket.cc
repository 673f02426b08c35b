// SPDX-License-Identifier: Apache-2.0
// Part of match/cache_key.h: the keys of a socket and of its ends, from the record.
#include <cstring>

#include "fields/descriptor.h"
#include "match/cache_key.h"

namespace saker::match {

// The key contains neither a name from a foreign source nor what it knows about the descriptor.
std::string_view CacheKey::socket(const Event& event, Scratch& scratch) {
  if (fields::given_name(event.record, SAKER_P_sock_name)) return {};
  const fields::Descriptor& fd = fields::descriptor_of(event, scratch);
  begin();
  put(event.kind() | std::uint64_t{static_cast<unsigned char>(fd.type)} << 16 |
      std::uint64_t{fd.known} << 24 | std::uint64_t{fd.sock != nullptr} << 25);
  put_sign(event.record.head().ret);
  put_sign(fd.number);
  // Family, type, role, protocol and flags.
  if (fd.sock) put(fd.sock, offsetof(saker_sock, local_port));
  return whole();
}

// Role and flags say which end is the client's; its port is not part of the key. The names of
// addresses come from a constant file, so they are not part of it either.
std::string_view CacheKey::connection(const Event& event, Scratch& scratch) {
  if (socket(event, scratch).empty()) return {};
  const fields::Ends& ends = fields::ends_of(event, scratch);
  put(reinterpret_cast<std::uintptr_t>(event.hosts));
  put(std::uint64_t{ends.has_source} | std::uint64_t{ends.has_dest} << 1 |
      std::uint64_t{ends.connected} << 2 | ends.source.size() << 8 | ends.dest.size() << 16 |
      std::uint64_t{ends.dest_port} << 32);
  put(ends.source.data(), ends.source.size());
  put(ends.dest.data(), ends.dest.size());
  return whole();
}

}  // namespace saker::match
