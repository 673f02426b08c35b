// SPDX-License-Identifier: Apache-2.0
// A server for HTTP clients under test.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "loopback.h"

namespace saker::test {

// Answers each request with what `answer` returns for it; one connection at a time.
class HttpServer {
  const LoopbackListener listener_{64};

 public:
  struct Request {
    std::string target;  // "GET /path"
    std::string body;
  };
  using Answer = std::function<std::string(const Request& request)>;

  explicit HttpServer(Answer answer)
      : url("http://127.0.0.1:" + std::to_string(listener_.port) + "/"),
        answer_(std::move(answer)) {
    thread_ = std::thread([this] { run(); });
  }
  ~HttpServer() {
    ::shutdown(listener_.fd.get(), SHUT_RDWR);
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
      const Fd client = listener_.accept();
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
  std::thread thread_;
};

inline std::string status(int number, const std::string& more = "", const std::string& body = "") {
  return "HTTP/1.1 " + std::to_string(number) + " X\r\nConnection: close\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace saker::test
