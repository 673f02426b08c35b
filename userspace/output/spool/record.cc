// SPDX-License-Identifier: Apache-2.0
#include "output/spool/record.h"

#include <algorithm>
#include <limits>

#include "base/little_endian.h"
#include "output/spool/format.h"

namespace saker::output {
namespace {

constexpr std::uint8_t version = 1;
// version, priority, bytes of the rule's name (2), of the text (4), number, order, time (8 each).
constexpr std::size_t head_bytes = 32;

}  // namespace

void append_record(std::string& out, const Alert& alert, std::uint64_t number,
                   std::uint64_t order) {
  const std::string_view rule =
      std::string_view(alert.rule_name).substr(0, std::numeric_limits<std::uint16_t>::max());
  out += static_cast<char>(version);
  out += static_cast<char>(alert.priority);
  append_le(out, static_cast<std::uint16_t>(rule.size()));
  append_le(out, static_cast<std::uint32_t>(alert.text.size()));
  append_le(out, number);
  append_le(out, order);
  append_le(out, alert.time);
  out.append(rule).append(alert.text).append(alert.json);
}

std::optional<SpoolRecord> parse_record(std::string_view bytes) {
  if (bytes.size() < head_bytes || bytes[0] != version) return std::nullopt;
  const auto priority = static_cast<std::uint8_t>(bytes[1]);
  const std::size_t rule = read_le<std::uint16_t>(bytes.data() + 2);
  const std::size_t text = read_le<std::uint32_t>(bytes.data() + 4);
  SpoolRecord out{.number = read_le<std::uint64_t>(bytes.data() + 8),
                  .order = read_le<std::uint64_t>(bytes.data() + 16)};
  const std::string_view texts = bytes.substr(head_bytes);
  if (priority >= spool_levels || out.number == 0 || rule > texts.size() ||
      text > texts.size() - rule)
    return std::nullopt;
  auto alert = std::make_shared<Alert>();
  alert->priority = static_cast<lang::Priority>(priority);
  alert->time = read_le<std::uint64_t>(bytes.data() + 24);
  alert->rule_name = texts.substr(0, rule);
  alert->text = texts.substr(rule, text);
  alert->json = texts.substr(rule + text);
  out.alert = std::move(alert);
  return out;
}

}  // namespace saker::output
