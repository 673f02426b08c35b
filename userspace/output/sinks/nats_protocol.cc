// SPDX-License-Identifier: Apache-2.0
#include "output/escape.h"
#include "output/sinks/queue_protocols.h"

namespace saker::output {
namespace {

// A rule's name in a subject: letters, digits and hyphens, as Falcosidekick makes it.
std::string slug(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out.empty() ? "none" : out;
}

class Nats final : public Protocol {
 public:
  explicit Nats(const Settings& settings)
      : subject_(settings.text("subjecttemplate")),
        user_(settings.text("user")),
        password_(settings.text("password")),
        token_(settings.text("token")) {}

  Result<void> greet(Wire& wire) override {
    const Result<std::string> info = wire.line();
    if (!info) return info.error();
    if (!info->starts_with("INFO "))
      return Error{"this is not a NATS server: " + info->substr(0, 80)};
    std::string connect =
        "CONNECT {\"verbose\":false,\"pedantic\":false,\"name\":\"saker\",\"lang\":\"c++\","
        "\"version\":\"1\",\"protocol\":1";
    append_member(connect, "user", user_);
    append_member(connect, "pass", password_);
    append_member(connect, "auth_token", token_);
    return confirm(wire, connect + "}\r\n");
  }

  // One PONG for all messages: the server answers in order.
  Delivery publish(Wire& wire, std::span<const Message> messages) override {
    std::string all;
    for (const Message& message : messages)
      all += "PUB " + subject_of(message) + " " + std::to_string(message.json.size()) + "\r\n" +
             message.json + "\r\n";
    const Result<void> done = confirm(wire, all);
    if (!done) return {.error = done.error().message};
    return {.delivered = messages.size()};
  }

  std::string shown(const Message& message) const override {
    return "PUB " + subject_of(message) + " " + message.json;
  }

 private:
  static void append_member(std::string& out, std::string_view key, const std::string& value) {
    if (value.empty()) return;
    out.append(",\"").append(key).append("\":");
    append_json(out, value);
  }

  static Result<void> confirm(Wire& wire, const std::string& what) {
    if (Result<void> sent = wire.send(what + "PING\r\n"); !sent) return sent;
    for (;;) {
      const Result<std::string> line = wire.line();
      if (!line) return line.error();
      if (*line == "PONG") return {};
      if (line->starts_with("-ERR")) return Error{"the server answers: " + *line};
      if (*line == "PING")
        if (Result<void> sent = wire.send("PONG\r\n"); !sent) return sent;
    }
  }

  std::string subject_of(const Message& message) const {
    std::string out = subject_;
    const std::pair<std::string_view, std::string> parts[] = {
        {"<priority>", slug(lang::priority_name(message.document.priority))},
        {"<rule>", slug(message.document.rule)}};
    for (const auto& [token, text] : parts)
      if (const std::size_t at = out.find(token); at != out.npos)
        out.replace(at, token.size(), text);
    return out;
  }

  const std::string subject_, user_, password_, token_;
};

}  // namespace

std::unique_ptr<Protocol> nats_protocol(const Settings& settings) {
  return std::make_unique<Nats>(settings);
}

}  // namespace saker::output
