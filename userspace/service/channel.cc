// SPDX-License-Identifier: Apache-2.0
#include "service/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace saker::service {
namespace {

class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(Fd fd) : fd_(std::move(fd)) {}

  Outcome read(char* to, std::size_t most) override {
    return outcome(::recv(fd_.get(), to, most, 0), State::wants_read, true);
  }
  Outcome write(const char* from, std::size_t bytes) override {
    return outcome(::send(fd_.get(), from, bytes, MSG_NOSIGNAL), State::wants_write, false);
  }
  int fd() const override { return fd_.get(); }

 private:
  static Outcome outcome(ssize_t moved, State later, bool zero_is_end) {
    if (moved > 0 || (moved == 0 && !zero_is_end))
      return {State::done, static_cast<std::size_t>(moved)};
    if (moved < 0 && (errno == EAGAIN || errno == EINTR)) return {later, 0};
    return {State::closed, 0};
  }

  Fd fd_;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(Fd fd) {
  return std::make_unique<PlainChannel>(std::move(fd));
}

}  // namespace saker::service
