// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server for probes and scrapers: GET and HEAD, one request at a time per
// connection, everything bounded. It belongs to the main thread, which polls: nothing here ever
// waits. It has neither TLS nor passwords, so it listens only on the loopback interface.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "service/web_config.h"

namespace saker::service {

struct WebAnswer {
  int status = 200;
  std::string type = "application/json", body;
};

class WebServer {
 public:
  // For a path without the part after '?'.
  using Answer = std::function<WebAnswer(std::string_view path)>;

  static Result<std::unique_ptr<WebServer>> make(const WebConfig& config, Answer answer);

  void wants(std::vector<pollfd>& fds) const;
  // The entries that wants() added, after poll; `now` in ns of any monotonic clock.
  void serve(const pollfd* fds, std::size_t count, std::uint64_t now);

  std::uint16_t port() const { return port_; }
  std::size_t clients() const { return clients_.size(); }

  static constexpr std::size_t max_clients = 64, max_request = 8192;
  // Time limit for a request from its first byte to its last, for the first request to begin, and
  // for sending the answer.
  static constexpr std::uint64_t patience_ns = 5'000'000'000;

 private:
  struct Client {
    Fd fd;
    std::string in, out;
    std::size_t sent = 0;
    std::uint64_t since = 0;
    bool closing = false;  // once `out` is sent
  };

  WebServer(Fd listener, std::uint16_t port, Answer answer)
      : listener_(std::move(listener)), port_(port), answer_(std::move(answer)) {}
  void accept_clients(std::uint64_t now);
  void read_from(Client& client);
  bool take_request(Client& client);
  void reply(Client& client, const WebAnswer& answer, bool head);
  void write_to(Client& client, std::uint64_t now);

  Fd listener_;
  std::uint16_t port_;
  Answer answer_;
  std::list<Client> clients_;  // the oldest first
};

}  // namespace saker::service
