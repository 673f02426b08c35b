// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ctime>

namespace saker::cli {
namespace {

// How long the daemon may take to answer a request; it answers from memory.
constexpr int answer_ms = 10'000;

Error unreachable(const std::string& path, int errnum) {
  Error error = Error::from_errno("control socket " + path, errnum);
  if (errnum == ENOENT || errnum == ECONNREFUSED)
    error.message += "; is sakerd running? (systemctl start saker, or --socket=PATH)";
  else if (errnum == EACCES)
    error.message += "; only root and the socket's group may ask";
  return error;
}

std::uint64_t now(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(at.tv_nsec);
}

}  // namespace

Result<ControlClient> ControlClient::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{"control socket " + path + ": the path is too long for a socket"};
  path.copy(address.sun_path, path.size());
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Error::from_errno("socket");
  ControlClient control(fd, path);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return unreachable(path, errno);
  return control;
}

ControlClient::ControlClient(ControlClient&& from) noexcept
    : fd_(std::exchange(from.fd_, -1)),
      path_(std::move(from.path_)),
      pending_(std::move(from.pending_)) {}

ControlClient& ControlClient::operator=(ControlClient&& from) noexcept {
  std::swap(fd_, from.fd_);
  std::swap(path_, from.path_);
  std::swap(pending_, from.pending_);
  return *this;
}

ControlClient::~ControlClient() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> ControlClient::send(std::string_view command) {
  return send_object("{\"cmd\":\"" + std::string(command) + "\"}");
}

Result<void> ControlClient::send_object(std::string_view json) {
  const std::string text = std::string(json) + "\n";
  for (std::size_t done = 0; done < text.size();) {
    ssize_t wrote = ::send(fd_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Error::from_errno("control socket " + path_);
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

template <typename Ready>
Result<std::size_t> ControlClient::await(int timeout_ms, Ready ready) {
  std::uint64_t end = boot_time() + static_cast<std::uint64_t>(timeout_ms) * 1'000'000u;
  for (;;) {
    if (std::size_t found = ready(pending_); found != std::string::npos) return found;
    int wait = -1;
    if (timeout_ms >= 0) {
      std::uint64_t at = boot_time();
      wait = at >= end ? 0 : static_cast<int>((end - at + 999'999) / 1'000'000);
    }
    pollfd one{fd_, POLLIN, 0};
    int events = ::poll(&one, 1, wait);
    if (events < 0 && errno == EINTR) continue;
    if (events < 0) return Error::from_errno("control socket " + path_);
    if (events == 0) return std::string::npos;
    char bytes[65536];
    ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno("control socket " + path_);
    if (got == 0) return Error{"control socket " + path_ + ": the daemon closed it", EPIPE};
    pending_.append(bytes, static_cast<std::size_t>(got));
  }
}

// Removes and returns the first `count` bytes; also removes `behind` more.
std::string ControlClient::take(std::size_t count, std::size_t behind) {
  std::string found = pending_.substr(0, count);
  pending_.erase(0, count + behind);
  return found;
}

Result<std::optional<std::string>> ControlClient::line(int timeout_ms) {
  Result<std::size_t> end =
      await(timeout_ms, [](const std::string& pending) { return pending.find('\n'); });
  if (!end) return end.error();
  return *end == std::string::npos ? std::nullopt : std::optional(take(*end, 1));
}

Result<std::optional<std::string>> ControlClient::bytes(std::size_t count, int timeout_ms) {
  Result<std::size_t> end = await(timeout_ms, [count](const std::string& pending) {
    return pending.size() < count ? std::string::npos : count;
  });
  if (!end) return end.error();
  return *end == std::string::npos ? std::nullopt : std::optional(take(count, 0));
}

Result<std::string> ControlClient::ask(std::string_view command) {
  return ask_object("{\"cmd\":\"" + std::string(command) + "\"}");
}

Result<std::string> ControlClient::ask_object(std::string_view json) {
  if (Result<void> sent = send_object(json); !sent) return sent.error();
  Result<std::optional<std::string>> answer = line(answer_ms);
  if (!answer) return answer.error();
  if (!*answer)
    return Error{"control socket " + path_ + ": no answer within 10 seconds", ETIMEDOUT};
  return std::move(**answer);
}

std::uint64_t boot_time() { return now(CLOCK_BOOTTIME); }
std::uint64_t wall_time() { return now(CLOCK_REALTIME); }

}  // namespace saker::cli
