// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/protocol_peer.h"

namespace saker::output {
namespace {

// No server sends this much between two of our messages.
constexpr std::size_t most_unread = 1u << 20;

}  // namespace

Result<void> Wire::more() {
  if (unread_.size() > most_unread) return Error{"the server's answer has no end"};
  Result<std::string> got = connection_.receive(timeout_ms_, patience_);
  if (!got) return got.error();
  unread_ += *got;
  if (!got->empty()) return {};
  return Error{patience_.left_ms(1) == 0 ? "" : "the server does not answer"};
}

Result<void> Wire::send(std::string_view bytes) {
  const Result<std::size_t> sent = connection_.send(bytes, patience_);
  if (!sent) return sent.error();
  return *sent == bytes.size() ? Result<void>() : Error{""};
}

Result<std::string> Wire::line() {
  for (std::size_t end; (end = unread_.find("\r\n")) == unread_.npos;)
    if (Result<void> came = more(); !came) return came.error();
  const std::size_t end = unread_.find("\r\n");
  std::string out = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return out;
}

Result<std::string> Wire::bytes(std::size_t count) {
  while (unread_.size() < count)
    if (Result<void> came = more(); !came) return came.error();
  std::string out = unread_.substr(0, count);
  unread_.erase(0, count);
  return out;
}

std::vector<Message> ProtocolPeer::messages(std::span<const SharedAlert> batch) const {
  std::vector<Message> out;
  for (const SharedAlert& alert : batch) {
    Result<Document> document = read_document(*alert);
    // Without JSON, only the known values can be sent.
    Message message{document ? std::move(*document) : Document(), ""};
    additions_.apply(message.document);
    message.json = message.document.json();
    out.push_back(std::move(message));
  }
  return out;
}

Result<void> ProtocolPeer::connect(Patience& patience) {
  unread_.clear();
  Result<std::unique_ptr<Connection>> opened = Connection::open(endpoint_, patience);
  if (!opened) return opened.error();
  connection_ = std::move(*opened);
  Wire wire(*connection_, patience, endpoint_.timeout_ms, unread_);
  return protocol_->greet(wire);
}

Delivery ProtocolPeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  // Reads what arrived while nothing was sent; this also shows whether the connection was closed.
  if (connection_) {
    Result<std::string> came = connection_->receive(0, patience);
    if (came)
      unread_ += *came;
    else
      connection_.reset();
  }
  if (!connection_) {
    if (Result<void> made = connect(patience); !made) {
      connection_.reset();
      return {.error = made.error().message};
    }
  }
  Wire wire(*connection_, patience, endpoint_.timeout_ms, unread_);
  Delivery done = protocol_->publish(wire, messages(batch));
  // A connection with a half-sent or half-answered message cannot be used further.
  if (done.delivered + done.refused < batch.size() && done.refused == 0) connection_.reset();
  if (!done.error.empty()) done.error = endpoint_.text() + ": " + done.error;
  return done;
}

Result<void> ProtocolPeer::reopen() {
  connection_.reset();
  return {};
}

std::string ProtocolPeer::preview(std::span<const SharedAlert> batch) {
  std::string out;
  for (const Message& message : messages(batch)) out += protocol_->shown(message) + "\n";
  return out;
}

}  // namespace saker::output
