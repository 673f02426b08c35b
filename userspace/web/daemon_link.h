// SPDX-License-Identifier: Apache-2.0
// The page's side of the daemon's control socket: follows alerts, and requests the status. One
// thread polls; nothing here blocks. If the daemon is absent, the link reconnects every second.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace saker::web {

class DaemonLink {
 public:
  using TakeLine = std::function<void(std::string_view line)>;
  // The answer, a line of JSON; "": the daemon does not answer.
  using Then = std::function<void(const std::string& answer)>;

  // `take` is called with every alert.
  DaemonLink(std::string path, TakeLine take) : path_(std::move(path)), take_(std::move(take)) {}

  void wants(std::vector<pollfd>& fds) const;
  // What wants() added, after poll; `now` in ns of a clock that never goes back.
  void serve(const pollfd* fds, std::size_t count, std::uint64_t now);

  void ask(std::string_view command, Then then);

  bool connected() const { return alerts_.ready; }
  const std::string& problem() const { return problem_; }
  // Alerts that the daemon dropped because this link was too slow.
  std::uint64_t dropped() const { return dropped_; }

  static constexpr std::size_t most_asked = 32;
  static constexpr std::size_t longest_line = 8u << 20;

 private:
  struct Connection {
    Fd fd;
    std::string in, out;
    bool ready = false;       // it has answered
    std::uint64_t tried = 0;  // when it was connected last
  };

  bool connect(Connection& connection, std::uint64_t now);
  // Passes each complete line to `take`. False: the connection has ended.
  template <typename Take>
  bool exchange(Connection& connection, Take take);
  void take_alert(std::string_view line);
  void take_answer(std::string_view line);
  void lose(Connection& connection);

  const std::string path_;
  const TakeLine take_;
  Connection alerts_, answers_;
  std::deque<Then> asked_;
  std::string problem_;
  std::uint64_t dropped_ = 0;
};

}  // namespace saker::web
