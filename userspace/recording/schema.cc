// SPDX-License-Identifier: Apache-2.0
#include "recording/schema.h"

#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "decode/record.h"
#include "recording/encoder.h"
#include "recording/frame.h"

namespace saker::recording {

using Json = nlohmann::json;

namespace {

constexpr std::string_view type_names[] = {"FD",   "I64", "U64",  "U32",  "UID",  "FLAGS",
                                           "MODE", "STR", "PATH", "ARGV", "SOCK", "ADDR"};
constexpr std::size_t first_blob = 7;
static_assert(std::size(type_names) == static_cast<std::size_t>(decode::ParamType::ADDR) + 1);

std::string_view type_name(decode::ParamType type) {
  return type_names[static_cast<std::size_t>(type)];
}

bool is_blob(std::string_view type) {
  for (std::size_t i = first_blob; i < std::size(type_names); i++)
    if (type_names[i] == type) return true;
  return false;
}

std::string text_at(const Json& from, const char* key) {
  Json::const_iterator at = from.find(key);
  return at != from.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::uint64_t number_at(const Json& from, const char* key) {
  Json::const_iterator at = from.find(key);
  return at != from.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

Json events() {
  Json out = Json::array();
  for (std::uint16_t id = 1; id < SAKER_EV_MAX; id++) {
    const decode::EventInfo& info = decode::event_info(id);
    if (info.name.empty()) continue;
    Json params = Json::array();
    for (const decode::ParamInfo& param : info.params)
      params.push_back({param.name, type_name(param.type)});
    out.push_back({{"id", id},
                   {"name", info.name},
                   {"lane", info.life ? "LIFE" : "EVENT"},
                   {"params", params}});
  }
  return out;
}

// One event of the recording. It is unknown if a parameter that both sides have differs.
Schema::Type match(const Json& event) {
  Schema::Type out;
  std::uint16_t ours = decode::event_id(text_at(event, "name"));
  std::span<const decode::ParamInfo> known = decode::event_info(ours).params;
  Json::const_iterator params = event.find("params");
  if (params == event.end() || !params->is_array()) return out;
  unsigned slot = 0;
  for (const Json& param : *params) {
    if (slot >= 64 || !param.is_array() || param.size() < 2 || !param[0].is_string() ||
        !param[1].is_string())
      break;
    std::string name = param[0].get<std::string>(), type = param[1].get<std::string>();
    if (slot < known.size() && (name != known[slot].name || type != type_name(known[slot].type)))
      return {};
    if (is_blob(type)) out.blobs |= std::uint64_t{1} << slot;
    slot++;
  }
  out.slots = std::min<unsigned>(slot, static_cast<unsigned>(known.size()));
  out.ours = ours;
  return out;
}

}  // namespace

Description describe_host() {
  Description out;
  utsname name{};
  if (::uname(&name) == 0) {
    out.host = name.nodename;
    out.kernel = name.release;
    out.machine = name.machine;
  }
  out.boot_time = wall_offset_ns();
  return out;
}

Schema Schema::own() {
  Schema out;
  for (std::uint16_t id = 1; id < SAKER_EV_MAX; id++) {
    const decode::EventInfo& info = decode::event_info(id);
    if (!info.name.empty())
      out.types[id] = {id, blob_slots(id), static_cast<unsigned>(info.params.size())};
  }
  return out;
}

std::string encode(const Description& description) {
  Json json = {{"host", description.host},           {"kernel", description.kernel},
               {"machine", description.machine},     {"program", description.program},
               {"boot_time", description.boot_time}, {"events", events()}};
  BlockHead head;
  head.type = description_block;
  constexpr int level = 9;
  return pack(head, json.dump(-1, ' ', false, Json::error_handler_t::replace), level);
}

Result<Description> decode(std::string_view content, Schema& schema) {
  Json json = Json::parse(content, nullptr, false);
  if (!json.is_object()) return Error{"the description of the recording is not a JSON object"};
  Json::const_iterator list = json.find("events");
  if (list == json.end() || !list->is_array())
    return Error{"the description of the recording names no events"};
  schema = {};
  for (const Json& event : *list) {
    if (!event.is_object()) continue;
    std::uint64_t id = number_at(event, "id");
    if (id > 0 && id < SAKER_EV_MAX) schema.types[id] = match(event);
  }
  return Description{text_at(json, "host"), text_at(json, "kernel"), text_at(json, "machine"),
                     text_at(json, "program"), number_at(json, "boot_time")};
}

}  // namespace saker::recording
