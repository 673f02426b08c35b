// SPDX-License-Identifier: Apache-2.0
// A server for HTTP clients under test.
#pragma once

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "base/fd.h"

namespace saker::test {

// Answers each request with what `answer` returns for it; one connection at a time.
class HttpServer {
 public:
  struct Request {
    std::string target;  // "GET /path"
    std::string body;
  };
  using Answer = std::function<std::string(const Request& request)>;

  explicit HttpServer(Answer answer)
      : answer_(std::move(answer)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(fd_.get(), 64) == 0);
    socklen_t size = sizeof(address);
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    thread_ = std::thread([this] { run(); });
  }
  ~HttpServer() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string url;

 private:
  static bool complete(const std::string& text) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head == text.npos || text.starts_with("GET ")) return head != text.npos;
    const std::size_t length = text.find("Content-Length: ");
    return length != text.npos && text.size() >= head + 4 + std::stoul(text.substr(length + 16));
  }

  void run() {
    for (;;) {
      const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      std::string text;
      char buffer[4096];
      while (!complete(text)) {
        const ssize_t got = ::read(client.get(), buffer, sizeof(buffer));
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
      }
      const std::size_t head = text.find("\r\n\r\n");
      if (head == text.npos) continue;  // the client closed the connection
      const std::string answer =
          answer_({text.substr(0, text.find(" HTTP/")), text.substr(head + 4)});
      (void)!::write(client.get(), answer.data(), answer.size());
    }
  }

  const Answer answer_;
  const Fd fd_;
  std::thread thread_;
};

inline std::string status(int number, const std::string& more = "", const std::string& body = "") {
  return "HTTP/1.1 " + std::to_string(number) + " X\r\nConnection: close\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace saker::test
