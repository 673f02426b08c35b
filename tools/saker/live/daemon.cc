// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "../control.h"
#include "sources.h"

namespace saker::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_block = 64u << 20;

std::uint64_t number_at(const Json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// {"block":N} followed by N bytes, and at the end {"end":true,...}.
class DaemonLive final : public Live {
 public:
  explicit DaemonLive(ControlClient control) : control_(std::move(control)) {}

  std::string describe() const override { return "the daemon"; }
  Result<std::optional<std::string>> next(int timeout_ms) override;
  Result<void> stop() override { return control_.send("end"); }
  Result<void> begin(const LiveOptions& options);

 private:
  ControlClient control_;
  std::size_t coming_ = 0;  // remaining bytes of a block whose line was read
};

Result<void> DaemonLive::begin(const LiveOptions& options) {
  Json request{{"cmd", "record"}, {"filter", options.filter}, {"cut_ms", options.cut_ms}};
  if (options.rules_only) request["events"] = "rules";
  Result<std::string> answer =
      control_.ask_object(request.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!answer) return answer.error();
  Json reply = Json::parse(*answer, nullptr, false);
  if (!reply.is_object() || reply.value("ok", false) == false)
    return Error{reply.is_object() && reply.contains("error") && reply["error"].is_string()
                     ? reply["error"].get<std::string>()
                     : "the daemon refuses a recording: " + *answer,
                 EINVAL};
  constexpr int answer_ms = 10'000;
  Result<std::optional<std::string>> first = next(answer_ms);
  if (!first) return first.error();
  if (!*first) return Error{"the daemon sends nothing"};
  description_ = std::move(**first);
  return {};
}

Result<std::optional<std::string>> DaemonLive::next(int timeout_ms) {
  if (end_) return std::optional<std::string>();
  if (coming_ == 0) {
    Result<std::optional<std::string>> line = control_.line(timeout_ms);
    if (!line || !*line) return line;
    Json head = Json::parse(**line, nullptr, false);
    if (head.is_object() && head.contains("end")) {
      end_ = {number_at(head, "events"), number_at(head, "lost")};
      return std::optional<std::string>();
    }
    coming_ = head.is_object() ? number_at(head, "block") : 0;
    if (coming_ == 0 || coming_ > largest_block)
      return Error{"the data from the daemon is not a recording: " + **line};
  }
  Result<std::optional<std::string>> block = control_.bytes(coming_, timeout_ms);
  if (block && *block) coming_ = 0;
  return block;
}

}  // namespace

Result<std::unique_ptr<Live>> open_daemon(const LiveOptions& options) {
  Result<ControlClient> control = ControlClient::connect(options.socket);
  if (!control) return control.error();
  auto live = std::make_unique<DaemonLive>(std::move(*control));
  if (Result<void> begun = live->begin(options); !begun) return begun.error();
  return std::unique_ptr<Live>(std::move(live));
}

}  // namespace saker::cli
