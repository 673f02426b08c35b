// SPDX-License-Identifier: Apache-2.0
// Sends alerts as messages of a protocol that never answers, one after the other on a connection:
// syslog, lines to a socket. A message counts as delivered when the kernel has accepted it. A
// closed connection is opened again before the next message.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

class FramePeer final : public Peer {
 public:
  // An alert's complete message; nothing: it cannot be expressed and is dropped.
  using Frame = std::function<std::optional<std::string>(const Alert&)>;

  FramePeer(Endpoint endpoint, Frame frame)
      : endpoint_(std::move(endpoint)), frame_(std::move(frame)) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override;
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  Delivery send_stream(std::span<const SharedAlert> batch, Patience& patience);
  Delivery send_datagrams(std::span<const SharedAlert> batch, Patience& patience);
  void forget();

  const Endpoint endpoint_;
  const Frame frame_;
  std::unique_ptr<Connection> connection_;
  std::size_t begun_ = 0;  // bytes of the first alert that this connection has sent
};

}  // namespace saker::output
