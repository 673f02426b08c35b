// SPDX-License-Identifier: Apache-2.0
#include "service/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "service/config/web_config.h"

namespace saker::service {
namespace {

constexpr int backlog = 128;
constexpr unsigned most_at_once = 8;  // requests of one connection, sent together
constexpr std::size_t accepted_at_once = 64;
constexpr std::string_view head_end = "\r\n\r\n";

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// The length; 0: it is no address in digits.
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

std::string digits(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = address.any.sa_family == AF_INET;
  ::inet_ntop(address.any.sa_family,
              v4 ? static_cast<const void*>(&address.v4.sin_addr) : &address.v6.sin6_addr, text,
              sizeof(text));
  return text;
}

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Service Unavailable";
  }
}

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::make(WebServerOptions options, Answer answer) {
  const std::string name =
      options.name + " " + options.address + " port " + std::to_string(options.port);
  Address address;
  socklen_t length = parse_address(options.address, options.port, address);
  if (length == 0) return Error{name + ": it is no address in digits"};
  if (!options.make_channel && !is_loopback(options.address))
    return Error{name + ": it is no address of the loopback interface, and there is no TLS"};
  if (!options.make_channel) options.make_channel = plain_channel;
  Fd listener(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return Error::from_errno(name);
  // So that a restart need not wait for connections of before.
  const int on = 1;
  (void)::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(listener.get(), &address.any, length) < 0 || ::listen(listener.get(), backlog) < 0)
    return Error::from_errno(name);
  if (::getsockname(listener.get(), &address.any, &length) < 0) return Error::from_errno(name);
  const std::uint16_t port =
      ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
  return std::unique_ptr<WebServer>(
      new WebServer(std::move(options), std::move(listener), port, std::move(answer)));
}

void WebServer::wants(std::vector<pollfd>& fds) const {
  fds.push_back({listener_.get(), POLLIN, 0});
  for (const Client& client : clients_) {
    // One that is answered is not asked what else it wants, but a stream's end is noticed.
    const bool reads = client.doing == Doing::streaming ||
                       (client.doing == Doing::reading && client.waiting() == 0);
    const int events =
        (reads ? POLLIN : 0) | (client.waiting() || client.wants_write ? POLLOUT : 0);
    fds.push_back({client.channel->fd(), static_cast<short>(events), 0});
  }
}

void WebServer::serve(const pollfd* fds, std::size_t count, std::uint64_t now) {
  now_ = now;
  auto client = clients_.begin();
  for (std::size_t i = 1; i < count && client != clients_.end(); i++, ++client) {
    if (client->doing == Doing::waiting && fds[i].revents & (POLLHUP | POLLERR)) close(*client);
    serve(*client, fds[i].revents != 0, now);
  }
  clients_.remove_if(
      [](const Client& c) { return c.closing && c.waiting() == 0 && c.doing != Doing::waiting; });
  if (fds[0].revents) accept_clients(now);
}

void WebServer::serve(Client& client, bool ready, std::uint64_t now) {
  const bool may_read =
      client.doing == Doing::streaming || (client.doing == Doing::reading && client.waiting() == 0);
  if (may_read && (ready || client.channel->pending())) read_from(client);
  if (client.waiting()) write_to(client, now);
  for (unsigned turn = 0; turn < most_at_once; turn++) {
    if (client.waiting() || client.closing || client.doing != Doing::reading) break;
    if (!take_request(client)) break;
    client.since = now;
    write_to(client, now);
  }
  // A stream that has nothing to say may be silent.
  const bool idle = client.waiting() == 0 && client.doing != Doing::reading;
  if (!idle && now - client.since > options_.patience_ns) close(client);
}

void WebServer::accept_clients(std::uint64_t now) {
  // Not for ever: the thread has other things to do.
  for (std::size_t i = 0; i < accepted_at_once; i++) {
    Address from;
    socklen_t length = sizeof(from);
    Fd fd(::accept4(listener_.get(), &from.any, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      // Without a descriptor nobody new would ever get in: the oldest connection gives its own.
      if (errno == EMFILE || errno == ENFILE) (void)make_room();
      return;
    }
    if (clients_.size() >= options_.max_clients && !make_room()) continue;
    std::unique_ptr<Channel> channel = options_.make_channel(std::move(fd));
    if (!channel) continue;
    Client& client = clients_.emplace_back();
    client.channel = std::move(channel);
    client.address = digits(from);
    client.number = next_number_++;
    client.since = now;
  }
}

// The oldest connection makes room for the new one, but none that was let in and listens.
bool WebServer::make_room() {
  const auto oldest =
      std::ranges::find_if(clients_, [](const Client& c) { return c.doing == Doing::reading; });
  if (oldest == clients_.end()) return false;
  clients_.erase(oldest);
  return true;
}

void WebServer::read_from(Client& client) {
  char buffer[4096];
  // A stream's client has nothing to say: what it sends is not kept.
  const bool keeps = client.doing != Doing::streaming;
  for (unsigned turn = 0; turn < most_at_once; turn++) {
    if (client.in.size() > options_.max_head + options_.max_body) return;
    const Channel::Outcome got = client.channel->read(buffer, sizeof(buffer));
    client.wants_write = got.state == Channel::State::wants_write;
    if (got.state == Channel::State::closed) return close(client);
    if (got.state != Channel::State::done) return;
    if (keeps) client.in.append(buffer, got.bytes);
  }
}

bool WebServer::refuse(Client& client, int status, bool head_only) {
  client.closing = true;
  client.head_only = head_only;
  reply(client, {.status = status,
                 .type = "text/plain; charset=utf-8",
                 .body = std::string(reason(status)) + "\n"});
  client.in.clear();
  return true;
}

// False: there is no whole one yet.
bool WebServer::take_request(Client& client) {
  const std::size_t end = client.in.find(head_end);
  if (end == std::string::npos || end > options_.max_head)
    return client.in.size() > options_.max_head && refuse(client, 431);
  HttpRequest head = parse_head(std::string_view(client.in).substr(0, end));
  const bool is_head = head.method == "HEAD", is_post = head.method == "POST" && options_.posts;
  if (head.refusal) return refuse(client, head.refusal, is_head);
  if (!is_head && !is_post && head.method != "GET") return refuse(client, 405);
  if (head.body_bytes > (is_post ? options_.max_body : 0)) return refuse(client, 413, is_head);
  const std::size_t body = end + head_end.size(), whole = body + head.body_bytes;
  if (client.in.size() < whole) return false;
  client.closing = !head.keep;
  client.head_only = is_head;
  ask(client, std::move(head), std::string_view(client.in).substr(body, whole - body));
  client.in.erase(0, std::min(whole, client.in.size()));
  return true;
}

void WebServer::ask(Client& client, HttpRequest&& head, std::string_view body) {
  WebRequest request{std::move(head)};
  request.body = body;
  request.address = client.address;
  request.certified = client.channel->certified();
  request.client = client.number;
  const WebAnswer answer = answer_(request);
  if (answer.when == WebAnswer::When::later)
    client.doing = Doing::waiting;
  else
    reply(client, answer);
}

void WebServer::reply(Client& client, const WebAnswer& answer) {
  const bool stream = answer.when == WebAnswer::When::stream && !client.head_only;
  client.doing = stream ? Doing::streaming : Doing::reading;
  client.sent = 0;
  client.out = "HTTP/1.1 " + std::to_string(answer.status) + " " +
               std::string(reason(answer.status)) + "\r\nContent-Type: " + answer.type +
               "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" +
               options_.fields;
  if (!stream) client.out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  for (const auto& [name, value] : answer.fields) client.out += name + ": " + value + "\r\n";
  if (answer.status == 405)
    client.out += options_.posts ? "Allow: GET, HEAD, POST\r\n" : "Allow: GET, HEAD\r\n";
  if (client.closing || stream) client.out += "Connection: close\r\n";
  client.out += "\r\n";
  if (stream) client.closing = false;
  if (!client.head_only) client.out += answer.body;
}

void WebServer::write_to(Client& client, std::uint64_t now) {
  while (client.sent < client.out.size()) {
    const Channel::Outcome wrote =
        client.channel->write(client.out.data() + client.sent, client.out.size() - client.sent);
    if (wrote.state == Channel::State::closed) return close(client);
    if (wrote.state != Channel::State::done) return;
    client.sent += wrote.bytes;
    client.since = now;
  }
  client.out.clear();
  client.sent = 0;
}

void WebServer::close(Client& client) {
  client.doing = Doing::reading;
  client.out.clear();
  client.sent = 0;
  client.closing = true;
}

WebServer::Client* WebServer::find(std::uint64_t number) {
  const auto found = std::ranges::find(clients_, number, &Client::number);
  return found == clients_.end() || found->closing ? nullptr : &*found;
}

void WebServer::answer(std::uint64_t number, const WebAnswer& answer, std::uint64_t now) {
  const auto found = std::ranges::find(clients_, number, &Client::number);
  if (found == clients_.end() || found->doing != Doing::waiting) return;
  reply(*found, answer);
  found->since = now;
  write_to(*found, now);
}

bool WebServer::send(std::uint64_t number, std::string_view bytes) {
  Client* client = find(number);
  if (!client || client->doing != Doing::streaming) return false;
  if (client->waiting() + bytes.size() > options_.max_backlog) {
    close(*client);
    return false;
  }
  if (client->waiting() == 0) client->since = now_;
  client->out.erase(0, std::exchange(client->sent, 0));
  client->out += bytes;
  return true;
}

void WebServer::end(std::uint64_t number) {
  if (Client* client = find(number)) close(*client);
}

}  // namespace saker::service
