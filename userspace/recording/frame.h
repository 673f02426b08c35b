// SPDX-License-Identifier: Apache-2.0
// The frame of a recording (.skr, docs/recording.md): the file's first bytes, then blocks. The head
// of each block has its own checksum, so that the next block can be found after damage. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::recording {

constexpr std::string_view file_magic{"\x89SKR\r\n\x1a\n", 8};
constexpr std::uint32_t file_version = 1;
constexpr std::size_t file_head = 16;  // magic, version, 0

constexpr std::uint32_t block_magic = 0x424b531b;  // 1b "SKB"

// Numbers are never reused; a reader skips and counts types it does not know.
enum BlockType : std::uint16_t {
  description_block = 1,
  events_block = 2,
};

enum Codec : std::uint8_t { codec_none = 0, codec_zstd = 1 };

struct BlockHead {
  std::uint32_t magic = block_magic;
  std::uint16_t type = 0;
  std::uint8_t codec = codec_none;
  std::uint8_t reserved = 0;
  std::uint32_t stored = 0;                         // bytes after the head
  std::uint32_t content = 0;                        // their size when unpacked
  std::uint64_t sum = 0;                            // XXH64 of the stored bytes
  std::uint64_t first_time = 0, last_time = 0;      // wall clock, ns; minimum and maximum
  std::uint64_t first_number = 0, last_number = 0;  // the same for evt.num
  std::uint32_t events = 0;
  std::uint32_t reserved2 = 0;
  std::uint64_t head_sum = 0;  // XXH64 of the bytes before
};
static_assert(sizeof(BlockHead) == 72);

// Writers never exceed these; a wrong number must not cost that much memory.
constexpr std::uint32_t largest_block = 32u << 20;
constexpr std::uint32_t most_events = 1u << 16;

std::string file_beginning();
// Head and stored bytes. Sets all members of the head except type, times, numbers and events.
// `level`: of zstd.
std::string pack(BlockHead head, std::string_view content, int level);
// Whether these sizeof(BlockHead) bytes are a valid head.
bool read_head(std::string_view bytes, BlockHead& head);
// The content; `stored` is as long as the head says. The error says what is wrong, but not where.
Result<void> unpack(const BlockHead& head, std::string_view stored, std::string& content);

}  // namespace saker::recording
