// SPDX-License-Identifier: Apache-2.0
// The alerts as they come, to browsers that listen: server-sent events. However many there are, a
// browser is sent a bounded number at a time, and is told how many were left out (they are in the
// history). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "service/web_server.h"
#include "web/stored_alert.h"

namespace saker::web {

class LiveFeed {
 public:
  // Of who listens; false: there are too many already.
  bool add(std::uint64_t client, std::string session);
  // All of a session, which has ended.
  void end(std::string_view session, service::WebServer& server);

  void take(const StoredAlert& alert);
  // Sends what came since. To be called at least each `pause_ns` while anything waits.
  void flush(service::WebServer& server, std::uint64_t now);
  bool waiting() const { return !fresh_.empty() || skipped_ != 0; }
  std::size_t listeners() const { return listeners_.size(); }

  static constexpr std::size_t most_listeners = 64, most_at_once = 50;
  static constexpr std::uint64_t pause_ns = 200'000'000, breath_ns = 15'000'000'000;

 private:
  struct Listener {
    std::uint64_t client;
    std::string session;
  };
  void send(service::WebServer& server, std::string_view text);

  std::vector<Listener> listeners_;
  std::deque<std::string> fresh_;  // the newest that were not sent
  std::uint64_t skipped_ = 0, sent_ = 0;
};

// {"id":N,"alert":LINE}
std::string alert_json(std::uint64_t id, std::string_view line);

}  // namespace saker::web
