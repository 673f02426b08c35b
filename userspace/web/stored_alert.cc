// SPDX-License-Identifier: Apache-2.0
#include "web/stored_alert.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace saker::web {
namespace {

using Json = nlohmann::json;

// Of one alert; more is cut, as nobody searches for it.
constexpr std::size_t most_words = 4096;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The first of these that there is.
std::string first_of(const Json& fields, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (std::string text = text_of(fields, key); !text.empty() && text != "<NA>") return text;
  return {};
}

void read_fields(const Json& fields, StoredAlert& alert) {
  alert.container = first_of(fields, {"container.name", "container.id"});
  if (alert.container == "host") alert.container.clear();
  alert.pod = first_of(fields, {"k8s.pod.name"});
  if (const std::string space = first_of(fields, {"k8s.ns.name"});
      !alert.pod.empty() && !space.empty())
    alert.pod = space + "/" + alert.pod;
  for (const char* key : {"evt.time", "evt.time.iso8601"}) {
    const auto time = fields.find(key);
    if (time != fields.end() && time->is_number_unsigned()) alert.time = time->get<std::uint64_t>();
  }
  for (const Json& value : fields) {
    if (!value.is_string()) continue;
    const std::string& text = value.get_ref<const std::string&>();
    // Most values stand in the message already.
    if (alert.words.size() + text.size() < most_words &&
        alert.words.find(text) == std::string::npos)
      alert.words += ' ' + text;
  }
}

}  // namespace

std::optional<StoredAlert> parse_alert(std::string_view line, std::uint64_t now) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  StoredAlert alert;
  alert.rule_name = text_of(object, "rule");
  const std::optional<lang::Priority> priority = lang::parse_priority(text_of(object, "priority"));
  if (alert.rule_name.empty() || !priority) return std::nullopt;
  alert.priority = *priority;
  alert.time = now;
  alert.json = line;
  alert.words = text_of(object, "output").substr(0, most_words / 2) + ' ' +
                alert.rule_name.substr(0, most_words / 4);
  if (const auto fields = object.find("output_fields");
      fields != object.end() && fields->is_object())
    read_fields(*fields, alert);
  if (const auto tags = object.find("tags"); tags != object.end() && tags->is_array())
    for (const Json& tag : *tags)
      if (tag.is_string()) alert.tags.push_back(tag.get<std::string>());
  std::ranges::sort(alert.tags);
  return alert;
}

}  // namespace saker::web
