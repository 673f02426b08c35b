// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/document.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output/escape.h"

namespace saker::output {
namespace {

using Json = nlohmann::ordered_json;

// A UUID of version 8 (RFC 9562), derived from the alert.
std::string uuid_of(std::string_view json) {
  const XXH128_hash_t hash = XXH3_128bits(json.data(), json.size());
  const std::uint64_t high = (hash.high64 & ~0xf000ull) | 0x8000ull;
  const std::uint64_t low = (hash.low64 & ~(3ull << 62)) | 2ull << 62;
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int i = 0; i < 32; i++) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    const std::uint64_t half = i < 16 ? high : low;
    out += digits[half >> (60 - 4 * (i % 16)) & 15];
  }
  return out;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string()
                         : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// As the formatter writes it: escaped, but with numbers as they were read.
std::string json_of(const Json& value) {
  if (!value.is_string()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  append_json(out, value.get_ref<const std::string&>());
  return out;
}

void take(Document& out, const std::string& key, const Json& value) {
  const auto text = [&](std::string& to) { to = text_of(value); };
  if (key == "hostname") return text(out.hostname);
  if (key == "output") return text(out.output);
  if (key == "rule") return text(out.rule);
  if (key == "source") return text(out.source);
  if (key == "time") return text(out.time);
  if (key == "priority" || key == "uuid") return;
  if (key == "tags" && value.is_array()) {
    for (const Json& tag : value) out.tags.push_back(text_of(tag));
  } else if (key == "output_fields" && value.is_object()) {
    for (const auto& [name, field] : value.items())
      out.fields.push_back({name, json_of(field), text_of(field)});
  } else {
    out.more.push_back({key, json_of(value), text_of(value)});
  }
}

void append_member(std::string& out, std::string_view key, std::string_view json) {
  if (out.back() != '{') out += ',';
  append_json(out, key);
  out += ':';
  out += json;
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  append_member(out, key, "");
  append_json(out, text);
}

}  // namespace

const Field* Document::find(std::string_view key) const {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : &*found;
}

std::string Document::json() const {
  std::string out = "{";
  append_text(out, "uuid", uuid);
  append_text(out, "hostname", hostname);
  for (const Field& field : more) append_member(out, field.key, field.json);
  append_text(out, "output", output);
  append_member(out, "output_fields", "{");
  for (const Field& field : fields) append_member(out, field.key, field.json);
  out += '}';
  append_text(out, "priority", lang::priority_name(priority));
  append_text(out, "rule", rule);
  append_text(out, "source", source);
  append_member(out, "tags", "[");
  for (std::size_t i = 0; i < tags.size(); i++) {
    if (i) out += ',';
    append_json(out, tags[i]);
  }
  out += ']';
  append_text(out, "time", time);
  return out + '}';
}

std::string uuid_of(const Alert& alert) { return uuid_of(std::string_view(alert.json)); }

Result<Document> read_document(const Alert& alert) {
  const Json parsed = Json::parse(alert.json, nullptr, false);
  if (!parsed.is_object()) return Error{"the alert has no JSON"};
  Document out;
  out.uuid = uuid_of(alert);
  out.priority = alert.priority;
  out.time_ns = alert.time;
  out.rule = alert.rule_name;
  for (const auto& [key, value] : parsed.items()) take(out, key, value);
  return out;
}

}  // namespace saker::output
