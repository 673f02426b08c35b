// SPDX-License-Identifier: Apache-2.0
#include "web/live.h"

namespace saker::web {

std::string alert_json(std::uint64_t id, std::string_view line) {
  return "{\"id\":" + std::to_string(id) + ",\"alert\":" + std::string(line) + "}";
}

bool LiveFeed::add(std::uint64_t client, std::string session) {
  if (listeners_.size() >= most_listeners) return false;
  listeners_.push_back({client, std::move(session)});
  return true;
}

void LiveFeed::end(std::string_view session, service::WebServer& server) {
  std::erase_if(listeners_, [&](const Listener& listener) {
    if (listener.session != session) return false;
    server.end(listener.client);
    return true;
  });
}

void LiveFeed::take(const StoredAlert& alert) {
  if (listeners_.empty()) return;
  if (fresh_.size() == most_at_once) {
    fresh_.pop_front();
    skipped_++;
  }
  fresh_.push_back(alert_json(alert.id, alert.json));
}

void LiveFeed::flush(service::WebServer& server, std::uint64_t now) {
  if (now - sent_ < pause_ns) return;
  if (!waiting() && now - sent_ < breath_ns) return;
  sent_ = now;
  // A comment now and then, so that one who has gone is noticed.
  if (!waiting()) return send(server, ":\n\n");
  std::string text = "data: {\"skipped\":" + std::to_string(skipped_) + ",\"alerts\":[";
  for (const std::string& alert : fresh_) text += (&alert == &fresh_.front() ? "" : ",") + alert;
  send(server, text + "]}\n\n");
  fresh_.clear();
  skipped_ = 0;
}

void LiveFeed::send(service::WebServer& server, std::string_view text) {
  std::erase_if(listeners_,
                [&](const Listener& listener) { return !server.send(listener.client, text); });
}

}  // namespace saker::web
