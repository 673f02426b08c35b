// SPDX-License-Identifier: Apache-2.0
#include "recording/file_blocks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace saker::recording {
namespace {

constexpr std::size_t search_step = 1u << 20;

std::uint32_t version_in(const char* head) {
  std::uint32_t version;
  std::memcpy(&version, head + file_magic.size(), sizeof version);
  return version;
}

std::string wrong_version(std::uint32_t version) {
  return "version " + std::to_string(version) + " of the format; this program reads version " +
         std::to_string(file_version);
}

}  // namespace

Result<std::unique_ptr<FileBlocks>> FileBlocks::open(const std::string& path) {
  return open(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
}

Result<std::unique_ptr<FileBlocks>> FileBlocks::open(Fd file, const std::string& path) {
  struct stat info;
  if (!file || ::fstat(file.get(), &info) != 0)
    return Error::from_errno("cannot open recording " + path);
  if (!S_ISREG(info.st_mode))
    return Error{"cannot open recording " + path + ": it is not a regular file"};
  std::unique_ptr<FileBlocks> input(
      new FileBlocks(std::move(file), path, static_cast<std::uint64_t>(info.st_size)));
  char head[file_head];
  if (input->read_at(0, head, sizeof head) < sizeof head)
    return Error{path + ": not a recording: it has " + std::to_string(info.st_size) +
                 " bytes, but the head alone has 16"};
  if (std::string_view(head, file_magic.size()) != file_magic)
    return Error{path + ": not a recording: it does not begin with the magic number"};
  if (const std::uint32_t version = version_in(head); version != file_version)
    return Error{path + ": " + wrong_version(version)};
  return input;
}

std::size_t FileBlocks::read_at(std::uint64_t offset, char* to, std::size_t count) const {
  std::size_t done = 0;
  while (done < count) {
    ssize_t got = ::pread(file_.get(), to + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::uint64_t FileBlocks::find_head(std::uint64_t from) const {
  std::string bytes;
  const std::string_view magic(reinterpret_cast<const char*>(&block_magic), sizeof block_magic);
  while (from < size_) {
    bytes.resize(std::min<std::uint64_t>(search_step + sizeof(BlockHead), size_ - from));
    bytes.resize(read_at(from, bytes.data(), bytes.size()));
    if (bytes.size() < sizeof(BlockHead)) break;
    std::string_view all(bytes);
    BlockHead head;
    for (std::size_t at = all.find(magic); at != all.npos; at = all.find(magic, at + 1))
      if (read_head(all.substr(at), head)) return from + at;
    // A head may begin in the last bytes of this piece.
    from += bytes.size() - (sizeof(BlockHead) - 1);
  }
  return size_;
}

bool FileBlocks::next() {
  while (at_ < size_) {
    offset_ = at_;
    if (take_block()) return true;
  }
  return false;
}

// Reads the block at at_ and moves at_ after it.
bool FileBlocks::take_block() {
  char bytes[sizeof(BlockHead)];
  std::size_t got = read_at(offset_, bytes, sizeof bytes);
  // Files that were concatenated.
  if (std::string_view(bytes, got).starts_with(file_magic) && got >= file_head) {
    const std::uint32_t version = version_in(bytes);
    at_ = version == file_version ? at_ + file_head : size_;
    if (version != file_version) add_damage(offset_, wrong_version(version));
    return false;
  }
  if (!read_head({bytes, got}, head_)) {
    at_ = find_head(offset_ + 1);
    if (at_ < size_)
      add_damage(offset_, "no block begins here; reading continues at byte " + std::to_string(at_));
    else if (got < sizeof bytes)
      add_damage(offset_, "the file ends inside the head of a block");
    else
      add_damage(offset_, "no block begins here or anywhere after it");
    return false;
  }
  const std::uint64_t body = offset_ + sizeof head_;
  if (head_.stored > largest_block || head_.content > largest_block || head_.events > most_events) {
    at_ = find_head(body);
    add_damage(offset_, "the length of a block is larger than the limit");
    return false;
  }
  if (head_.stored > size_ - body) {
    at_ = find_head(body);
    add_damage(offset_, "the file ends inside a block of " + std::to_string(head_.stored) +
                            " bytes; its " + std::to_string(head_.events) + " events are lost");
    return false;
  }
  stored_.resize(head_.stored);
  if (read_at(body, stored_.data(), stored_.size()) < stored_.size()) {
    at_ = size_;
    add_damage(body, "cannot be read");
    return false;
  }
  at_ = body + head_.stored;
  Result<void> unpacked = unpack(head_, stored_, content_);
  if (!unpacked) {
    // The length may be right and the content wrong, or bytes may be missing: the next head shows
    // it.
    at_ = find_head(body);
    add_damage(offset_, unpacked.error().message);
    return false;
  }
  return true;
}

}  // namespace saker::recording
