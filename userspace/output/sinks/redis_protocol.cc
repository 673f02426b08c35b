// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/queue_protocols.h"

namespace saker::output {
namespace {

// A command in RESP: each word is preceded by its length, so that no word can end another.
std::string command(std::initializer_list<std::string_view> words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words)
    out.append("$" + std::to_string(word.size()) + "\r\n").append(word).append("\r\n");
  return out;
}

class Redis final : public Protocol {
 public:
  explicit Redis(const Settings& settings)
      : user_(settings.text("username")),
        password_(settings.text("password")),
        database_(std::to_string(settings.number("database"))),
        key_(settings.text("key")),
        hash_(settings.text("storagetype") == "hashmap") {}

  Result<void> greet(Wire& wire) override {
    if (!password_.empty()) {
      const std::string login =
          user_.empty() ? command({"AUTH", password_}) : command({"AUTH", user_, password_});
      if (Result<void> done = ask(wire, login); !done) return done;
    }
    return database_ == "0" ? Result<void>() : ask(wire, command({"SELECT", database_}));
  }

  Delivery publish(Wire& wire, std::span<const Message> messages) override {
    Delivery out;
    std::string all;
    for (const Message& message : messages) all += command_of(message);
    if (Result<void> sent = wire.send(all); !sent) return {.error = sent.error().message};
    for (std::size_t i = 0; i < messages.size(); i++) {
      const Result<void> taken = answer(wire);
      if (!taken) {
        out.error = taken.error().message;
        return out;
      }
      out.delivered++;
    }
    return out;
  }

  std::string shown(const Message& message) const override {
    return hash_ ? "HSET " + key_ + " " + message.document.uuid + " " + message.json
                 : "RPUSH " + key_ + " " + message.json;
  }

 private:
  std::string command_of(const Message& message) const {
    return hash_ ? command({"HSET", key_, message.document.uuid, message.json})
                 : command({"RPUSH", key_, message.json});
  }
  static Result<void> ask(Wire& wire, const std::string& what) {
    if (Result<void> sent = wire.send(what); !sent) return sent;
    return answer(wire);
  }
  static Result<void> answer(Wire& wire) {
    const Result<std::string> line = wire.line();
    if (!line) return line.error();
    const bool good = !line->empty() && (line->front() == '+' || line->front() == ':');
    return good ? Result<void>() : Error{"the server answers: " + *line};
  }

  const std::string user_, password_, database_, key_;
  const bool hash_;
};

}  // namespace

std::unique_ptr<Protocol> redis_protocol(const Settings& settings) {
  return std::make_unique<Redis>(settings);
}

}  // namespace saker::output
