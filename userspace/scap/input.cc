// SPDX-License-Identifier: Apache-2.0
#include "scap/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "scap/block_cursor.h"

namespace saker::scap {
namespace {

constexpr std::size_t ahead_size = 256 * 1024;
// How much zlib reads at once. This small size makes it write directly to the target, not through
// its own buffer.
constexpr unsigned read_size = 64 * 1024;
constexpr std::uint32_t section_type = 0x0a0d0d0a;
constexpr std::uint32_t section_magic = 0x1a2b3c4d;
constexpr std::size_t frame = 12;  // type, length, and length again
// No writer makes a larger block; a wrong length must not cost that much memory.
constexpr std::uint32_t largest_block = 256u << 20;
constexpr std::uint32_t largest_plain_event = 65536 + frame;

struct KindRow {
  std::uint32_t type;
  BlockKind kind;
  std::uint8_t version;
  bool large = false;
};

constexpr KindRow kinds[] = {
    {section_type, BlockKind::section, 1},
    {0x201, BlockKind::machine, 1},
    {0x8002abcd, BlockKind::machine, 1},
    {0x202, BlockKind::processes, 1},
    {0x8000abcd, BlockKind::processes, 1},
    {0x207, BlockKind::processes, 2},
    {0x8013abcd, BlockKind::processes, 2},
    {0x209, BlockKind::processes, 3},
    {0x8014abcd, BlockKind::processes, 3},
    {0x210, BlockKind::processes, 4},
    {0x211, BlockKind::processes, 5},
    {0x212, BlockKind::processes, 6},
    {0x213, BlockKind::processes, 7},
    {0x214, BlockKind::processes, 8},
    {0x215, BlockKind::processes, 9},
    {0x203, BlockKind::descriptors, 1},
    {0x8001abcd, BlockKind::descriptors, 1},
    {0x218, BlockKind::descriptors_v2, 2},
    {0x204, BlockKind::event, 1},
    {0x8010abcd, BlockKind::event, 1},
    {0x216, BlockKind::event, 2},
    {0x221, BlockKind::event, 2, true},
    {0x208, BlockKind::event_flags, 1},
    {0x217, BlockKind::event_flags, 2},
    {0x222, BlockKind::event_flags, 2, true},
    {0x205, BlockKind::interfaces, 1},
    {0x8011abcd, BlockKind::interfaces, 1},
    {0x219, BlockKind::interfaces_v2, 2},
    {0x206, BlockKind::users, 1},
    {0x8012abcd, BlockKind::users, 1},
    {0x220, BlockKind::users_v2, 2},
};

const KindRow* kind_of(std::uint32_t type) {
  // Nearly every block is an event of the current format.
  static const KindRow* const event = std::find_if(
      std::begin(kinds), std::end(kinds), [](const KindRow& row) { return row.type == 0x216; });
  if (type == event->type) return event;
  const KindRow* row = std::find_if(std::begin(kinds), std::end(kinds),
                                    [&](const KindRow& each) { return each.type == type; });
  return row == std::end(kinds) ? nullptr : row;
}

std::uint32_t load32(const char* from, bool swapped) {
  std::uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return swapped ? swap_bytes(value) : value;
}

bool is_event(BlockKind kind) { return kind == BlockKind::event || kind == BlockKind::event_flags; }

}  // namespace

struct Input::Stream {
  gzFile file = nullptr;
  ~Stream() {
    if (file) gzclose(file);
  }
};

Input::Input(std::unique_ptr<Stream> stream, std::string name, std::uint64_t size)
    : stream_(std::move(stream)), name_(std::move(name)), size_(size), ahead_(ahead_size) {}

Input::~Input() = default;

Result<std::unique_ptr<Input>> Input::open(const std::string& path) {
  return open(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
}

Result<std::unique_ptr<Input>> Input::open(Fd file, const std::string& path) {
  struct stat info;
  if (!file || fstat(file.get(), &info) != 0)
    return Error::from_errno("cannot open capture " + path);
  if (S_ISDIR(info.st_mode)) return Error{"cannot open capture " + path + ": it is a directory"};
  std::unique_ptr<Stream> stream = std::make_unique<Stream>();
  stream->file = gzdopen(file.get(), "rb");
  if (!stream->file) return Error{"cannot open capture " + path + ": not enough memory"};
  file.release();
  gzbuffer(stream->file, read_size);
  std::uint64_t size = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  return std::unique_ptr<Input>(new Input(std::move(stream), path, size));
}

std::uint64_t Input::position() const {
  z_off_t at = gzoffset(stream_->file);
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

Error Input::at(std::uint64_t offset, const std::string& what) const {
  return {name_ + ": byte " + std::to_string(offset) + ": " + what};
}

// Only if all bytes read before were used. False: there is no more.
bool Input::fill_ahead() {
  if (!failure_.empty()) return false;
  int got = gzread(stream_->file, ahead_.data(), static_cast<unsigned>(ahead_.size()));
  int code = Z_OK;
  const char* why = gzerror(stream_->file, &code);
  // A truncated stream yields what it can, and then the error.
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
    failure_ = why && *why ? why : "read error";
  if (got <= 0) return false;
  ahead_at_ = 0;
  ahead_end_ = static_cast<std::size_t>(got);
  return true;
}

std::size_t Input::take(char* to, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    if (ahead_at_ == ahead_end_ && !fill_ahead()) break;
    std::size_t part = std::min(count - done, ahead_end_ - ahead_at_);
    std::memcpy(to + done, ahead_.data() + ahead_at_, part);
    ahead_at_ += part;
    done += part;
  }
  offset_ += done;
  return done;
}

// In place if all of it was read; otherwise copied. The copy grows with the bytes that exist, not
// with the length field.
const char* Input::read_body(std::size_t count) {
  if (count <= ahead_end_ - ahead_at_) {
    const char* at = ahead_.data() + ahead_at_;
    ahead_at_ += count;
    offset_ += count;
    return at;
  }
  std::size_t have = 0;
  while (have < count) {
    std::size_t part = std::min<std::size_t>(count - have, 1u << 20);
    if (body_.size() < have + part) body_.resize(have + part);
    std::size_t got = take(body_.data() + have, part);
    have += got;
    if (got < part) return nullptr;
  }
  return body_.data();
}

Result<std::optional<CaptureBlock>> Input::next() {
  CaptureBlock block;
  block.offset = offset_;
  char head[8];
  std::size_t got = take(head, sizeof head);
  if (got == 0 && failure_.empty()) {
    if (seen_section_) return std::optional<CaptureBlock>();
    return Error{name_ + ": not a capture: the file is empty"};
  }
  if (got < sizeof head) {
    return at(block.offset, "the file is cut off: " + std::to_string(got) +
                                " of the 8 bytes of a block header" +
                                (failure_.empty() ? "" : " (" + failure_ + ")"));
  }
  block.type = load32(head, swapped_);
  if (!seen_section_ && load32(head, false) != section_type) {
    return Error{name_ + ": not a capture: it does not begin with a section header (" +
                 "the first four bytes are not 0a 0d 0d 0a)"};
  }
  std::uint32_t length = load32(head + 4, swapped_);
  // The section's type is a palindrome in both byte orders; the byte order is known only from the
  // data after it.
  if (block.type == section_type) return read_section(block, load32(head + 4, false));

  if (const KindRow* row = kind_of(block.type)) {
    block.kind = row->kind;
    block.version = row->version;
    block.large = row->large;
  }
  if (length < frame) {
    return at(block.offset, "a block says it is " + std::to_string(length) + " bytes long");
  }
  if (length > largest_block ||
      (is_event(block.kind) && !block.large && length > largest_plain_event)) {
    return at(block.offset, "a block says it is " + std::to_string(length) +
                                " bytes long, more than such a block can be");
  }
  std::size_t size = length - 8;
  const char* body = read_body(size);
  if (!body) {
    return at(block.offset, "the file ends inside a block of " + std::to_string(length) + " bytes" +
                                (failure_.empty() ? "" : " (" + failure_ + ")"));
  }
  // Writers disagree about the trailer of an event, but not about that of other blocks.
  if (block.kind != BlockKind::unknown && !is_event(block.kind) &&
      load32(body + size - 4, swapped_) != length) {
    return at(block.offset, "the two lengths of a block differ");
  }
  block.body = std::string_view(body, size - 4);
  return std::optional<CaptureBlock>(block);
}

Result<std::optional<CaptureBlock>> Input::read_section(CaptureBlock block, std::uint32_t length) {
  constexpr std::size_t fixed = 16;
  const char* head = read_body(fixed);
  if (!head) return at(block.offset, "the file is cut off inside a section header");
  std::uint32_t magic = load32(head, false);
  if (magic != section_magic && magic != swap_bytes(section_magic)) {
    return at(block.offset, "a section header without the magic number of a capture");
  }
  swapped_ = magic != section_magic;
  seen_section_ = true;
  if (swapped_) length = swap_bytes(length);
  std::uint16_t major;
  std::memcpy(&major, head + 4, sizeof major);
  if (swapped_) major = swap_bytes(major);
  if (major > 1) {
    return at(block.offset,
              "version " + std::to_string(major) + " of the format; this reader knows version 1");
  }
  if (length < frame + fixed || length > largest_block) {
    return at(block.offset,
              "a section header says it is " + std::to_string(length) + " bytes long");
  }
  if (!read_body(length - frame - fixed + 4)) {
    return at(block.offset, "the file is cut off inside a section header");
  }
  block.kind = BlockKind::section;
  block.body = {};
  return std::optional<CaptureBlock>(block);
}

}  // namespace saker::scap
