// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/amqp_protocol.h"

#include <algorithm>

#include "output/kinds/kind.h"

namespace saker::output {
namespace {

enum FrameType : unsigned char { method_frame = 1, header_frame = 2, body_frame = 3 };
constexpr char frame_end = '\xce';
constexpr std::uint32_t largest_frame = 131'072;

// Class and method, with the numbers of the specification.
constexpr std::uint32_t id(std::uint32_t of, std::uint32_t method) { return of << 16 | method; }
constexpr std::uint32_t start = id(10, 10), start_ok = id(10, 11), tune = id(10, 30),
                        tune_ok = id(10, 31), open = id(10, 40), open_ok = id(10, 41),
                        close = id(10, 50), channel_open = id(20, 10), channel_open_ok = id(20, 11),
                        channel_close = id(20, 40), publish_method = id(60, 40),
                        returned = id(60, 50), ack = id(60, 80), nack = id(60, 120),
                        confirm_select = id(85, 10), confirm_select_ok = id(85, 11);

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 255);
  return out;
}

std::string short_text(std::string_view text) {
  text = text.substr(0, 255);
  return number(text.size(), 1) + std::string(text);
}

std::string long_text(std::string_view text) { return number(text.size(), 4) + std::string(text); }

std::string frame(FrameType type, std::uint32_t channel, const std::string& payload) {
  return number(type, 1) + number(channel, 2) + number(payload.size(), 4) + payload + frame_end;
}

std::string method(std::uint32_t channel, std::uint32_t which, const std::string& arguments) {
  return frame(method_frame, channel, number(which, 4) + arguments);
}

std::uint64_t read_number(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = at; i < at + count && i < bytes.size(); i++)
    out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

struct Answer {
  std::uint32_t which = 0;
  std::string arguments = {};
};

class Amqp final : public Protocol {
 public:
  explicit Amqp(const Settings& settings)
      : Amqp(settings.text("queue"), split_amqp(settings.text("url")).value_or(AmqpUrl())) {}

  Result<void> greet(Wire& wire) override;
  Delivery publish(Wire& wire, std::span<const Message> messages) override;
  std::string shown(const Message& message) const override {
    return "publish to queue " + queue_ + ": " + message.json;
  }

 private:
  Amqp(std::string queue, const AmqpUrl& url)
      : queue_(std::move(queue)), user_(url.user), password_(url.password), vhost_(url.vhost) {}

  static Result<Answer> next(Wire& wire);
  static Result<Answer> expect(Wire& wire, std::uint32_t which);
  static Result<void> ask(Wire& wire, const std::string& what, std::uint32_t answer) {
    if (Result<void> sent = wire.send(what); !sent) return sent;
    const Result<Answer> answered = expect(wire, answer);
    return answered ? Result<void>() : answered.error();
  }
  std::string frames_of(const Message& message) const;

  const std::string queue_, user_, password_, vhost_;
  std::uint32_t frame_max_ = largest_frame;
  std::uint64_t tag_ = 0;  // of the last message on this connection
};

// The next method; contents of returned messages and heartbeats are skipped.
Result<Answer> Amqp::next(Wire& wire) {
  for (;;) {
    const Result<std::string> head = wire.bytes(7);
    if (!head) return head.error();
    const std::uint64_t size = read_number(*head, 3, 4);
    if (head->starts_with("AMQP") || size > largest_frame)
      return Error{"the server uses another protocol"};
    const Result<std::string> payload = wire.bytes(size + 1);
    if (!payload) return payload.error();
    if (payload->back() != frame_end) return Error{"the server's frame has no end"};
    if ((*head)[0] != method_frame || size < 4) continue;
    return Answer{static_cast<std::uint32_t>(read_number(*payload, 0, 4)),
                  payload->substr(4, size - 4)};
  }
}

// The error if the server answers something else: it closes the connection, and why.
Result<Answer> Amqp::expect(Wire& wire, std::uint32_t which) {
  Result<Answer> answer = next(wire);
  if (!answer || answer->which == which) return answer;
  if (answer->which == close || answer->which == channel_close) {
    const std::size_t length = read_number(answer->arguments, 2, 1);
    return Error{
        "the server closes the connection: " +
        answer->arguments.substr(std::min<std::size_t>(3, answer->arguments.size()), length)};
  }
  return Error{"the server's answer is unexpected"};
}

Result<void> Amqp::greet(Wire& wire) {
  tag_ = 0;
  const std::string login = std::string(1, '\0') + user_ + std::string(1, '\0') + password_;
  if (Result<void> sent = wire.send(std::string_view("AMQP\0\0\x09\x01", 8)); !sent) return sent;
  if (Result<Answer> started = expect(wire, start); !started) return started.error();
  // With this capability RabbitMQ says that a password is wrong.
  const std::string capabilities = short_text("authentication_failure_close") + "t\x01";
  const std::string properties = short_text("capabilities") + 'F' + long_text(capabilities);
  if (Result<void> sent = wire.send(method(
          0, start_ok,
          long_text(properties) + short_text("PLAIN") + long_text(login) + short_text("en_US")));
      !sent)
    return sent;
  const Result<Answer> tuned = expect(wire, tune);
  // Other servers answer a wrong password by closing the connection without a message.
  if (!tuned) return Error{tuned.error().message.empty() ? "" : tuned.error().message + " (login)"};
  const auto wanted = static_cast<std::uint32_t>(read_number(tuned->arguments, 2, 4));
  frame_max_ = std::clamp(wanted ? wanted : largest_frame, 4096u, largest_frame);
  const std::string opened =
      method(0, tune_ok, number(1, 2) + number(frame_max_, 4) + number(0, 2)) +
      method(0, open, short_text(vhost_) + short_text("") + number(0, 1));
  if (Result<void> done = ask(wire, opened, open_ok); !done) return done;
  if (Result<void> done = ask(wire, method(1, channel_open, short_text("")), channel_open_ok);
      !done)
    return done;
  return ask(wire, method(1, confirm_select, number(0, 1)), confirm_select_ok);
}

std::string Amqp::frames_of(const Message& message) const {
  // Mandatory: if the queue does not exist, the message is returned.
  std::string out =
      method(1, publish_method, number(0, 2) + short_text("") + short_text(queue_) + number(1, 1));
  // Properties: content type, delivery mode 2 (stored on disk), message id.
  out +=
      frame(header_frame, 1,
            number(60, 2) + number(0, 2) + number(message.json.size(), 8) + number(0x9080, 2) +
                short_text("application/json") + number(2, 1) + short_text(message.document.uuid));
  const std::size_t piece = frame_max_ - 8;
  for (std::size_t at = 0; at < message.json.size(); at += piece)
    out += frame(body_frame, 1, message.json.substr(at, piece));
  return out;
}

Delivery Amqp::publish(Wire& wire, std::span<const Message> messages) {
  std::string all;
  for (const Message& message : messages) all += frames_of(message);
  if (Result<void> sent = wire.send(all); !sent) return {.error = sent.error().message};
  const std::uint64_t first = tag_ + 1;
  tag_ += messages.size();
  std::vector<bool> confirmed(messages.size(), false);
  Delivery out;
  while (out.delivered < messages.size()) {
    const Result<Answer> answer = next(wire);
    if (!answer) {
      out.error = answer.error().message;
      return out;
    }
    const std::uint64_t tag = read_number(answer->arguments, 0, 8);
    if (answer->which != ack) {
      out.error = answer->which == returned ? "there is no queue " + queue_
                  : answer->which == nack   ? "the server refuses a message for now"
                                            : "the server closes the channel";
      return out;
    }
    const bool multiple = read_number(answer->arguments, 8, 1) & 1;
    for (std::size_t i = 0; i < messages.size(); i++)
      if (first + i == tag || (multiple && first + i < tag)) confirmed[i] = true;
    while (out.delivered < messages.size() && confirmed[out.delivered]) out.delivered++;
  }
  return out;
}

}  // namespace

std::unique_ptr<Protocol> amqp_protocol(const Settings& settings) {
  return std::make_unique<Amqp>(settings);
}

}  // namespace saker::output
