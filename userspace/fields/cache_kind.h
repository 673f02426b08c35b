// SPDX-License-Identifier: Apache-2.0
// Parts of an event that decide values of fields by themselves and repeat often: the process, the
// path, the peer, and the program being executed. A column of fields.def says which parts decide a
// field; match/cache_key.h makes keys from them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace saker::fields {

// process: the image with its ancestors and container, at any event except exec. path: the paths of
// a call in both views, the kind of file, how it is opened and the result. program: at exec, the
// names of the program and of its ancestors, its file's kind, the container and the user. command:
// all of that, and the command line with its directory. socket: its kind and state, and the result
// of the call. connection: all of that, both addresses and the server's port.
enum class CacheKind : std::uint8_t { process, path, program, command, socket, connection };
constexpr std::size_t cache_kind_count = 6;
constexpr std::uint8_t bit(CacheKind kind) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind));
}

}  // namespace saker::fields
