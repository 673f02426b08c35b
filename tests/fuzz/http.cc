// SPDX-License-Identifier: Apache-2.0
// Bytes of one client to the HTTP server, over a real connection, in two pieces. What is answered
// is a sound answer, and a client that has gone is forgotten.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/web_server.h"

namespace {

namespace service = saker::service;

constexpr std::uint64_t patience_ns = 1'000'000'000;

void require(bool held) {
  if (!held) std::abort();
}

// Every view of a request lies within what was sent; a sound one has what its users rely on.
void check(const service::HttpRequest& request, std::string_view text) {
  const auto within = [&](std::string_view part) {
    return part.empty() ||
           (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  require(within(request.method) && within(request.path) && within(request.query));
  for (const service::HttpRequest::Field& field : request.fields) {
    require(!field.name.empty() && within(field.value));
    require(std::ranges::none_of(field.name, [](char c) { return c >= 'A' && c <= 'Z'; }));
    require(field.value.find("\r\n") == field.value.npos);
  }
  if (request.refusal) return;
  require(request.path.starts_with('/') && !request.method.empty());
  require(request.path.find_first_of(" ?") == request.path.npos);
  const std::string decoded = service::url_decoded(request.query);
  require(decoded.size() <= request.query.size());
  (void)service::query_value(request.query, "text");
}

struct Server {
  std::unique_ptr<service::WebServer> server;
  std::string_view sent;
  std::uint64_t now = 1;

  Server() {
    service::WebServerOptions options;
    options.posts = true;
    options.max_head = 1024;
    options.max_body = 64;
    options.patience_ns = patience_ns;
    auto made = service::WebServer::make(std::move(options), [](const service::WebRequest& asked) {
      require(asked.refusal == 0 && asked.body.size() == asked.body_bytes);
      require(asked.method == "GET" || asked.method == "HEAD" || asked.method == "POST");
      return service::WebAnswer{.type = "text/plain", .body = std::string(asked.path)};
    });
    require(static_cast<bool>(made));
    server = std::move(*made);
  }

  void turn() {
    std::vector<pollfd> fds;
    for (bool any = true; any;) {
      fds.clear();
      server->wants(fds);
      any = ::poll(fds.data(), fds.size(), 0) > 0;
      server->serve(fds.data(), fds.size(), ++now);
    }
  }

  void take(std::string_view first, std::string_view second) {
    saker::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // So that no port is left waiting, however many inputs there are.
    const linger at_once{1, 0};
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
    std::string heard;
    for (const std::string_view piece : {first, second}) {
      (void)::send(fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      turn();
      char buffer[65536];
      const ssize_t got = ::recv(fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got > 0) heard.append(buffer, static_cast<std::size_t>(got));
    }
    require(heard.empty() || heard.starts_with("HTTP/1.1 "));
    fd.reset();
    turn();
    now += 2 * patience_ns;
    turn();
    require(server->clients() == 0);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server server;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view text = all.substr(0, 16384);
  const std::string_view head = text.substr(0, text.find("\r\n\r\n"));
  check(service::parse_head(head), head);
  // Where the pieces meet depends on the input, and on nothing else.
  const std::size_t at = text.empty() ? 0 : static_cast<unsigned char>(text.back()) % text.size();
  server.take(text.substr(0, at), text.substr(at));
  return 0;
}
