// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/frame_peer.h"

namespace saker::output {

void FramePeer::forget() {
  connection_.reset();
  // A part of a message on the old connection is lost; the new connection gets the whole message.
  begun_ = 0;
}

Delivery FramePeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  if (connection_ && begun_ == 0 && connection_->closed()) forget();
  if (!connection_) {
    Result<std::unique_ptr<Connection>> opened = Connection::open(endpoint_, patience);
    if (!opened) return {.error = opened.error().message};
    connection_ = std::move(*opened);
  }
  return endpoint_.datagrams() ? send_datagrams(batch, patience) : send_stream(batch, patience);
}

Delivery FramePeer::send_stream(std::span<const SharedAlert> batch, Patience& patience) {
  std::string bytes;
  std::vector<std::size_t> ends;
  for (const SharedAlert& alert : batch) {
    std::optional<std::string> frame = frame_(*alert);
    if (!frame && ends.empty()) return {.refused = 1, .error = "an alert that cannot be written"};
    if (!frame) break;
    bytes += *frame;
    ends.push_back(bytes.size());
  }
  Delivery out;
  std::size_t sent = begun_;
  const Result<std::size_t> now =
      connection_->send(std::string_view(bytes).substr(begun_), patience);
  if (now) sent += *now;
  while (out.delivered < ends.size() && ends[out.delivered] <= sent) out.delivered++;
  begun_ = sent - (out.delivered ? ends[out.delivered - 1] : 0);
  if (!now) {
    out.error = now.error().message;
    forget();
  }
  return out;
}

Delivery FramePeer::send_datagrams(std::span<const SharedAlert> batch, Patience& patience) {
  Delivery out;
  for (const SharedAlert& alert : batch) {
    const std::optional<std::string> frame = frame_(*alert);
    const Result<std::size_t> sent = frame ? connection_->send(*frame, patience)
                                           : Error{"an alert that cannot be written", EMSGSIZE};
    if (sent && *sent == 0) return out;
    if (sent) {
      out.delivered++;
      continue;
    }
    out.error = sent.error().message;
    // A datagram of that size cannot be sent: this alert is dropped, the others are not.
    if (sent.error().code == EMSGSIZE)
      out.refused = 1;
    else
      forget();
    return out;
  }
  return out;
}

Result<void> FramePeer::reopen() {
  forget();
  return {};
}

std::string FramePeer::preview(std::span<const SharedAlert> batch) {
  std::string out;
  for (const SharedAlert& alert : batch) {
    out += frame_(*alert).value_or("");
    if (out.empty() || out.back() != '\n') out += '\n';
  }
  return out;
}

}  // namespace saker::output
