// SPDX-License-Identifier: Apache-2.0
// A sink's connection to its server: TCP, TLS, a stream or datagram Unix socket, or UDP. Waits only
// through Patience, and connecting takes at most its timeout. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "output/peer.h"

namespace saker::output {

struct TlsOptions {
  bool check = true;
  std::string ca_file, ca_path, cert_file, key_file;  // "": the system's; none
};

struct Endpoint {
  enum class Transport : std::uint8_t { tcp, tls, udp, unix_stream, unix_datagrams } transport;
  std::string host;  // or the path of the socket
  std::uint16_t port = 0;
  TlsOptions tls = {};
  int timeout_ms = 10'000;

  bool datagrams() const {
    return transport == Transport::udp || transport == Transport::unix_datagrams;
  }
  std::string text() const;  // for messages
};

class Connection {
 public:
  virtual ~Connection() = default;

  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint, Patience& patience);

  // The number of bytes sent; fewer than all: the time was up. A datagram is sent whole or not at
  // all.
  virtual Result<std::size_t> send(std::string_view bytes, Patience& patience) = 0;
  // Waits at most `timeout_ms` for data; nothing: none arrived.
  virtual Result<std::string> receive(int timeout_ms, Patience& patience) = 0;
  // Whether the far end has sent anything, or closed: for a protocol in which it never sends.
  virtual bool closed() = 0;
};

}  // namespace saker::output
