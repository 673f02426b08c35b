// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/connection.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "base/fd.h"
#include "output/sinks/curl_options.h"

namespace saker::output {
namespace {

constexpr std::size_t most_received = 64u << 10;

// A libcurl easy handle used only to connect: bytes are transferred by curl_easy_send and _recv,
// which never wait.
class CurlConnection final : public Connection {
 public:
  CurlConnection(CurlHandle handle, std::string name)
      : handle_(std::move(handle)), name_(std::move(name)) {}

  Result<void> connect(Patience& patience) {
    CURL* easy = handle_.get();
    limit_by(easy, patience);
    const CURLcode done = curl().perform(easy);
    if (done == CURLE_ABORTED_BY_CALLBACK) return Error{"", ETIMEDOUT};
    if (done != CURLE_OK) return Error{name_ + ": " + curl_error(easy, done)};
    if (curl().getinfo(easy, CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK)
      return Error{name_ + ": no connection was made"};
    return {};
  }

  Result<std::size_t> send(std::string_view bytes, Patience& patience) override {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      std::size_t now = 0;
      const CURLcode done =
          curl().send(handle_.get(), bytes.data() + sent, bytes.size() - sent, &now);
      sent += now;
      if (done == CURLE_AGAIN && !patience.wait(static_cast<int>(socket_), POLLOUT, -1))
        return sent;
      if (done != CURLE_OK && done != CURLE_AGAIN)
        return Error{name_ + ": " + curl_error(handle_.get(), done)};
    }
    return sent;
  }

  Result<std::string> receive(int timeout_ms, Patience& patience) override {
    std::string out(most_received, '\0');
    for (;;) {
      std::size_t got = 0;
      const CURLcode done = curl().recv(handle_.get(), out.data(), out.size(), &got);
      if (done == CURLE_OK && got == 0) return Error{name_ + ": the server closed the connection"};
      if (done == CURLE_OK) return out.substr(0, got);
      if (done != CURLE_AGAIN) return Error{name_ + ": " + curl_error(handle_.get(), done)};
      if (timeout_ms == 0 || !patience.wait(static_cast<int>(socket_), POLLIN, timeout_ms))
        return std::string();
    }
  }

  bool closed() override {
    char byte;
    std::size_t got = 0;
    const CURLcode done = curl().recv(handle_.get(), &byte, 1, &got);
    return done != CURLE_AGAIN && !(done == CURLE_OK && got == 1);
  }

 private:
  CurlHandle handle_;
  const std::string name_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

class DatagramConnection final : public Connection {
 public:
  DatagramConnection(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Result<std::size_t> send(std::string_view bytes, Patience& patience) override {
    for (;;) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      // The error belongs to an earlier datagram that nobody received; this one was not sent yet.
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Error::from_errno(name_);
      if (!patience.wait(fd_.get(), POLLOUT, -1)) return std::size_t{0};
    }
  }
  Result<std::string> receive(int timeout_ms, Patience& patience) override {
    if (!patience.wait(fd_.get(), POLLIN, timeout_ms)) return std::string();
    std::string out(most_received, '\0');
    const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), MSG_DONTWAIT);
    if (got < 0) return Error::from_errno(name_);
    return out.substr(0, static_cast<std::size_t>(got));
  }
  bool closed() override { return false; }

 private:
  const Fd fd_;
  const std::string name_;
};

using Opened = Result<std::unique_ptr<Connection>>;

Opened open_unix_datagrams(const Endpoint& endpoint) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (endpoint.host.size() >= sizeof(address.sun_path))
    return Error{endpoint.host + ": the path is too long for a socket"};
  std::memcpy(address.sun_path, endpoint.host.data(), endpoint.host.size());
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::from_errno("socket");
  // One alert may be larger than a socket's default buffer.
  const int bytes = 8 << 20;
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0)
    return Error::from_errno(endpoint.host);
  return std::unique_ptr<Connection>(
      std::make_unique<DatagramConnection>(std::move(fd), endpoint.host));
}

Opened open_udp(const Endpoint& endpoint) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  const int error =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (error != 0) return Error{endpoint.text() + ": " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  Error last{endpoint.text() + ": no address"};
  for (const addrinfo* each = found; each; each = each->ai_next) {
    Fd fd(::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd && ::connect(fd.get(), each->ai_addr, each->ai_addrlen) == 0)
      return std::unique_ptr<Connection>(
          std::make_unique<DatagramConnection>(std::move(fd), endpoint.text()));
    last = Error::from_errno(endpoint.text());
  }
  return last;
}

Opened open_stream(const Endpoint& endpoint, Patience& patience) {
  CurlHandle handle = make_curl();
  if (!handle) return Error{"libcurl cannot be used"};
  CURL* easy = handle.get();
  const bool local = endpoint.transport == Endpoint::Transport::unix_stream;
  const bool tls = endpoint.transport == Endpoint::Transport::tls;
  // In a URL, an address with colons is written in brackets.
  const std::string host = local ? "localhost"
                           : endpoint.host.find(':') == std::string::npos
                               ? endpoint.host
                               : "[" + endpoint.host + "]";
  const std::string url =
      (tls ? "https://" : "http://") + host + ":" + std::to_string(local ? 80 : endpoint.port);
  curl().setopt(easy, CURLOPT_URL, url.c_str());
  curl().setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl().setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl().setopt(easy, CURLOPT_PROXY, "");
  curl().setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(endpoint.timeout_ms));
  if (local) curl().setopt(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint.host.c_str());
  set_tls(easy, endpoint.tls);
  auto made = std::make_unique<CurlConnection>(std::move(handle), endpoint.text());
  if (Result<void> connected = made->connect(patience); !connected) return connected.error();
  return std::unique_ptr<Connection>(std::move(made));
}

}  // namespace

std::string Endpoint::text() const {
  if (transport == Transport::unix_stream || transport == Transport::unix_datagrams) return host;
  return host + ":" + std::to_string(port);
}

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint, Patience& patience) {
  switch (endpoint.transport) {
    case Endpoint::Transport::udp: return open_udp(endpoint);
    case Endpoint::Transport::unix_datagrams: return open_unix_datagrams(endpoint);
    case Endpoint::Transport::tcp:
    case Endpoint::Transport::tls:
    case Endpoint::Transport::unix_stream: break;
  }
  return open_stream(endpoint, patience);
}

}  // namespace saker::output
