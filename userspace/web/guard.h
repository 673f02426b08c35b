// SPDX-License-Identifier: Apache-2.0
// Decides which requests the page answers: sessions, passwords and the rate of attempts, and
// requests sent by pages of other sites. One thread; `now` in ns of a monotonic clock.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/web_server.h"

namespace saker::web {

struct GuardOptions {
  std::string password = "";        // hashed; "": there is none
  std::string probe_password = "";  // hashed; lets in to probes alone; "": there is none
  std::vector<std::string> hosts;   // allowed names in the Host header, without port
  std::uint16_t port = 0;
  bool tls = false;
};

// The paths that programs ask: not for browsers.
bool is_probe(std::string_view path);

class Gatekeeper {
 public:
  explicit Gatekeeper(GuardOptions options) : options_(std::move(options)) {}

  // 0, or the status with which a request is refused, regardless of its session: it names another
  // host (DNS rebinding), or the page of another site sent it.
  int foreign(const service::WebRequest& request) const;

  // True if its cookie or its certificate is valid.
  bool knows(const service::WebRequest& request, std::uint64_t now);

  struct Login {
    int status = 200;        // 401: wrong; 429: too many
    std::uint64_t wait = 0;  // ns until the answer may be sent; for 429, until another attempt
    std::string cookie = {};
  };
  // The caller logs a wrong one.
  Login login(const std::string& address, std::string_view password, std::uint64_t now);
  // For programs that ask probes, with a password in each request (Authorization: Basic; any user
  // name). A password that was right is remembered, so that it costs nothing the next time, and
  // wrong ones of others do not delay it. 401 without `wait`: there is none in the request.
  Login authorize(const service::WebRequest& request, std::uint64_t now);
  // The session token of an admitted request; "": a certificate admitted it.
  std::string session_of(const service::WebRequest& request) const { return token_of(request); }
  // The Set-Cookie header that ends it.
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
  // 200, 401, 429: whether the password is one of these; counts the attempt.
  Login attempt(const std::string& address, std::string_view password,
                std::initializer_list<const std::string*> hashed, std::uint64_t now);

  const GuardOptions options_;
  std::map<std::string, std::uint64_t> sessions_;  // token: its last request
  std::map<std::string, Attempts> attempts_;       // by address
  std::uint64_t next_check_ = 0;                   // of any password
  std::vector<std::string> authorized_;            // digests of what was right, the oldest first
};

}  // namespace saker::web
