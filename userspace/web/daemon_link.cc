// SPDX-License-Identifier: Apache-2.0
#include "web/daemon_link.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace saker::web {
namespace {

constexpr std::uint64_t retry_ns = 1'000'000'000;
// Of one connection, before others get their turn.
constexpr std::size_t most_read = 1u << 20;

}  // namespace

void DaemonLink::wants(std::vector<pollfd>& fds) const {
  for (const Connection* connection : {&alerts_, &answers_}) {
    const int events = POLLIN | (connection->out.empty() ? 0 : POLLOUT);
    // A negative descriptor is passed over by poll.
    fds.push_back({connection->fd ? connection->fd.get() : -1, static_cast<short>(events), 0});
  }
}

bool DaemonLink::connect(Connection& connection, std::uint64_t now) {
  if (connection.fd) return true;
  if (connection.tried && now - connection.tried < retry_ns) return false;
  connection.tried = now;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(to.sun_path)) {
    problem_ = "control.socket " + path_ + ": the path is too long";
    return false;
  }
  std::memcpy(to.sun_path, path_.data(), path_.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // A full queue of the listener fails at once, too, and is tried again.
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) < 0) {
    problem_ = "sakerd does not answer on " + path_ + ": " + std::strerror(errno);
    return false;
  }
  connection.fd = std::move(fd);
  return true;
}

void DaemonLink::lose(Connection& connection) {
  if (connection.fd) problem_ = "sakerd has closed the connection";
  connection.fd.reset();
  connection.in.clear();
  connection.out.clear();
  connection.ready = false;
}

template <typename Take>
bool DaemonLink::exchange(Connection& connection, Take take) {
  while (!connection.out.empty()) {
    const ssize_t sent =
        ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (sent <= 0) return false;
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
  char buffer[65536];
  for (std::size_t read = 0; read < most_read;) {
    const ssize_t got = ::recv(connection.fd.get(), buffer, sizeof(buffer), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got <= 0) return false;
    read += static_cast<std::size_t>(got);
    connection.in.append(buffer, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = connection.in.find('\n', begin)) != std::string::npos;
         begin = end + 1)
      take(std::string_view(connection.in).substr(begin, end - begin));
    connection.in.erase(0, begin);
    if (connection.in.size() > longest_line) return false;
  }
  return true;
}

void DaemonLink::take_alert(std::string_view line) {
  if (!alerts_.ready && line.starts_with("{\"ok\":true")) {
    alerts_.ready = true;
    problem_.clear();
    return;
  }
  if (line.starts_with("{\"ok\":false") || line.starts_with("{\"dropped\":")) {
    const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_object() && object.contains("dropped") && object["dropped"].is_number_unsigned())
      dropped_ += object["dropped"].get<std::uint64_t>();
    else
      problem_ = "sakerd sends no alerts: " + std::string(line.substr(0, 200));
    return;
  }
  take_(line);
}

void DaemonLink::take_answer(std::string_view line) {
  if (asked_.empty()) return;
  const Then then = std::move(asked_.front());
  asked_.pop_front();
  then(std::string(line));
}

void DaemonLink::serve(const pollfd* fds, std::size_t count, std::uint64_t now) {
  const bool fresh = !alerts_.fd;
  if (connect(alerts_, now)) {
    if (fresh) alerts_.out = "{\"cmd\":\"alerts\"}\n";
    if (fresh || (count > 0 && fds[0].revents))
      if (!exchange(alerts_, [this](std::string_view line) { take_alert(line); })) lose(alerts_);
  }
  if (!answers_.fd || (count > 1 && !fds[1].revents && answers_.out.empty())) return;
  if (exchange(answers_, [this](std::string_view line) { take_answer(line); })) return;
  lose(answers_);
  for (const Then& then : std::exchange(asked_, {})) then("");
}

void DaemonLink::ask(std::string_view command, Then then) {
  if (asked_.size() >= most_asked) return then("");
  if (!answers_.fd) answers_.tried = 0;
  if (!connect(answers_, 1)) return then("");
  answers_.out += "{\"cmd\":\"" + std::string(command) + "\"}\n";
  asked_.push_back(std::move(then));
}

}  // namespace saker::web
