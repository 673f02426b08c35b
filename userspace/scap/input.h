// SPDX-License-Identifier: Apache-2.0
// The bytes of a capture file, plain or gzip (recognised by content; several members are read as
// one), and the blocks in it. One thread. A CaptureBlock's body is valid until the next one is
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace saker::scap {

// The block types that this reader knows; aliases of old pre-releases are mapped to them.
enum class BlockKind : std::uint8_t {
  unknown,
  section,
  machine,
  processes,
  descriptors,
  descriptors_v2,
  event,
  event_flags,
  interfaces,
  interfaces_v2,
  users,
  users_v2
};

struct CaptureBlock {
  BlockKind kind = BlockKind::unknown;
  std::uint32_t type = 0;
  unsigned version = 1;      // processes: 1 to 9; events: 1 or 2
  bool large = false;        // events: may exceed 64 KiB
  std::uint64_t offset = 0;  // in the uncompressed file
  std::string_view body;     // including padding, without the trailer
};

class Input {
 public:
  static Result<std::unique_ptr<Input>> open(const std::string& path);
  // For a file that is already open; `name` is for messages.
  static Result<std::unique_ptr<Input>> open(Fd file, const std::string& name);
  ~Input();

  // The next block; none at the regular end of the file. An error names the offset; nothing can be
  // read after it.
  Result<std::optional<CaptureBlock>> next();
  // For the current section: its numbers are not in this machine's byte order.
  bool swapped() const { return swapped_; }

  std::uint64_t offset() const { return offset_; }  // in the uncompressed bytes
  std::uint64_t position() const;                   // in the file
  std::uint64_t size() const { return size_; }      // of the file; 0: not known

 private:
  struct Stream;
  Input(std::unique_ptr<Stream> stream, std::string name, std::uint64_t size);
  // Reads at most `count` bytes; fewer only at the end of the file or at an error, which is then in
  // `failure_`.
  std::size_t take(char* to, std::size_t count);
  // The address of the next bytes, valid until more is read; null: there are not that many.
  const char* read_body(std::size_t count);
  bool fill_ahead();
  Result<std::optional<CaptureBlock>> read_section(CaptureBlock block, std::uint32_t length);
  Error at(std::uint64_t offset, const std::string& what) const;

  std::unique_ptr<Stream> stream_;
  std::string name_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
  bool swapped_ = false;
  bool seen_section_ = false;
  std::string failure_;
  std::vector<char> ahead_;  // bytes read from the file; those from ahead_at_ on are unused
  std::size_t ahead_at_ = 0, ahead_end_ = 0;
  std::vector<char> body_;
};

}  // namespace saker::scap
