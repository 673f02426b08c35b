// SPDX-License-Identifier: Apache-2.0
#include "web/guard.h"

#include <doctest/doctest.h>

#include <set>

#include "web/password.h"

namespace saker::web {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr const char* right = "correct horse battery";

struct Fixture {
  std::string text;
  Gatekeeper guard{{.password = *hash_password(right),
                    .hosts = {"127.0.0.1", "localhost", "::1", "sensor.example"},
                    .port = 8766,
                    .tls = true}};

  service::WebRequest request(std::string fields, std::string line = "GET /api/alerts HTTP/1.1") {
    text = std::move(line) + "\r\n" + fields;
    return {service::parse_head(text)};
  }
  int foreign(const std::string& fields, const std::string& line = "GET /api/alerts HTTP/1.1") {
    return guard.foreign(request(fields, line));
  }
  // "NAME=TOKEN" of a Set-Cookie.
  static std::string pair(const std::string& cookie) { return cookie.substr(0, cookie.find(';')); }
};

TEST_CASE("guard: only names that are known may stand in Host") {
  Fixture f;
  for (const char* host : {"127.0.0.1:8766", "localhost", "[::1]:8766", "SENSOR.example:443"})
    CHECK(f.foreign(std::string("Host: ") + host) == 0);
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "", "sensor.example.", "[::1"})
    CHECK(f.foreign(std::string("Host: ") + host) == 421);
  CHECK(f.foreign("A: b") == 421);
}

TEST_CASE("guard: what another site's page sends is refused") {
  Fixture f;
  const std::string host = "Host: sensor.example\r\n";
  CHECK(f.foreign(host + "Sec-Fetch-Site: same-origin\r\nOrigin: https://sensor.example") == 0);
  CHECK(f.foreign(host + "Sec-Fetch-Site: none") == 0);
  CHECK(f.foreign(host + "Sec-Fetch-Site: cross-site") == 403);
  CHECK(f.foreign(host + "Sec-Fetch-Site: same-site") == 403);
  CHECK(f.foreign(host + "Origin: https://evil.example") == 403);
  CHECK(f.foreign(host + "Origin: null") == 403);
  // A link on another site may lead to the page, but not to its data.
  CHECK(f.foreign(host + "Sec-Fetch-Site: cross-site", "GET / HTTP/1.1") == 0);
  const std::string post = "POST /api/logout HTTP/1.1";
  CHECK(f.foreign(host + "Content-Type: application/json", post) == 0);
  CHECK(f.foreign(host + "Content-Type: text/plain", post) == 403);
  CHECK(f.foreign(host + "Content-Type: application/x-www-form-urlencoded", post) == 403);
}

TEST_CASE("guard: a session begins with the password, and ends") {
  Fixture f;
  CHECK_FALSE(f.guard.knows(f.request("Cookie: saker-8766="), 0));
  const Gatekeeper::Login login = f.guard.login("192.0.2.1", right, second);
  REQUIRE(login.status == 200);
  CHECK(login.cookie.find("; HttpOnly; SameSite=Strict; Secure") != std::string::npos);
  const std::string cookie = "Cookie: other=1; " + f.pair(login.cookie);
  CHECK(f.guard.knows(f.request(cookie), second));
  CHECK_FALSE(f.guard.knows(f.request(cookie + "0"), second));
  CHECK_FALSE(f.guard.knows(f.request("Cookie: saker-1" + f.pair(login.cookie).substr(6)), second));
  // As long as it is used.
  CHECK(f.guard.knows(f.request(cookie), Gatekeeper::session_ns));
  CHECK(f.guard.knows(f.request(cookie), 2 * Gatekeeper::session_ns));
  CHECK_FALSE(f.guard.knows(f.request(cookie), 3 * Gatekeeper::session_ns + 1));
  const Gatekeeper::Login again = f.guard.login("192.0.2.1", right, 4 * Gatekeeper::session_ns);
  const std::string other = "Cookie: " + f.pair(again.cookie);
  CHECK(f.guard.logout(f.request(other)).find("Max-Age=0") != std::string::npos);
  CHECK_FALSE(f.guard.knows(f.request(other), 4 * Gatekeeper::session_ns));
  CHECK(f.guard.sessions() == 0);
  service::WebRequest certified = f.request("A: b");
  certified.certified = true;
  CHECK(f.guard.knows(certified, 0));
}

TEST_CASE("guard: wrong passwords have to wait longer and longer, each address by itself") {
  Fixture f;
  std::uint64_t now = 100 * second, waited = 0;
  for (int i = 0; i < 9; i++) {
    const Gatekeeper::Login wrong = f.guard.login("192.0.2.1", "wrong", now);
    CHECK(wrong.status == 401);
    CHECK(wrong.wait >= second);
    const Gatekeeper::Login early = f.guard.login("192.0.2.1", right, now + second / 2);
    REQUIRE(early.status == 429);
    CHECK(early.wait > 0);
    waited = early.wait + second / 2;
    now += waited;
  }
  CHECK(waited == 64 * second);
  // Another address is not kept out by it.
  const Gatekeeper::Login other = f.guard.login("192.0.2.2", right, now - second);
  CHECK(other.status == 200);
  CHECK(f.guard.login("192.0.2.1", right, now).status == 200);
}

TEST_CASE("guard: thousands of addresses and sessions cost a bounded time and memory") {
  Fixture f;
  std::uint64_t now = second;
  unsigned checked = 0;
  for (unsigned i = 0; i < 5000; i++) {
    checked +=
        f.guard
            .login("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256), "wrong", now)
            .status == 401;
    now += second / 1000;
  }
  // Five seconds, five passwords a second.
  CHECK(checked <= 26);
  CHECK(checked >= 24);
}

// "user:correct horse battery", and "any:a password for metrics".
constexpr const char* right_field = "Authorization: Basic dXNlcjpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=";
constexpr const char* probe_field = "Authorization: basic YW55OmEgcGFzc3dvcmQgZm9yIG1ldHJpY3M=";

TEST_CASE("guard: programs bring a password in each request, and it is checked once") {
  const std::string text = std::string("GET /metrics HTTP/1.1\r\n");
  Gatekeeper guard({.password = *hash_password(right),
                    .probe_password = *hash_password("a password for metrics"),
                    .hosts = {"localhost"},
                    .port = 1,
                    .tls = true});
  std::string kept;
  const auto ask = [&](const std::string& field, std::uint64_t now, const char* from) {
    kept = text + field;
    service::WebRequest request{service::parse_head(kept)};
    request.address = from;
    return guard.authorize(request, now);
  };
  for (const char* none : {"A: b", "Authorization: Bearer abcd", "Authorization: Basic ",
                           "Authorization: Basic %%%%", "Authorization: Basic YQ=="}) {
    CHECK(ask(none, second, "192.0.2.1").status == 401);
    CHECK(ask(none, second, "192.0.2.1").wait == 0);
  }
  CHECK(ask(right_field, second, "192.0.2.1").status == 200);
  CHECK(ask(probe_field, 2 * second, "192.0.2.1").status == 200);
  // "user:wrong wrong wrong": delayed, and later ones have to wait.
  const char* wrong = "Authorization: Basic dXNlcjp3cm9uZyB3cm9uZyB3cm9uZw==";
  CHECK(ask(wrong, 3 * second, "192.0.2.1").status == 401);
  CHECK(ask(wrong, 3 * second, "192.0.2.1").status == 429);
  // One that is known is not kept out by them, not even from their own address.
  CHECK(ask(right_field, 3 * second, "192.0.2.1").status == 200);
  CHECK(ask(probe_field, 3 * second, "192.0.2.1").status == 200);
  // The password for metrics opens no session.
  CHECK(guard.login("192.0.2.2", "a password for metrics", 10 * second).status == 401);
  CHECK(guard.login("192.0.2.3", right, 20 * second).status == 200);
}

TEST_CASE("guard: without a password nobody signs in") {
  Gatekeeper guard({.password = "", .hosts = {}, .port = 1, .tls = true});
  CHECK(guard.login("127.0.0.1", "", second).status == 401);
}

TEST_CASE("password: a hash knows its own and no other") {
  const std::string hashed = *hash_password(right);
  CHECK(hashed.starts_with("scrypt:14:8:1:"));
  CHECK(is_password(right, hashed));
  CHECK_FALSE(is_password("correct horse batterx", hashed));
  CHECK_FALSE(is_password("", hashed));
  CHECK_FALSE(is_password(right, ""));
  CHECK_FALSE(is_password(right, hashed.substr(0, hashed.size() - 2)));
  CHECK(*hash_password(right) != hashed);
  CHECK_FALSE(hash_password("short"));
  CHECK_FALSE(is_password(std::string(1 << 20, 'x'), hashed));
  std::set<std::string> tokens;
  for (int i = 0; i < 100; i++) tokens.insert(*random_digits(16));
  CHECK(tokens.size() == 100);
}

}  // namespace
}  // namespace saker::web
