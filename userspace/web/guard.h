// SPDX-License-Identifier: Apache-2.0
// Who may ask the page for what: sessions, passwords and how fast they may be tried, and requests
// that another site's page has sent. One thread; `now` in ns of a clock that never goes back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/web_server.h"

namespace saker::web {

struct GuardOptions {
  std::string password;            // hashed; "": there is none
  std::vector<std::string> hosts;  // names that may stand in Host, without a port
  std::uint16_t port = 0;
  bool tls = false;
};

class Gatekeeper {
 public:
  explicit Gatekeeper(GuardOptions options) : options_(std::move(options)) {}

  // 0, or the status that a request is refused with, whoever sends it: it is for another host's
  // name (DNS rebinding), or another site's page has sent it.
  int foreign(const service::WebRequest& request) const;

  // By its cookie or its certificate.
  bool knows(const service::WebRequest& request, std::uint64_t now);

  struct Login {
    int status = 200;        // 401: wrong; 429: too many
    std::uint64_t wait = 0;  // ns until the answer may be sent; of a 429 until another attempt
    std::string cookie = {};
  };
  // A wrong one is to be logged by the caller.
  Login login(const std::string& address, std::string_view password, std::uint64_t now);
  // What names the session of a request that was let in; "": a certificate did.
  std::string session_of(const service::WebRequest& request) const { return token_of(request); }
  // The Set-Cookie that ends it.
  std::string logout(const service::WebRequest& request);

  std::size_t sessions() const { return sessions_.size(); }

  static constexpr std::size_t most_sessions = 256, most_addresses = 1024;
  static constexpr std::uint64_t session_ns = 12ull * 3600 * 1'000'000'000;  // without a request

 private:
  struct Attempts {
    unsigned wrong = 0;
    std::uint64_t next = 0, last = 0;  // when another may come; when the last came
  };

  std::string cookie_name() const;
  std::string token_of(const service::WebRequest& request) const;
  std::string cookie(std::string_view token, std::string_view more) const;
  Attempts& attempts_of(const std::string& address);

  const GuardOptions options_;
  std::map<std::string, std::uint64_t> sessions_;  // token: its last request
  std::map<std::string, Attempts> attempts_;       // by address
  std::uint64_t next_check_ = 0;                   // of any password
};

}  // namespace saker::web
