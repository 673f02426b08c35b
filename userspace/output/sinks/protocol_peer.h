// SPDX-License-Identifier: Apache-2.0
// The far end of a sink whose server answers: a protocol on a connection, which is opened again
// after every error. An alert is delivered when the server has acknowledged it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "output/kinds/additions.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

// A connection with the bytes that arrived and were not read yet. Every wait ends with an error at
// the timeout, or with an empty result when the patience ends.
class Wire {
 public:
  Wire(Connection& connection, Patience& patience, int timeout_ms, std::string& unread)
      : connection_(connection), patience_(patience), timeout_ms_(timeout_ms), unread_(unread) {}

  Result<void> send(std::string_view bytes);
  // Up to "\r\n", without it.
  Result<std::string> line();
  Result<std::string> bytes(std::size_t count);

 private:
  Result<void> more();

  Connection& connection_;
  Patience& patience_;
  const int timeout_ms_;
  std::string& unread_;
};

// One alert, ready to be sent.
struct Message {
  Document document;
  std::string json;
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  // Called on a connection that was just opened.
  virtual Result<void> greet(Wire& wire) = 0;
  // Sends all messages. After an error the connection is closed, unless the error is only a
  // refusal.
  virtual Delivery publish(Wire& wire, std::span<const Message> messages) = 0;
  // The bytes that publish() sends, for display.
  virtual std::string shown(const Message& message) const = 0;
};

class ProtocolPeer final : public Peer {
 public:
  ProtocolPeer(Endpoint endpoint, std::unique_ptr<Protocol> protocol, const Settings& settings)
      : endpoint_(std::move(endpoint)), protocol_(std::move(protocol)), additions_(settings) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override;
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  std::vector<Message> messages(std::span<const SharedAlert> batch) const;
  Result<void> connect(Patience& patience);

  const Endpoint endpoint_;
  const std::unique_ptr<Protocol> protocol_;
  const Additions additions_;
  std::unique_ptr<Connection> connection_;
  std::string unread_;
};

}  // namespace saker::output
