// SPDX-License-Identifier: Apache-2.0
// Answers of the page that are JSON. Any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "service/web_server.h"

namespace saker::web {

using Json = nlohmann::ordered_json;

inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline service::WebAnswer json_answer(int status, const Json& json) {
  return {.status = status, .body = dump(json) + "\n"};
}

inline service::WebAnswer problem(int status, std::string_view why) {
  return json_answer(status, {{"error", why}});
}

}  // namespace saker::web
