// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <unistd.h>

#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

namespace saker::cli {
namespace {

using nlohmann::json;

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> member_number(const json& object, const char* key) {
  auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer() || *found < 0) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

std::optional<std::uint64_t> parse_utc(std::string_view text) {
  std::tm when{};
  std::string copy(text);
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &when);
  if (!rest) return std::nullopt;
  std::uint64_t ns = 0, unit = 1'000'000'000;
  if (*rest == '.') {
    for (rest++; *rest >= '0' && *rest <= '9' && unit > 1; rest++)
      ns += static_cast<std::uint64_t>(*rest - '0') * (unit /= 10);
  }
  if (std::string_view(rest) != "Z") return std::nullopt;
  std::time_t seconds = ::timegm(&when);
  if (seconds < 0) return std::nullopt;
  return static_cast<std::uint64_t>(seconds) * 1'000'000'000 + ns;
}

Result<Target> target_of_alert(std::string_view text) {
  json alert = json::parse(text, nullptr, false);
  if (!alert.is_object())
    return Error{"an alert is a JSON object on one line, as saker replay --json prints it"};
  auto rule = alert.find("rule");
  if (rule == alert.end() || !rule->is_string()) return Error{"the alert has no key \"rule\""};
  Target target;
  target.rule = rule->get<std::string>();
  auto time = alert.find("time");
  if (time != alert.end() && time->is_string()) target.time = parse_utc(time->get<std::string>());
  auto fields = alert.find("output_fields");
  if (fields != alert.end() && fields->is_object()) {
    target.number = member_number(*fields, "evt.num");
    // Only the second choice: some programs that pass on JSON do not preserve a number with so many
    // digits.
    if (!target.time) target.time = member_number(*fields, "evt.time");
  }
  if (!target.number && !target.time)
    return Error{"the alert has no \"time\" that could identify its event"};
  return target;
}

std::optional<std::uint64_t> take_number(std::string& path) {
  std::size_t colon = path.rfind(':');
  if (colon == path.npos || ::access(path.c_str(), F_OK) == 0) return std::nullopt;
  std::optional<std::uint64_t> number = parse_count(std::string_view(path).substr(colon + 1));
  if (number) path.resize(colon);
  return number;
}

}  // namespace saker::cli
