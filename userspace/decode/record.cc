// SPDX-License-Identifier: Apache-2.0
#include "decode/record.h"

#include <array>

namespace saker::decode {
namespace {

struct ParamRow {
  Family family;
  unsigned index;
  ParamInfo info;
};

constexpr ParamRow param_rows[] = {
#define SAKER_PARAM(family, index, name, type) {Family::family, index, {#name, ParamType::type}},
#include <saker/events.def>
};

// events.def keeps the rows of a family together and in order, so a family's parameters are one
// range of a table.
constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < std::size(param_rows); i++) {
    bool first = i == 0 || param_rows[i].family != param_rows[i - 1].family;
    if (param_rows[i].index != (first ? 0 : param_rows[i - 1].index + 1)) return false;
  }
  return true;
}
static_assert(rows_in_order());

constexpr auto param_infos = [] {
  std::array<ParamInfo, std::size(param_rows)> out{};
  for (std::size_t i = 0; i < out.size(); i++) out[i] = param_rows[i].info;
  return out;
}();

constexpr std::span<const ParamInfo> params_of(Family family) {
  std::size_t first = 0;
  while (first < std::size(param_rows) && param_rows[first].family != family) first++;
  std::size_t last = first;
  while (last < std::size(param_rows) && param_rows[last].family == family) last++;
  return {param_infos.data() + first, last - first};
}

constexpr bool lane_LIFE = true, lane_EVENT = false;

constexpr auto events = [] {
  std::array<EventInfo, SAKER_EV_MAX> out{};
#define SAKER_EVENT(id, name, family, lane) \
  out[id] = EventInfo{#name, Family::family, lane_##lane, params_of(Family::family)};
#include <saker/events.def>
  return out;
}();

constexpr EventInfo no_event{};

constexpr bool is_blob(ParamType type) {
  return type == ParamType::STR || type == ParamType::PATH || type == ParamType::ARGV ||
         type == ParamType::SOCK || type == ParamType::ADDR;
}

// For each event, one bit for each slot that is a blob, so that check() does not need the table of
// parameters.
constexpr auto blob_slots = [] {
  std::array<std::uint64_t, SAKER_EV_MAX> out{};
  for (std::size_t e = 0; e < out.size(); e++)
    for (std::size_t i = 0; i < events[e].params.size(); i++)
      if (is_blob(events[e].params[i].type)) out[e] |= std::uint64_t{1} << i;
  return out;
}();

}  // namespace

const EventInfo& event_info(std::uint16_t type) {
  return type < SAKER_EV_MAX ? events[type] : no_event;
}

std::uint16_t event_id(std::string_view name) {
  for (std::uint16_t id = 1; id < SAKER_EV_MAX; id++)
    if (events[id].name == name && !name.empty()) return id;
  return 0;
}

std::size_t check(std::span<const std::byte> bytes) {
  if (bytes.size() < SAKER_REC_HEAD) return 0;
  const saker_rec* rec = reinterpret_cast<const saker_rec*>(bytes.data());
  const std::size_t len = rec->len;
  if (len < SAKER_REC_HEAD || len % 8 || len > SAKER_REC_MAX || len > bytes.size()) return 0;
  const std::size_t slots_end = SAKER_REC_HEAD + std::size_t{rec->nparams} * 8;
  if (slots_end > len || rec->type == 0 || rec->type >= SAKER_EV_MAX) return 0;

  const saker_blob* slots = reinterpret_cast<const saker_blob*>(rec + 1);
  for (std::uint64_t left = blob_slots[rec->type]; left; left &= left - 1) {
    unsigned slot = static_cast<unsigned>(__builtin_ctzll(left));
    if (slot >= rec->nparams) break;
    const saker_blob& blob = slots[slot];
    if (blob.len == 0) continue;
    if (blob.off < slots_end || std::size_t{blob.off} + blob.len > len) return 0;
  }
  return len;
}

}  // namespace saker::decode
