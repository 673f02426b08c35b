// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/google_credentials.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace saker::output {
namespace {

using Json = nlohmann::json;

// Nothing: it is not base64. Line breaks are ignored.
std::optional<std::string> base64_decoded(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '=') continue;
    const std::size_t digit = digits.find(c);
    if (digit == digits.npos) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(digit);
    if ((have += 6) < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xff);
  }
  return out;
}

std::string text_at(const Json& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Result<GoogleCredentials> read_google_credentials(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  std::string json(begin == text.npos ? std::string_view() : text.substr(begin));
  if (!json.starts_with('{')) json = base64_decoded(json).value_or("");
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object())
    return Error{"are neither the JSON key of a service account nor the same in base64"};
  if (const std::string type = text_at(parsed, "type"); type != "service_account")
    return Error{"have the type \"" + type + "\", not service_account"};
  GoogleCredentials out{.email = text_at(parsed, "client_email"),
                        .key_id = text_at(parsed, "private_key_id"),
                        .key = text_at(parsed, "private_key"),
                        .token_url = text_at(parsed, "token_uri")};
  if (out.token_url.empty()) out.token_url = "https://oauth2.googleapis.com/token";
  if (out.email.empty() || out.key.empty()) return Error{"lack client_email or private_key"};
  if (!out.token_url.starts_with("https://") && !out.token_url.starts_with("http://"))
    return Error{"have a token_uri that is no URL"};
  return out;
}

}  // namespace saker::output
