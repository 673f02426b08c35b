// SPDX-License-Identifier: Apache-2.0
#include "web/guard.h"

#include <algorithm>
#include <optional>

#include "web/password.h"

namespace saker::web {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr unsigned most_doublings = 6;
// However many addresses there are, no more of the processor goes into passwords.
constexpr std::uint64_t check_ns = second / 5;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// "[::1]:80" -> "::1", "80".
std::pair<std::string, std::string> host_and_port(std::string_view text) {
  std::string_view host = text, port;
  const std::size_t bracket = text.rfind(']'), colon = text.rfind(':');
  if (colon != text.npos && (bracket == text.npos || colon > bracket)) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']') && host.size() >= 2)
    host = host.substr(1, host.size() - 2);
  return {lower(host), std::string(port)};
}

// Of "Basic BASE64(NAME:PASSWORD)".
std::optional<std::string> password_of(std::string_view field) {
  constexpr std::string_view scheme = "basic ";
  if (lower(field.substr(0, scheme.size())) != scheme) return std::nullopt;
  const std::optional<std::string> text = from_base64(field.substr(scheme.size()));
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return text->substr(colon + 1);
}

}  // namespace

bool is_probe(std::string_view path) {
  return path == "/metrics" || path == "/healthz" || path == "/versions";
}

int Gatekeeper::foreign(const service::WebRequest& request) const {
  const std::string_view host = request.field("host");
  const auto [name, port] = host_and_port(host);
  if (std::ranges::find(options_.hosts, name) == options_.hosts.end()) return 421;
  // A proxy in front of it may have another port, so the name alone decides.
  const std::string_view site = request.field("sec-fetch-site");
  const bool asks_data = request.path.starts_with("/api/") || is_probe(request.path);
  if (asks_data && !site.empty() && site != "same-origin" && site != "none") return 403;
  const std::string_view origin = request.field("origin");
  if (!origin.empty()) {
    const std::size_t scheme = origin.find("://");
    if (scheme == origin.npos || lower(origin.substr(scheme + 3)) != lower(host)) return 403;
  }
  // A form of another site cannot set this type without asking first, and is not allowed then.
  if (request.method == "POST" && !request.field("content-type").starts_with("application/json"))
    return 403;
  return 0;
}

// Cookies know no ports: two sensors' pages on one host must not share one.
std::string Gatekeeper::cookie_name() const { return "saker-" + std::to_string(options_.port); }

std::string Gatekeeper::token_of(const service::WebRequest& request) const {
  std::string_view cookies = request.field("cookie");
  const std::string wanted = cookie_name() + "=";
  while (!cookies.empty()) {
    std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(wanted)) return std::string(one.substr(wanted.size()));
  }
  return {};
}

std::string Gatekeeper::cookie(std::string_view token, std::string_view more) const {
  return cookie_name() + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Strict" +
         (options_.tls ? "; Secure" : "") + std::string(more);
}

// The map finds a token by its beginning; 32 random bytes cannot be found out that way.
bool Gatekeeper::knows(const service::WebRequest& request, std::uint64_t now) {
  if (request.certified) return true;
  const auto session = sessions_.find(token_of(request));
  if (session == sessions_.end()) return false;
  if (now - session->second > session_ns) {
    sessions_.erase(session);
    return false;
  }
  session->second = now;
  return true;
}

Gatekeeper::Attempts& Gatekeeper::attempts_of(const std::string& address) {
  if (attempts_.size() >= most_addresses && !attempts_.contains(address))
    attempts_.erase(std::ranges::min_element(attempts_, {},
                                             [](const auto& entry) { return entry.second.last; }));
  return attempts_[address];
}

Gatekeeper::Login Gatekeeper::attempt(const std::string& address, std::string_view password,
                                      std::initializer_list<const std::string*> hashed,
                                      std::uint64_t now) {
  Attempts& attempts = attempts_of(address);
  const std::uint64_t next = std::max(attempts.next, next_check_);
  if (now < next) return {.status = 429, .wait = next - now};
  next_check_ = now + check_ns;
  attempts.last = now;
  if (std::ranges::none_of(hashed,
                           [&](const std::string* one) { return is_password(password, *one); })) {
    const std::uint64_t wait = second << std::min(attempts.wrong++, most_doublings);
    attempts.next = now + wait;
    return {.status = 401, .wait = std::min(wait, 4 * second)};
  }
  attempts_.erase(address);
  return {};
}

Gatekeeper::Login Gatekeeper::authorize(const service::WebRequest& request, std::uint64_t now) {
  constexpr std::size_t most_authorized = 8;
  const std::optional<std::string> password = password_of(request.field("authorization"));
  if (!password || (options_.password.empty() && options_.probe_password.empty()))
    return {.status = 401};
  const std::string digest = secret_digest(*password);
  for (const std::string& known : authorized_)
    if (same_secret(known, digest)) return {};
  const Login login =
      attempt(request.address, *password, {&options_.password, &options_.probe_password}, now);
  if (login.status != 200) return login;
  if (authorized_.size() >= most_authorized) authorized_.erase(authorized_.begin());
  authorized_.push_back(digest);
  return {};
}

Gatekeeper::Login Gatekeeper::login(const std::string& address, std::string_view password,
                                    std::uint64_t now) {
  if (options_.password.empty()) return {.status = 401, .wait = second};
  if (const Login login = attempt(address, password, {&options_.password}, now);
      login.status != 200)
    return login;
  Result<std::string> token = random_digits(32);
  if (!token) return {.status = 503};
  if (sessions_.size() >= most_sessions)
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& entry) { return entry.second; }));
  sessions_[*token] = now;
  return {.status = 200, .wait = 0, .cookie = cookie(*token, "")};
}

std::string Gatekeeper::logout(const service::WebRequest& request) {
  sessions_.erase(token_of(request));
  return cookie("", "; Max-Age=0");
}

}  // namespace saker::web
