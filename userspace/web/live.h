// SPDX-License-Identifier: Apache-2.0
// Sends alerts as they arrive to browsers, as server-sent events. At any rate of alerts, a browser
// gets a limited number at a time, and the number of those left out (the history has them). One
// thread.
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
  // Adds a browser; false: there are too many.
  bool add(std::uint64_t client, std::string session);
  // Removes all browsers of a session that has ended.
  void end(std::string_view session, service::WebServer& server);

  void take(const StoredAlert& alert);
  // Sends new alerts. Must be called at least every `pause_ns` while any wait.
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
