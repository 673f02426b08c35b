// SPDX-License-Identifier: Apache-2.0
// A connection of a sink to its server: TCP, TLS, or a stream or datagrams of a Unix socket, or
// UDP. Waits only by Patience, and connects no longer than its timeout. One thread.
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

  // How much of it is on its way; less than all: the time was up. A datagram goes whole or not.
  virtual Result<std::size_t> send(std::string_view bytes, Patience& patience) = 0;
  // Waits `timeout_ms` at most for something to come; nothing: it did not.
  virtual Result<std::string> receive(int timeout_ms, Patience& patience) = 0;
  // Whether the far end has said anything, or closed: of a protocol in which it never does.
  virtual bool closed() = 0;
};

}  // namespace saker::output
