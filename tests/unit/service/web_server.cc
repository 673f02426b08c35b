// SPDX-License-Identifier: Apache-2.0
#include "service/web_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/config/web_config.h"
#include "service/report/prometheus_text.h"
#include "service/report/rule_counts.h"

namespace saker::service {
namespace {

struct Fixture {
  std::uint64_t now = 1;
  std::size_t asked = 0;
  std::uint64_t client = 0;
  std::unique_ptr<WebServer> server;

  Fixture() { open({}); }
  void open(WebServerOptions options) {
    auto made = WebServer::make(std::move(options), [this](const WebRequest& request) {
      asked++;
      client = request.client;
      if (request.path == "/later") return WebAnswer{.when = WebAnswer::When::later};
      if (request.path == "/stream")
        return WebAnswer{.body = "first\n", .when = WebAnswer::When::stream};
      if (request.path == "/big")
        return WebAnswer{.type = "text/plain", .body = std::string(8u << 20, 'x')};
      if (request.path == "/a")
        return WebAnswer{.type = "text/plain", .body = "yes", .fields = {{"X-A", "b"}}};
      if (request.path == "/post") return WebAnswer{.body = std::string(request.body)};
      return WebAnswer{.status = 404, .type = "text/plain", .body = "no"};
    });
    REQUIRE(made);
    server = std::move(*made);
  }
  Fd connect() {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
  }
  // The main thread's loop, until there is nothing to do.
  void turn() {
    std::vector<pollfd> fds;
    for (int i = 0; i < 1000; i++) {
      fds.clear();
      server->wants(fds);
      const bool any = ::poll(fds.data(), fds.size(), 0) > 0;
      server->serve(fds.data(), fds.size(), now);
      if (!any) return;
    }
  }
  static void say(const Fd& fd, std::string_view text) {
    (void)::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }
  // The received bytes; ends with "<closed>" if the server closed.
  static std::string hear(const Fd& fd) {
    std::string out;
    char buffer[65536];
    ssize_t got;
    while ((got = ::read(fd.get(), buffer, sizeof(buffer))) > 0)
      out.append(buffer, static_cast<std::size_t>(got));
    return got == 0 || errno == ECONNRESET ? out + "<closed>" : out;
  }
  std::string request(std::string_view text) {
    Fd fd = connect();
    turn();
    say(fd, text);
    turn();
    return hear(fd);
  }
};

TEST_CASE("web server: answers GET and HEAD, several on one connection") {
  Fixture f;
  const std::string answer = f.request("GET /a?x=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\nyes"));
  CHECK(answer.find("Content-Length: 3\r\n") != std::string::npos);
  CHECK(f.request("HEAD /a HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
  CHECK(f.request("GET /b HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  CHECK(f.request("GET /a HTTP/1.0\r\n\r\n").ends_with("yes<closed>"));
  CHECK(f.request("GET /a HTTP/1.1\r\nConnection: Close\r\n\r\n").ends_with("yes<closed>"));
  const std::string two =
      f.request("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(two.find("yesHTTP/1.1 404") != std::string::npos);
}

TEST_CASE("web server: a request in pieces, and an answer that is read slowly") {
  Fixture f;
  Fd fd = f.connect();
  for (char c : std::string("GET /a HTTP/1.1\r\n\r\n")) {
    f.turn();
    f.say(fd, std::string(1, c));
  }
  f.turn();
  CHECK(f.hear(fd).ends_with("yes"));
  f.say(fd, "GET /big HTTP/1.1\r\n\r\n");
  std::string all;
  for (int i = 0; i < 1000 && all.size() < (8u << 20); i++) {
    f.turn();
    all += f.hear(fd);
  }
  CHECK(all.size() > (8u << 20));
  CHECK(all.find("<closed>") == std::string::npos);
}

TEST_CASE("web server: other requests are refused, and the connection closes") {
  Fixture f;
  const auto status = [&](std::string_view text) { return f.request(text).substr(0, 12); };
  CHECK(status("nonsense\r\n\r\n") == "HTTP/1.1 400");
  CHECK(status("GET a HTTP/1.1\r\n\r\n") == "HTTP/1.1 400");
  CHECK(status("GET  /a HTTP/1.1\r\n\r\n") == "HTTP/1.1 400");
  CHECK(status("GET /a HTTP/2.0\r\n\r\n") == "HTTP/1.1 505");
  CHECK(status("GET /a HTTP/1.1\r\nno field\r\n\r\n") == "HTTP/1.1 400");
  CHECK(status("POST /a HTTP/1.1\r\n\r\n") == "HTTP/1.1 405");
  CHECK(status("GET /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello") == "HTTP/1.1 413");
  CHECK(status("GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == "HTTP/1.1 413");
  CHECK(status("GET /" + std::string(20'000, 'a')) == "HTTP/1.1 431");
  CHECK(f.asked == 0);
  CHECK(f.server->clients() == 0);
}

TEST_CASE("web server: a silent connection is closed to make space for others") {
  Fixture f;
  std::vector<Fd> idle;
  for (int i = 0; i < 200; i++) {
    idle.push_back(f.connect());
    f.turn();
  }
  CHECK(f.server->clients() <= WebServerOptions().max_clients);
  CHECK(f.request("GET /a HTTP/1.1\r\n\r\n").ends_with("yes"));
  // A client that sends a byte from time to time is treated the same.
  Fd slow = f.connect();
  for (int i = 0; i < 12; i++) {
    f.now += WebServerOptions().patience_ns / 10;
    f.say(slow, "G");
    f.turn();
  }
  CHECK(f.hear(slow) == "<closed>");
  f.turn();
  CHECK(f.server->clients() == 0);
}

TEST_CASE("web server: without descriptors the oldest connection gives its own") {
  Fixture f;
  const Fd oldest = f.connect(), older = f.connect();
  f.turn();
  CHECK(f.server->clients() == 2);
  const Fd fresh = f.connect();
  // As many as are open: none is left for the server.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const Fd next(::dup(0));
  const rlimit none{static_cast<rlim_t>(next.get()), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  std::vector<pollfd> fds;
  for (int turn = 0; turn < 3; turn++) {
    fds.clear();
    f.server->wants(fds);
    ::poll(fds.data(), fds.size(), 0);
    f.server->serve(fds.data(), fds.size(), f.now);
  }
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  f.turn();
  Fixture::say(fresh, "GET /a HTTP/1.1\r\n\r\n");
  f.turn();
  CHECK(Fixture::hear(fresh).ends_with("yes"));
  CHECK(Fixture::hear(oldest) == "<closed>");
}

TEST_CASE("web server: it listens only on the loopback interface") {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1"}) CHECK(is_loopback(address));
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", "", "::ffff:127.0.0.1"})
    CHECK_FALSE(is_loopback(address));
  WebServerOptions options;
  options.address = "0.0.0.0";
  CHECK_FALSE(WebServer::make(options, nullptr));
}

TEST_CASE("web server: POST where it is taken, with a body of bounded size") {
  Fixture f;
  f.open({.fields = "X-Every: 1\r\n", .posts = true, .max_body = 8});
  const auto post = [&](std::string_view length, std::string_view body) {
    return f.request("POST /post HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n" +
                     std::string(body));
  };
  CHECK(post("5", "hello").ends_with("\r\n\r\nhello"));
  CHECK(post("5", "hello").find("\r\nX-Every: 1\r\n") != std::string::npos);
  CHECK(post("9", "more than").starts_with("HTTP/1.1 413"));
  CHECK(post("99999999999999999999999", "").starts_with("HTTP/1.1 400"));
  CHECK(post("-1", "").starts_with("HTTP/1.1 400"));
  CHECK(post("5\r\nContent-Length: 5", "hello").starts_with("HTTP/1.1 400"));
  // One that announces a body and does not send it has only itself.
  CHECK(post("5", "hel").empty());
  CHECK(f.request("GET /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").starts_with("HTTP/1.1 413"));
}

TEST_CASE("web server: an answer that comes later, and one that nobody awaits any more") {
  Fixture f;
  Fd fd = f.connect();
  f.turn();
  f.say(fd, "GET /later HTTP/1.1\r\n\r\n");
  f.turn();
  f.now += 10 * WebServerOptions().patience_ns;
  f.turn();
  CHECK(f.hear(fd).empty());
  f.server->answer(f.client, {.body = "at last"}, f.now);
  f.turn();
  CHECK(f.hear(fd).ends_with("at last"));
  f.say(fd, "GET /later HTTP/1.1\r\nConnection: close\r\n\r\n");
  f.turn();
  CHECK(f.hear(fd).empty());
  f.server->answer(f.client, {.body = "and closes"}, f.now);
  f.turn();
  CHECK(f.hear(fd).ends_with("and closes<closed>"));
  f.server->answer(f.client, {.body = "twice"}, f.now);
  f.server->answer(f.client + 7, {.body = "to nobody"}, f.now);
  f.turn();
}

TEST_CASE("web server: a stream goes on, is bounded, and is not closed for others") {
  Fixture f;
  Fd fd = f.connect();
  f.turn();
  f.say(fd, "GET /stream HTTP/1.1\r\n\r\n");
  f.turn();
  CHECK(f.hear(fd).ends_with("\r\n\r\nfirst\n"));
  const std::uint64_t client = f.client;
  f.now += 10 * WebServerOptions().patience_ns;
  CHECK(f.server->send(client, "second\n"));
  std::vector<Fd> idle;
  for (int i = 0; i < 200; i++) {
    idle.push_back(f.connect());
    f.turn();
  }
  CHECK(f.hear(fd) == "second\n");
  const std::string piece(64u << 10, 'x');
  int taken = 0;
  while (taken < 1000 && f.server->send(client, piece)) {
    taken++;
    f.turn();
  }
  CHECK(taken < 1000);
  CHECK_FALSE(f.server->send(client, "more"));
}

TEST_CASE("prometheus: a label's value cannot leave its quotation marks") {
  PrometheusText out;
  out.counter("a_total", "Help.");
  out.sample(std::uint64_t{1}, {{"rule", "x\"} 1\na_total 2\\\xff\x1b[31m"}});
  CHECK(out.text() ==
        "# HELP a_total Help.\n# TYPE a_total counter\n"
        "a_total{rule=\"x\\\"} 1\\\\na_total 2\\\\\xef\xbf\xbd\\\\u001b[31m\"} 1\n");
  CHECK(label_name("mitre.T1059-a\n") == "mitre_T1059_a_");
}

TEST_CASE("rule counts: by rule, and bounded") {
  RuleCounts counts;
  output::Alert alert;
  alert.rule_name = "a";
  for (int i = 0; i < 3; i++) counts.note(alert);
  for (std::size_t i = 0; i < RuleCounts::max_rules + 10; i++) {
    alert.rule_name = "r" + std::to_string(i);
    counts.note(alert);
  }
  CHECK(counts.rows().size() == RuleCounts::max_rules);
  CHECK(counts.rows().front().alerts == 3);
  CHECK(counts.total() == RuleCounts::max_rules + 13);
}

}  // namespace
}  // namespace saker::service
