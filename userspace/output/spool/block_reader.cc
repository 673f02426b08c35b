// SPDX-License-Identifier: Apache-2.0
#include "output/spool/block_reader.h"

#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/crc32c.h"
#include "base/little_endian.h"
#include "output/spool/format.h"

namespace saker::output {

// Whether the file has this many bytes from offset_ on, all in the same block.
bool BlockReader::in_block(std::size_t bytes) {
  const std::uint64_t block = offset_ - offset_ % spool_block_bytes;
  const auto present = [&] {
    return block == block_at_ && offset_ - block + bytes <= block_.size();
  };
  if (present()) return true;
  block_.resize(spool_block_bytes);
  block_at_ = block;
  std::size_t got = 0;
  while (got < block_.size()) {
    const ssize_t read = ::pread(file_.get(), block_.data() + got, block_.size() - got,
                                 static_cast<off_t>(block + got));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) break;
    got += static_cast<std::size_t>(read);
  }
  block_.resize(got);
  return present();
}

void BlockReader::note_damage(std::uint64_t from, std::uint64_t to) {
  if (damaged_bytes_ == 0) damaged_at_ = from;
  damaged_bytes_ += to - from;
}

void BlockReader::skip_block() {
  const std::uint64_t end = offset_ - offset_ % spool_block_bytes + spool_block_bytes;
  note_damage(offset_, end);
  offset_ = end;
}

// Reads the fragment at offset_, without moving offset_.
BlockReader::Found BlockReader::look(Piece& piece) {
  const std::size_t left = spool_block_bytes - offset_ % spool_block_bytes;
  if (left < spool_header_bytes) {
    offset_ += left;
    return look(piece);
  }
  if (!in_block(spool_header_bytes)) return Found::end;
  const std::size_t at = offset_ - block_at_;
  const std::size_t size = read_le<std::uint16_t>(block_.data() + at + 4);
  if (spool_header_bytes + size > left) return Found::damage;
  if (!in_block(spool_header_bytes + size)) return Found::end;
  const char* header = block_.data() + at;
  const std::string_view summed(header + 6, 1 + size);
  const auto type = static_cast<Fragment>(header[6]);
  if (crc32c(summed) != read_le<std::uint32_t>(header) || type < Fragment::full ||
      type > Fragment::last)
    return Found::damage;
  piece.begins = type == Fragment::full || type == Fragment::first;
  piece.ends = type == Fragment::full || type == Fragment::last;
  piece.content = summed.substr(1);
  return Found::piece;
}

bool BlockReader::next(std::string& record) {
  record.clear();
  // The beginning of the current record; nothing: none has begun.
  std::optional<std::uint64_t> begin;
  for (Piece piece;;) {
    const Found found = look(piece);
    if (found == Found::end) {
      // The unfinished record may be complete at the next call.
      offset_ = begin.value_or(offset_);
      return false;
    }
    const bool expected = found == Found::piece && piece.begins != begin.has_value() &&
                          record.size() + piece.content.size() <= longest_spool_record;
    if (!expected && begin) {
      note_damage(*begin, offset_);
      begin.reset();
      record.clear();
      continue;
    }
    if (found == Found::damage) {
      skip_block();
      continue;
    }
    const std::uint64_t end = offset_ + spool_header_bytes + piece.content.size();
    if (expected) {
      if (!begin) begin = offset_;
      record.append(piece.content);
    } else {
      // The end of a record whose beginning was damaged.
      note_damage(offset_, end);
    }
    offset_ = end;
    if (!expected || !piece.ends) continue;
    begin_ = *begin;
    return true;
  }
}

}  // namespace saker::output
