// SPDX-License-Identifier: Apache-2.0
#include "service/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace saker::service {
namespace {

constexpr int backlog = 64;
// pipelined requests of one connection that are handled at once
constexpr unsigned most_at_once = 8;
constexpr std::string_view head_end = "\r\n\r\n";

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// The length; 0: it is not a numeric address.
socklen_t parse_address(const std::string& text, std::uint16_t port, Address& to) {
  std::memset(&to, 0, sizeof(to));
  if (::inet_pton(AF_INET, text.c_str(), &to.v4.sin_addr) == 1) {
    to.v4.sin_family = AF_INET;
    to.v4.sin_port = htons(port);
    return sizeof(to.v4);
  }
  if (::inet_pton(AF_INET6, text.c_str(), &to.v6.sin6_addr) == 1) {
    to.v6.sin6_family = AF_INET6;
    to.v6.sin6_port = htons(port);
    return sizeof(to.v6);
  }
  return 0;
}

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Service Unavailable";
  }
}

WebAnswer refused(int status) {
  return {status, "text/plain; charset=utf-8", std::string(reason(status)) + "\n"};
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The relevant parts of a request's head.
struct Head {
  std::string_view method, path;
  int refusal = 0;  // the status with which it is refused
  bool keep = true;
};

void read_field(std::string_view line, Head& head) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == line.npos) {
    head.refusal = 400;
    return;
  }
  const std::string name = lower(line.substr(0, colon));
  const std::string value = lower(trimmed(line.substr(colon + 1)));
  if (name == "connection" && value.find("close") != value.npos) head.keep = false;
  // No request here may have a body.
  if (name == "transfer-encoding" || (name == "content-length" && value != "0")) head.refusal = 413;
}

Head parse_head(std::string_view text) {
  Head head;
  const std::string_view line = text.substr(0, text.find("\r\n"));
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == last || line.find(' ', first + 1) != last) {
    head.refusal = 400;
    return head;
  }
  head.method = line.substr(0, first);
  head.path = line.substr(first + 1, last - first - 1);
  head.path = head.path.substr(0, head.path.find('?'));
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.0")
    head.keep = false;
  else if (version != "HTTP/1.1")
    head.refusal = version.starts_with("HTTP/") ? 505 : 400;
  for (std::size_t at = line.size() + 2; at < text.size() && head.refusal == 0;) {
    const std::size_t end = std::min(text.find("\r\n", at), text.size());
    read_field(text.substr(at, end - at), head);
    at = end + 2;
  }
  if (head.refusal == 0 && !head.path.starts_with('/')) head.refusal = 400;
  return head;
}

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::make(const WebConfig& config, Answer answer) {
  const std::string name =
      "webserver " + config.listen_address + " port " + std::to_string(config.listen_port);
  Address address;
  socklen_t length =
      parse_address(config.listen_address, static_cast<std::uint16_t>(config.listen_port), address);
  if (length == 0 || !is_loopback(config.listen_address))
    return Error{name + ": it is not an address of the loopback interface"};
  Fd listener(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return Error::from_errno(name);
  // So that a restart need not wait for old connections.
  const int on = 1;
  (void)::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(listener.get(), &address.any, length) < 0 || ::listen(listener.get(), backlog) < 0)
    return Error::from_errno(name);
  if (::getsockname(listener.get(), &address.any, &length) < 0) return Error::from_errno(name);
  const std::uint16_t port =
      ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
  return std::unique_ptr<WebServer>(new WebServer(std::move(listener), port, std::move(answer)));
}

void WebServer::wants(std::vector<pollfd>& fds) const {
  fds.push_back({listener_.get(), POLLIN, 0});
  for (const Client& client : clients_)
    fds.push_back({client.fd.get(), static_cast<short>(client.out.empty() ? POLLIN : POLLOUT), 0});
}

void WebServer::serve(const pollfd* fds, std::size_t count, std::uint64_t now) {
  auto client = clients_.begin();
  for (std::size_t i = 1; i < count && client != clients_.end(); i++, ++client) {
    if (fds[i].revents && client->out.empty()) read_from(*client);
    if (!client->out.empty()) write_to(*client, now);
    for (unsigned turn = 0; turn < most_at_once; turn++) {
      if (!client->out.empty() || client->closing || !take_request(*client)) break;
      client->since = now;
      write_to(*client, now);
    }
    if (now - client->since > patience_ns) {
      client->out.clear();
      client->closing = true;
    }
  }
  clients_.remove_if([](const Client& c) { return c.closing && c.out.empty(); });
  if (fds[0].revents) accept_clients(now);
}

void WebServer::accept_clients(std::uint64_t now) {
  // Not forever: the main thread has other work.
  for (std::size_t i = 0; i < max_clients; i++) {
    Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    // The oldest connection is closed to make space for the new one.
    if (clients_.size() >= max_clients) clients_.pop_front();
    Client& client = clients_.emplace_back();
    client.fd = std::move(fd);
    client.since = now;
  }
}

void WebServer::read_from(Client& client) {
  char buffer[4096];
  const ssize_t got = ::read(client.fd.get(), buffer, sizeof(buffer));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0)
    client.closing = true;
  else
    client.in.append(buffer, static_cast<std::size_t>(got));
}

// False: there is no complete request yet.
bool WebServer::take_request(Client& client) {
  const std::size_t end = client.in.find(head_end);
  if (end == std::string::npos || end > max_request) {
    if (client.in.size() <= max_request) return false;
    client.closing = true;
    reply(client, refused(431), false);
    return true;
  }
  const Head head = parse_head(std::string_view(client.in).substr(0, end));
  const bool is_head = head.method == "HEAD";
  const bool known = is_head || head.method == "GET";
  client.closing = !head.keep || head.refusal != 0;
  if (head.refusal)
    reply(client, refused(head.refusal), is_head);
  else if (!known)
    reply(client, refused(405), false);
  else
    reply(client, answer_(head.path), is_head);
  client.in.erase(0, end + head_end.size());
  return true;
}

void WebServer::reply(Client& client, const WebAnswer& answer, bool head) {
  client.sent = 0;
  client.out = "HTTP/1.1 " + std::to_string(answer.status) + " " +
               std::string(reason(answer.status)) + "\r\nContent-Type: " + answer.type +
               "\r\nContent-Length: " + std::to_string(answer.body.size()) +
               "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  if (answer.status == 405) client.out += "Allow: GET, HEAD\r\n";
  if (client.closing) client.out += "Connection: close\r\n";
  client.out += "\r\n";
  if (!head) client.out += answer.body;
}

void WebServer::write_to(Client& client, std::uint64_t now) {
  while (client.sent < client.out.size()) {
    const ssize_t wrote = ::send(client.fd.get(), client.out.data() + client.sent,
                                 client.out.size() - client.sent, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EAGAIN) return;
    if (wrote < 0) {
      client.closing = true;
      break;
    }
    client.sent += static_cast<std::size_t>(wrote);
    client.since = now;
  }
  client.out.clear();
}

}  // namespace saker::service
