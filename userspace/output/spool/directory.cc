// SPDX-License-Identifier: Apache-2.0
#include "output/spool/directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/little_endian.h"

namespace saker::output {
namespace {

constexpr std::string_view segment_end = ".log", position_end = ".position";
// Level, a dash, and this many digits.
constexpr std::size_t number_digits = 20, segment_name = 2 + number_digits + segment_end.size();
// A copy of a position: magic, generation, numbers, sum.
constexpr std::uint32_t magic = 0x504f4b53;
constexpr std::size_t copy_bytes = 128, summed_bytes = 4 + 8 + 8 * spool_levels;
constexpr std::string_view hex_digits = "0123456789ABCDEF";

std::optional<Segment> segment_of(std::string_view name) {
  Segment out;
  if (name.size() != segment_name || !name.ends_with(segment_end) || name[1] != '-')
    return std::nullopt;
  out.level = static_cast<std::size_t>(name[0] - '0');
  const char* end = name.data() + 2 + number_digits;
  const auto [stop, error] = std::from_chars(name.data() + 2, end, out.first);
  if (out.level >= spool_levels || error != std::errc() || stop != end || out.first == 0)
    return std::nullopt;
  return out;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at++) {
    const std::size_t high = at + 2 < text.size() ? hex_digits.find(text[at + 1]) : text.npos;
    const std::size_t low = at + 2 < text.size() ? hex_digits.find(text[at + 2]) : text.npos;
    if (text[at] == '%' && high != text.npos && low != text.npos) {
      out += static_cast<char>(high << 4 | low);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

struct Copy {
  std::uint64_t generation = 0;
  SpoolNumbers numbers = {};
};

std::optional<Copy> copy_of(std::string_view bytes) {
  if (bytes.size() < copy_bytes || read_le<std::uint32_t>(bytes.data()) != magic ||
      crc32c(bytes.substr(0, summed_bytes)) != read_le<std::uint32_t>(bytes.data() + summed_bytes))
    return std::nullopt;
  Copy out{.generation = read_le<std::uint64_t>(bytes.data() + 4)};
  for (std::size_t i = 0; i < spool_levels; i++)
    out.numbers[i] = read_le<std::uint64_t>(bytes.data() + 12 + 8 * i);
  return out;
}

std::optional<Copy> newest_of(const std::string& bytes) {
  std::optional<Copy> newest;
  for (std::size_t at = 0; at + copy_bytes <= bytes.size(); at += copy_bytes) {
    const std::optional<Copy> copy = copy_of(std::string_view(bytes).substr(at));
    if (copy && (!newest || copy->generation > newest->generation)) newest = copy;
  }
  return newest;
}

}  // namespace

std::string segment_path(const std::string& directory, std::size_t level, std::uint64_t first) {
  std::string digits = std::to_string(first);
  digits.insert(0, number_digits - digits.size(), '0');
  return directory + "/" + std::to_string(level) + "-" + digits + std::string(segment_end);
}

std::vector<Segment> segments_in(const std::string& directory) {
  std::vector<Segment> out;
  for (const std::string& name : names_in(directory)) {
    std::optional<Segment> segment = segment_of(name);
    struct stat found;
    if (!segment || ::lstat((directory + "/" + name).c_str(), &found) < 0 ||
        !S_ISREG(found.st_mode))
      continue;
    segment->bytes = static_cast<std::uint64_t>(found.st_size);
    segment->written = static_cast<std::uint64_t>(found.st_mtim.tv_sec) * 1'000'000'000 +
                       static_cast<std::uint64_t>(found.st_mtim.tv_nsec);
    out.push_back(*segment);
  }
  std::ranges::sort(out, {}, [](const Segment& s) { return std::tuple(s.level, s.first); });
  return out;
}

std::vector<std::string> positions_in(const std::string& directory) {
  std::vector<std::string> out;
  for (const std::string& name : names_in(directory))
    if (name.ends_with(position_end))
      out.push_back(decoded(name.substr(0, name.size() - position_end.size())));
  return out;
}

std::string position_path(const std::string& directory, std::string_view output) {
  std::string name;
  for (const char c : output) {
    if (is_plain(c)) {
      name += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    name += '%';
    name += hex_digits[byte >> 4];
    name += hex_digits[byte & 15];
  }
  return directory + "/" + name + std::string(position_end);
}

std::optional<SpoolNumbers> PositionFile::read(const std::string& path) {
  const Result<std::string> bytes = read_regular_file(path, 2 * copy_bytes);
  const std::optional<Copy> copy = bytes ? newest_of(*bytes) : std::nullopt;
  return copy ? std::optional(copy->numbers) : std::nullopt;
}

Result<PositionFile> PositionFile::open(const std::string& path, const SpoolNumbers& first) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return Error::from_errno("position " + path);
  PositionFile out(std::move(file));
  std::string bytes(2 * copy_bytes, '\0');
  const ssize_t got = ::pread(out.file_.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (const std::optional<Copy> copy = newest_of(bytes)) {
    out.numbers_ = copy->numbers;
    out.generation_ = copy->generation;
    return out;
  }
  if (Result<void> written = out.write(first); !written) return written.error();
  return out;
}

Result<void> PositionFile::write(const SpoolNumbers& numbers) {
  std::string copy;
  append_le(copy, magic);
  append_le(copy, ++generation_);
  for (const std::uint64_t number : numbers) append_le(copy, number);
  append_le(copy, crc32c(copy));
  copy.resize(copy_bytes, '\0');
  const auto at = static_cast<off_t>(generation_ % 2 * copy_bytes);
  const ssize_t wrote = ::pwrite(file_.get(), copy.data(), copy.size(), at);
  if (wrote != static_cast<ssize_t>(copy.size()))
    return Error::from_errno("a position of the spool cannot be written",
                             wrote < 0 ? errno : ENOSPC);
  numbers_ = numbers;
  return {};
}

}  // namespace saker::output
