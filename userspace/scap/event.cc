// SPDX-License-Identifier: Apache-2.0
#include "scap/event.h"

#include <algorithm>

#include "scap/block_cursor.h"

namespace saker::scap {
namespace {

constexpr TypeInfo types[] = {
#define SCAP_TYPE(number, name, flags, params) {#name, static_cast<std::uint16_t>(flags), params},
#include "scap/types.def"
};
static_assert(std::size(types) == type_count);

constexpr std::string_view null_text("(NULL)\0", 7);

// Writers of the first version gave two types a length that is three bytes too large.
constexpr std::uint32_t v1_surplus = 3;

std::size_t width_of_lengths(std::uint16_t type) { return types[type].flags & large ? 4 : 2; }

std::uint32_t length_at(const char* lengths, unsigned index, std::size_t width, bool swapped) {
  if (width == 4) {
    std::uint32_t value;
    std::memcpy(&value, lengths + 4 * std::size_t{index}, 4);
    return swapped ? swap_bytes(value) : value;
  }
  std::uint16_t value;
  std::memcpy(&value, lengths + 2 * std::size_t{index}, 2);
  return swapped ? swap_bytes(value) : value;
}

// The first version does not say how many parameters follow: the number for which lengths and bytes
// end exactly where the event does.
int count_params_v1(std::string_view rest, std::uint16_t type, bool swapped) {
  std::size_t width = width_of_lengths(type);
  for (int n = static_cast<int>(types[type].params.size()); n >= 0; n--) {
    std::size_t end = static_cast<std::size_t>(n) * width;
    if (end > rest.size()) continue;
    for (int i = 0; i < n; i++)
      end += length_at(rest.data(), static_cast<unsigned>(i), width, swapped);
    if (end == rest.size()) return n;
    if (end < rest.size()) return -1;
  }
  return -1;
}

Error bad(const CaptureBlock& block, const std::string& what) {
  return {"byte " + std::to_string(block.offset) + ": " + what};
}

}  // namespace

const TypeInfo& type_info(std::uint16_t type) { return types[type]; }

unsigned param_size(char letter) {
  switch (letter) {
    case '1': return 1;
    case '2': return 2;
    case '4': return 4;
    case 'g': return 4;
    case '8': return 8;
    case 'x': return 16;
    default: return 0;
  }
}

bool CaptureEvent::null(unsigned index) const { return !has(index) || bytes(index) == null_text; }

std::string_view CaptureEvent::path(unsigned index, std::string_view missing) const {
  if (null(index)) return missing;
  std::string_view all = bytes(index);
  return all.substr(0, all.find('\0'));
}

bool CaptureEvent::returns() const {
  return (info().flags & syscall) && is_exit(type) && count > 0 && type != generic_x;
}

Result<void> EventCutter::cut(const CaptureBlock& block, bool swapped) {
  BlockCursor cursor(block.body, swapped);
  CaptureEvent& event = event_;
  event.count = 0;
  event.cpu = cursor.u16();
  constexpr std::uint32_t state_only_bit = 1;
  event.state_only = block.kind == BlockKind::event_flags && (cursor.u32() & state_only_bit) != 0;
  const std::size_t begin = cursor.offset();
  event.time = cursor.u64();
  event.tid = cursor.i64();
  std::uint32_t length = cursor.u32();
  event.type = cursor.u16();
  std::uint32_t count = block.version == 2 ? cursor.u32() : 0;
  const std::size_t head = cursor.offset() - begin;
  if (!cursor.ok()) return bad(block, "a block is too short for the event it should hold");
  if (event.type >= type_count) return {};
  if (block.version == 1 &&
      (event.type == notification_e || event.type == infrastructure_event_e) &&
      length >= v1_surplus) {
    length -= v1_surplus;
  }
  if (length < head || length > block.body.size() - begin) {
    return bad(block, "an event says it is " + std::to_string(length) +
                          " bytes long, its block holds " +
                          std::to_string(block.body.size() - begin));
  }
  std::string_view rest = block.body.substr(begin + head, length - head);
  if (block.version == 1) {
    int found = count_params_v1(rest, event.type, swapped);
    if (found < 0) return bad(block, "the parameters of an event do not add up to its length");
    count = static_cast<std::uint32_t>(found);
  }
  Result<void> done = cut_params(block, rest, count, swapped);
  if (done && swapped) swap_params(event);
  return done;
}

Result<void> EventCutter::cut_params(const CaptureBlock& block, std::string_view rest,
                                     std::uint32_t count, bool swapped) {
  const TypeInfo& type = types[event_.type];
  const std::size_t width = width_of_lengths(event_.type);
  if (count > rest.size() / width) {
    return bad(block,
               "an event says it has " + std::to_string(count) + " parameters, which do not fit");
  }
  // A newer writer may add parameters at the end.
  const std::size_t known = std::min<std::size_t>(count, type.params.size());
  const char *at = rest.data() + count * width, *end = rest.data() + rest.size();
  for (std::uint32_t i = 0; i < count; i++) {
    // Nearly all events have lengths of 16 bits in this machine's byte order.
    std::uint32_t length;
    if (width == 2 && !swapped) [[likely]]
      length = length_at(rest.data(), i, 2, false);
    else
      length = length_at(rest.data(), i, width, swapped);
    if (length > static_cast<std::size_t>(end - at)) {
      return bad(block, "parameter " + std::to_string(i) + " of an event says it is " +
                            std::to_string(length) + " bytes long and does not fit");
    }
    if (i < known) event_.params[i] = {at, length};
    at += length;
  }
  event_.count = static_cast<unsigned>(known);
  // Left over from the previous event.
  for (std::size_t i = known; i < type.params.size(); i++) event_.params[i] = {};
  return {};
}

void swap_params(CaptureEvent& event) {
  for (unsigned i = 0; i < event.count; i++) {
    Param& param = event.params[i];
    unsigned size = param_size(event.info().params[i]);
    if (size < 2 || size == 16 || param.length != size) continue;
    // The bytes are in the reader's own buffer, which nothing else reads any more.
    char* at = const_cast<char*>(param.at);
    for (unsigned low = 0, high = size - 1; low < high; low++, high--) std::swap(at[low], at[high]);
  }
}

}  // namespace saker::scap
