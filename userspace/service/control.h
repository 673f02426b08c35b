// SPDX-License-Identifier: Apache-2.0
// The control socket: JSON objects, one a line, both ways (docs/operating.md). Served by the main thread's poll loop;
// offer() is for the output thread. A client that does not read costs memory up to a limit, then alerts of its own.
#pragma once

#include <poll.h>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker::service {

class Control {
 public:
  static constexpr std::size_t max_clients = 64;
  static constexpr std::size_t max_request = 64u << 10;
  static constexpr std::size_t max_backlog = 4u << 20;  // bytes of alerts a follower has not read

  // The answer to a command, a JSON object without its newline; "" if there is no such command.
  using Answer = std::function<std::string(std::string_view command)>;

  // Takes the place of a socket nobody listens on any more; mode 0600.
  static Result<std::unique_ptr<Control>> make(const std::string& path, Answer answer);
  ~Control();

  // For poll(2): appends what is waited for. After it, serve() with the same stretch of entries.
  void wants(std::vector<pollfd>& fds) const;
  void serve(const pollfd* fds, std::size_t count);

  // Any thread: a line for everyone who follows the alerts.
  void offer(std::string_view json_line);
  // After everything was offered: writes what can be written without waiting long.
  void finish();

 private:
  struct Client {
    Fd fd;
    std::string in, out;
    bool following = false, closing = false;
    std::uint64_t dropped = 0;
  };

  Control(std::string path, Fd listener, Fd bell, Answer answer);
  void accept_client();
  void read_from(Client& client);
  void execute(Client& client, std::string_view line);
  void write_to(Client& client);
  void hand_out();

  const std::string path_;
  Fd listener_, bell_;
  Answer answer_;
  std::list<Client> clients_;
  std::atomic<unsigned> followers_{0};
  std::mutex lock_;      // guards what offer() leaves behind
  std::string offered_;
  std::uint64_t not_offered_ = 0;
};

// {"ok":false,"error":"..."}
std::string refusal(std::string_view why);

}  // namespace saker::service
