// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "output/sinks/queue_protocols.h"

namespace saker::output {
namespace {

constexpr std::size_t longest_packet = 268'435'455;  // the maximum of the four length bytes

void append_text(std::string& out, std::string_view text) {
  text = text.substr(0, 65'535);
  out += static_cast<char>(text.size() >> 8);
  out += static_cast<char>(text.size() & 255);
  out += text;
}

std::string packet(unsigned char head, const std::string& body) {
  std::string out(1, static_cast<char>(head));
  std::size_t length = body.size();
  do {
    unsigned char byte = length % 128;
    length /= 128;
    if (length > 0) byte |= 128;
    out += static_cast<char>(byte);
  } while (length > 0);
  return out + body;
}

class Mqtt final : public Protocol {
 public:
  explicit Mqtt(const Settings& settings)
      : topic_(settings.text("topic")),
        client_(settings.text("clientid")),
        user_(settings.text("user")),
        password_(settings.text("password")),
        acknowledged_(settings.number("qos") != 0),
        retained_(settings.flag("retained")) {}

  Result<void> greet(Wire& wire) override {
    std::string body;
    append_text(body, "MQTT");
    body += '\x04';  // the version, 3.1.1
    // A clean session; no keep-alive: the next alert shows whether the connection is alive.
    unsigned char flags = 0x02;
    if (!user_.empty()) flags |= 0x80;
    if (!user_.empty() && !password_.empty()) flags |= 0x40;
    body += static_cast<char>(flags);
    body.append(2, '\0');
    append_text(body, client_);
    if (flags & 0x80) append_text(body, user_);
    if (flags & 0x40) append_text(body, password_);
    if (Result<void> sent = wire.send(packet(0x10, body)); !sent) return sent;
    const Result<std::string> answer = wire.bytes(4);
    if (!answer) return answer.error();
    if ((*answer)[0] != '\x20') return Error{"this is not an MQTT server"};
    if ((*answer)[3] != 0)
      return Error{"the server refuses the connection: code " + std::to_string((*answer)[3])};
    return {};
  }

  Delivery publish(Wire& wire, std::span<const Message> messages) override {
    std::string all;
    for (std::size_t i = 0; i < messages.size(); i++)
      all += packet(head(), body_of(messages[i], i + 1));
    if (Result<void> sent = wire.send(all); !sent) return {.error = sent.error().message};
    if (!acknowledged_) return {.delivered = messages.size()};
    // Answers usually come in order, but need not.
    Delivery out;
    std::set<std::size_t> taken;
    while (out.delivered < messages.size()) {
      const Result<std::string> answer = wire.bytes(4);
      if (!answer) {
        out.error = answer.error().message;
        return out;
      }
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>((*answer)[i]); };
      if (byte(0) != 0x40 || byte(1) != 2) {
        out.error = "the server's answer is not an acknowledgement";
        return out;
      }
      taken.insert(std::size_t{byte(2)} << 8 | byte(3));
      while (taken.erase(out.delivered + 1)) out.delivered++;
    }
    return out;
  }

  std::string shown(const Message& message) const override {
    return "PUBLISH " + topic_ + " " + message.json;
  }

 private:
  unsigned char head() const {
    return static_cast<unsigned char>(0x30 | (acknowledged_ ? 2 : 0) | (retained_ ? 1 : 0));
  }
  std::string body_of(const Message& message, std::size_t number) const {
    std::string body;
    append_text(body, topic_);
    if (acknowledged_) {
      body += static_cast<char>(number >> 8 & 255);
      body += static_cast<char>(number & 255);
    }
    body += message.json;
    return body.substr(0, longest_packet);
  }

  const std::string topic_, client_, user_, password_;
  const bool acknowledged_, retained_;
};

}  // namespace

std::unique_ptr<Protocol> mqtt_protocol(const Settings& settings) {
  return std::make_unique<Mqtt>(settings);
}

}  // namespace saker::output
