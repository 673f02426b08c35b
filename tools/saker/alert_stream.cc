// SPDX-License-Identifier: Apache-2.0
#include "alert_stream.h"

#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "terminal.h"

namespace saker::cli {
namespace {

// How long the daemon may take to confirm that it will send alerts.
constexpr int subscribe_ms = 10'000;

std::string text_of(const nlohmann::json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::optional<SeenAlert> parse_alert(const std::string& line, std::uint64_t arrived_boot) {
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  SeenAlert alert{text_of(object, "rule"), text_of(object, "priority"), text_of(object, "output"),
                  0, arrived_boot};
  if (alert.rule.empty()) return std::nullopt;
  auto fields = object.find("output_fields");
  if (fields != object.end() && fields->is_object()) {
    for (const char* key : {"evt.time", "evt.time.iso8601"}) {
      auto time = fields->find(key);
      if (time != fields->end() && time->is_number_unsigned())
        alert.event_time = time->get<std::uint64_t>();
    }
  }
  return alert;
}

Result<ControlClient> subscribe(const std::string& socket) {
  Result<ControlClient> control = ControlClient::connect(socket);
  if (!control) return control.error();
  Result<std::string> answer = control->ask("alerts");
  if (!answer) return answer.error();
  nlohmann::json reply = nlohmann::json::parse(*answer, nullptr, false);
  auto ok = reply.is_object() ? reply.find("ok") : reply.end();
  if (!reply.is_object() || ok == reply.end() || !ok->is_boolean() || !ok->get<bool>())
    return Error{"the daemon does not send alerts: " + *answer};
  return control;
}

Result<std::unique_ptr<AlertStream>> AlertStream::open(const std::string& socket, bool echo) {
  Result<ControlClient> control = subscribe(socket);
  if (!control) return control.error();
  std::unique_ptr<AlertStream> stream(new AlertStream(std::move(*control), echo));
  stream->reader_ = std::thread([raw = stream.get()] { raw->read_all(); });
  return stream;
}

AlertStream::~AlertStream() {
  ::shutdown(control_.descriptor(), SHUT_RDWR);
  if (reader_.joinable()) reader_.join();
}

void AlertStream::read_all() {
  for (;;) {
    Result<std::optional<std::string>> line = control_.line(-1);
    std::uint64_t arrived = boot_time();
    std::lock_guard guard(lock_);
    if (!line) {
      ended_ = line.error().message;
      came_.notify_all();
      return;
    }
    if (!*line) continue;
    std::optional<SeenAlert> alert = parse_alert(**line, arrived);
    if (!alert) continue;
    received_++;
    if (echo_) {
      std::printf("    %s\n", alert_line(alert->output, alert->priority).c_str());
      std::fflush(stdout);
    }
    alerts_.push_back(std::move(*alert));
    came_.notify_all();
  }
}

std::optional<SeenAlert> AlertStream::take(std::string_view rule, std::uint64_t since_wall,
                                           std::uint64_t until_boot) {
  std::unique_lock guard(lock_);
  for (;;) {
    while (!alerts_.empty()) {
      SeenAlert alert = std::move(alerts_.front());
      alerts_.pop_front();
      if (alert.rule == rule && alert.event_time >= since_wall) return alert;
    }
    std::uint64_t now = boot_time();
    if (!ended_.empty() || now >= until_boot) return std::nullopt;
    came_.wait_for(guard, std::chrono::nanoseconds(until_boot - now));
  }
}

std::string AlertStream::ended() {
  std::lock_guard guard(lock_);
  return ended_;
}

std::uint64_t AlertStream::received() {
  std::lock_guard guard(lock_);
  return received_;
}

}  // namespace saker::cli
