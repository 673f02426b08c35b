// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server: one request of a connection at a time, everything bounded. One thread
// polls, and nothing here ever waits: a client that is slow, silent or many costs only itself. Of
// the daemon's probes it is the main thread's; the page has one in a process of its own (web/).
// Without TLS it listens on the loopback interface only.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "service/channel.h"
#include "service/http_request.h"

namespace saker::service {

struct WebAnswer {
  // later: answer() follows. stream: the head and `body` are sent, send() follows until either end
  // closes.
  enum class When : std::uint8_t { now, later, stream };

  int status = 200;
  std::string type = "application/json", body = {};
  std::vector<std::pair<std::string, std::string>> fields = {};
  When when = When::now;
};

// One request, while it is answered.
struct WebRequest : HttpRequest {
  std::string_view body = {};
  std::string address = {};  // of who asks, in digits
  bool certified = false;    // by a client's certificate
  std::uint64_t client = 0;  // for answer() and send()
};

struct WebServerOptions {
  std::string name = "webserver";  // in errors
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any
  std::string fields;      // of every answer, each with its CRLF
  bool posts = false;      // POST is taken, too
  std::size_t max_clients = 64, max_head = 8192, max_body = 0;
  std::size_t max_backlog = 1u << 20;  // bytes that a stream has not taken
  // For a request from its first byte to its last, for the first, and for an answer's next byte.
  std::uint64_t patience_ns = 5'000'000'000;
  MakeChannel make_channel = nullptr;  // TLS; null: none
};

class WebServer {
 public:
  using Answer = std::function<WebAnswer(const WebRequest& request)>;

  static Result<std::unique_ptr<WebServer>> make(WebServerOptions options, Answer answer);

  void wants(std::vector<pollfd>& fds) const;
  // What wants() added, after poll; `now` in ns of any clock that never goes back.
  void serve(const pollfd* fds, std::size_t count, std::uint64_t now);

  // Of a request whose answer was `later`. Nothing happens if the client has gone.
  void answer(std::uint64_t client, const WebAnswer& answer, std::uint64_t now);
  // More of a stream. False: it has gone, or is too far behind and is closed.
  bool send(std::uint64_t client, std::string_view bytes);
  // Of a stream: closes it.
  void end(std::uint64_t client);

  std::uint16_t port() const { return port_; }
  std::size_t clients() const { return clients_.size(); }

 private:
  enum class Doing : std::uint8_t { reading, waiting, streaming };
  struct Client {
    std::unique_ptr<Channel> channel;
    std::string address, in, out;
    std::size_t sent = 0;  // of `out`
    std::uint64_t number = 0, since = 0;
    Doing doing = Doing::reading;
    bool wants_write = false;  // to go on reading: TLS
    bool head_only = false;    // the request that is answered later is HEAD
    bool closing = false;      // once `out` is sent

    std::size_t waiting() const { return out.size() - sent; }
  };

  WebServer(WebServerOptions options, Fd listener, std::uint16_t port, Answer answer)
      : options_(std::move(options)),
        listener_(std::move(listener)),
        port_(port),
        answer_(std::move(answer)) {}
  void accept_clients(std::uint64_t now);
  bool make_room();
  void serve(Client& client, bool ready, std::uint64_t now);
  void read_from(Client& client);
  bool take_request(Client& client);
  bool refuse(Client& client, int status, bool head_only = false);
  void ask(Client& client, HttpRequest&& head, std::string_view body);
  void reply(Client& client, const WebAnswer& answer);
  void write_to(Client& client, std::uint64_t now);
  void close(Client& client);
  Client* find(std::uint64_t number);

  const WebServerOptions options_;
  Fd listener_;
  std::uint16_t port_;
  Answer answer_;
  std::list<Client> clients_;  // the oldest first
  std::uint64_t next_number_ = 1, now_ = 0;
};

}  // namespace saker::service
