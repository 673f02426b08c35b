// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "commands.h"

namespace saker::bench {
namespace {

constexpr std::size_t block_head = 8, event_head = 26, block_tail = 4;
constexpr std::size_t shortest_name = 6, changed = 3;

// Bytes between a block's head and the head of the event in it; 0: the block contains no event.
std::size_t before_event(std::uint32_t type) {
  switch (type) {
    case 0x204:
    case 0x216:
    case 0x221: return 2;
    case 0x208:
    case 0x217:
    case 0x222: return 6;
    default: return 0;
  }
}

std::uint32_t load32(const std::string& bytes, std::size_t at) {
  std::uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Result<std::string> read_all(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return Error::from_errno("cannot open " + path);
  std::string all;
  char part[1 << 16];
  for (int got; (got = gzread(file, part, sizeof part)) > 0;)
    all.append(part, static_cast<std::size_t>(got));
  gzclose(file);
  return all;
}

// The part that is written repeatedly, and what changes in it.
struct Pass {
  std::size_t begin = 0;             // everything before it is written once
  std::vector<std::size_t> times;    // offsets of the events' times
  std::uint64_t length = 0;          // ns from one pass to the next
  std::vector<std::size_t> varying;  // offsets of three characters of a name
};

Result<Pass> survey(const std::string& bytes) {
  Pass pass;
  std::uint64_t first = UINT64_MAX, last = 0;
  for (std::size_t at = 0; at + block_head <= bytes.size();) {
    const std::size_t length = load32(bytes, at + 4), skipped = before_event(load32(bytes, at));
    if (length < block_head + block_tail || length > bytes.size() - at)
      return Error{"a block has no sound length"};
    if (skipped) {
      if (pass.times.empty()) pass.begin = at;
      pass.times.push_back(at + block_head + skipped);
      std::uint64_t time;
      std::memcpy(&time, bytes.data() + pass.times.back(), sizeof time);
      first = std::min(first, time), last = std::max(last, time);
    } else if (!pass.times.empty()) {
      return Error{"a block that is not an event follows events"};
    }
    at += length;
  }
  if (pass.times.empty()) return Error{"no event"};
  pass.length = last - first + 1'000'000;
  return pass;
}

bool of_name(char c) {
  const char low = static_cast<char>(c | 0x20);
  return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

// Names in the events' parameters that do not occur in `rules`.
void find_names(const std::string& bytes, const std::string& rules, Pass& pass) {
  for (std::size_t i = 0; i < pass.times.size(); i++) {
    const std::size_t begin = pass.times[i] + event_head;
    const std::size_t end =
        begin + load32(bytes, pass.times[i] + 16) - event_head;  // length of the event itself
    for (std::size_t at = begin; at < end;) {
      std::size_t after = at;
      while (after < end && of_name(bytes[after])) after++;
      if (after - at >= shortest_name &&
          rules.find(lower(bytes.substr(at, after - at))) == std::string::npos)
        pass.varying.push_back(at + 1);
      at = after + 1;
    }
  }
}

}  // namespace

Result<void> repeat_capture(const std::string& from, const std::string& to, std::size_t events,
                            const std::vector<std::string>& rules) {
  Result<std::string> bytes = read_all(from);
  if (!bytes) return bytes.error();
  Result<Pass> pass = survey(*bytes);
  if (!pass) return Error{from + ": " + pass.error().message};
  std::string mentioned;
  for (const std::string& path : rules) {
    std::ifstream file(path);
    mentioned += lower({std::istreambuf_iterator<char>(file), {}});
  }
  if (!rules.empty()) find_names(*bytes, mentioned, *pass);
  std::ofstream out(to, std::ios::binary);
  out.write(bytes->data(), static_cast<std::streamsize>(pass->begin));
  const std::size_t passes = std::max<std::size_t>(1, events / pass->times.size());
  for (std::size_t i = 0; i < passes; i++) {
    out.write(bytes->data() + pass->begin,
              static_cast<std::streamsize>(bytes->size() - pass->begin));
    for (std::size_t at : pass->times) {
      std::uint64_t time;
      std::memcpy(&time, bytes->data() + at, sizeof time);
      time += pass->length;
      std::memcpy(bytes->data() + at, &time, sizeof time);
    }
    char number[changed + 1];
    std::snprintf(number, sizeof number, "%03zx", (i + 1) & 0xfff);
    for (std::size_t at : pass->varying) std::memcpy(bytes->data() + at, number, changed);
  }
  if (!out.flush()) return Error{to + ": not written"};
  return {};
}

}  // namespace saker::bench
