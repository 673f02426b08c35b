// SPDX-License-Identifier: Apache-2.0
#include "recording/frame.h"

#include <xxhash.h>
#include <zstd.h>

#include <cstddef>
#include <cstring>

namespace saker::recording {
namespace {

std::uint64_t sum_of_head(const BlockHead& head) {
  return XXH64(&head, offsetof(BlockHead, head_sum), 0);
}

}  // namespace

std::string file_beginning() {
  std::string out(file_magic);
  const std::uint32_t rest[2] = {file_version, 0};
  out.append(reinterpret_cast<const char*>(rest), sizeof rest);
  return out;
}

std::string pack(BlockHead head, std::string_view content, int level) {
  std::string out(sizeof head + ZSTD_compressBound(content.size()), '\0');
  std::size_t got = ZSTD_compress(out.data() + sizeof head, out.size() - sizeof head,
                                  content.data(), content.size(), level);
  head.codec = codec_zstd;
  if (ZSTD_isError(got) || got >= content.size()) {
    head.codec = codec_none;
    got = content.size();
    std::memcpy(out.data() + sizeof head, content.data(), got);
  }
  out.resize(sizeof head + got);
  head.magic = block_magic;
  head.stored = static_cast<std::uint32_t>(got);
  head.content = static_cast<std::uint32_t>(content.size());
  head.sum = XXH64(out.data() + sizeof head, got, 0);
  head.head_sum = sum_of_head(head);
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

bool read_head(std::string_view bytes, BlockHead& head) {
  if (bytes.size() < sizeof head) return false;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head.magic == block_magic && head.head_sum == sum_of_head(head);
}

Result<void> unpack(const BlockHead& head, std::string_view stored, std::string& content) {
  if (XXH64(stored.data(), stored.size(), 0) != head.sum)
    return Error{"the checksum of a block is wrong; its " + std::to_string(head.events) +
                 " events are lost"};
  if (head.codec == codec_none) {
    if (stored.size() != head.content) return Error{"the two lengths of an unpacked block differ"};
    content.assign(stored);
    return {};
  }
  if (head.codec != codec_zstd)
    return Error{"a block is packed with a codec that this version does not know (codec " +
                 std::to_string(head.codec) + ")"};
  content.resize(head.content);
  std::size_t got = ZSTD_decompress(content.data(), content.size(), stored.data(), stored.size());
  if (ZSTD_isError(got))
    return Error{std::string("a block cannot be unpacked: ") + ZSTD_getErrorName(got)};
  if (got != head.content) return Error{"a block is shorter than its head says"};
  return {};
}

}  // namespace saker::recording
