// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/protocol_peer.h"

#include <doctest/doctest.h>

#include "../alerts.h"
#include "../patience.h"
#include "output/format.h"
#include "output/kinds/kind.h"
#include "output/sinks/amqp_protocol.h"
#include "output/sinks/mail_peer.h"
#include "output/sinks/queue_protocols.h"

namespace saker::output {
namespace {

// The far end in a test: what it sends, step by step; an empty step is silence.
class Script final : public Connection {
 public:
  explicit Script(std::vector<std::string> steps) : steps_(std::move(steps)) {}
  Result<std::size_t> send(std::string_view bytes, Patience&) override {
    sent += bytes;
    return bytes.size();
  }
  Result<std::string> receive(int, Patience&) override {
    if (at_ == steps_.size()) return Error{"closed"};
    return steps_[at_++];
  }
  bool closed() override { return false; }

  std::string sent;

 private:
  const std::vector<std::string> steps_;
  std::size_t at_ = 0;
};

std::vector<Message> messages(int count) {
  std::vector<Message> out;
  for (int i = 0; i < count; i++) {
    Document document;
    document.rule = "A rule: " + std::to_string(i);
    document.uuid = std::to_string(i);
    out.push_back({document, "{" + std::to_string(i) + "}"});
  }
  return out;
}

struct Talk {
  Script script;
  std::unique_ptr<Protocol> protocol;
  std::string unread;
  test::Briefly patience;
  Wire wire{script, patience, 1000, unread};

  Talk(std::unique_ptr<Protocol> of, std::vector<std::string> steps)
      : script(std::move(steps)), protocol(std::move(of)) {}
};

Settings settings(std::initializer_list<std::pair<const std::string, Setting>> values) {
  return {.name = "s", .type = "s", .values = values};
}

TEST_CASE("wire: lines and bytes may arrive in any pieces, and silence is an error") {
  Talk talk(redis_protocol({}), {"a", "b\r", "\nxy", "z", ""});
  CHECK(*talk.wire.line() == "ab");
  CHECK(*talk.wire.bytes(3) == "xyz");
  CHECK(talk.wire.line().error().message == "the server does not answer");
  CHECK(talk.wire.line().error().message == "closed");
  std::vector<std::string> endless(40, std::string(64 << 10, 'x'));
  Talk flood(redis_protocol({}), endless);
  CHECK(flood.wire.line().error().message == "the server's answer has no end");
}

TEST_CASE("redis: words follow their length, and alerts after an error are not delivered") {
  Talk talk(redis_protocol(settings({{"key", std::string("k\r\nk")}})),
            {":1\r\n:2\r\n-OOM no memory\r\n:3\r\n"});
  const Delivery done = talk.protocol->publish(talk.wire, messages(4));
  CHECK(done.delivered == 2);
  CHECK(done.error == "the server answers: -OOM no memory");
  CHECK(talk.script.sent.starts_with("*3\r\n$5\r\nRPUSH\r\n$4\r\nk\r\nk\r\n$3\r\n{0}\r\n*3\r\n"));
}

TEST_CASE("nats: no name of a rule can change the subject") {
  Talk talk(nats_protocol(settings({{"subjecttemplate", std::string("f.<priority>.<rule>")}})),
            {"PING\r\nPONG\r\n"});
  std::vector<Message> batch = messages(1);
  batch[0].document.rule = "A.*> rule\r\nPUB x 0\r\n";
  CHECK(talk.protocol->publish(talk.wire, batch).delivered == 1);
  CHECK(talk.script.sent == "PUB f.debug.a_rule_pub_x_0 3\r\n{0}\r\nPING\r\nPONG\r\n");
}

TEST_CASE("mqtt: acknowledgements count in any order, up to the first missing one") {
  const auto ack = [](char number) { return std::string("\x40\x02\x00", 3) + number; };
  Talk talk(mqtt_protocol(settings({{"qos", std::int64_t{1}}, {"topic", std::string("t")}})),
            {ack(2) + ack(1), ack(4)});
  const Delivery done = talk.protocol->publish(talk.wire, messages(4));
  CHECK(done.delivered == 2);
  CHECK(done.error == "closed");
}

std::string amqp_method(const std::string& ids, const std::string& arguments) {
  const std::string payload = ids + arguments;
  return std::string("\x01\x00\x01\x00\x00\x00", 6) + static_cast<char>(payload.size()) + payload +
         '\xce';
}

TEST_CASE(
    "amqp: one confirmation for many, a queue that is missing, a server of another protocol") {
  const std::string ack_ids("\x00\x3c\x00\x50", 4), return_ids("\x00\x3c\x00\x32", 4);
  const std::string three("\0\0\0\0\0\0\0\x03", 8);
  {
    Talk talk(amqp_protocol({}), {amqp_method(ack_ids, three + '\x01')});
    CHECK(talk.protocol->publish(talk.wire, messages(3)).delivered == 3);
  }
  {
    Talk talk(amqp_protocol(settings({{"queue", std::string("q")}})),
              {amqp_method(return_ids, "x")});
    CHECK(talk.protocol->publish(talk.wire, messages(1)).error == "there is no queue q");
  }
  {
    Talk talk(amqp_protocol({}), {"HTTP/1.1 400 Bad Request\r\n"});
    CHECK(talk.protocol->greet(talk.wire).error().message == "the server uses another protocol");
  }
}

TEST_CASE("servers: HOST:PORT in all forms that users write") {
  CHECK(split_server("h:1")->host == "h");
  CHECK(split_server("nats://[::1]:4222/")->host == "::1");
  CHECK(split_server("h:65535")->port == 65535);
  for (const char* wrong : {"", "h", ":1", "h:", "h:0", "h:65536", "h:1x"})
    CHECK_FALSE(split_server(wrong));
  const std::optional<AmqpUrl> url = split_amqp("amqps://u%40:p%3Aw@h/v%2fx");
  REQUIRE(url);
  CHECK(url->tls);
  CHECK(url->user == "u@");
  CHECK(url->password == "p:w");
  CHECK(url->vhost == "v/x");
  CHECK(url->server.port == 5671);
  CHECK(split_amqp("amqp://h:7")->user == "guest");
  CHECK(split_amqp("amqp://h%")->server.host == "h%");
  CHECK_FALSE(split_amqp("http://h"));
}

TEST_CASE("mail: no name adds a line to the header") {
  FormatOptions options;
  const Alert alert =
      internal_alert(options, "a\r\nBcc: x@y\xe2\x80\xae \xc3\xa9" + std::string(150, 'z'),
                     lang::Priority::critical, "<b>m</b>\r\n.\r\n", 0);
  const Result<Document> document = read_document(alert);
  REQUIRE(document);
  const std::string mail = mail_of(*document, settings({{"from", std::string("a@b")},
                                                        {"to", Texts{"c@d"}},
                                                        {"outputformat", std::string("html")}}));
  const std::string head = mail.substr(0, mail.find("\r\n\r\n"));
  CHECK(head.find("Bcc") == head.npos);
  CHECK(head.find("Subject: =?UTF-8?B?") != head.npos);
  std::size_t longest = 0;
  for (std::size_t at = 0; at < mail.size();) {
    const std::size_t end = std::min(mail.find("\r\n", at), mail.size());
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  CHECK(longest <= 78);
  CHECK(mail.find("\n.\r\n") == mail.npos);
}

}  // namespace
}  // namespace saker::output
