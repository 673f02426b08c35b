// SPDX-License-Identifier: Apache-2.0
// Reads the blocks of a recording from its file. Damage is skipped: reading continues at the next
// valid head. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "recording/blocks.h"

namespace saker::recording {

class FileBlocks final : public Blocks {
 public:
  static Result<std::unique_ptr<FileBlocks>> open(const std::string& path);
  // For a regular file that is already open; `name` is for messages.
  static Result<std::unique_ptr<FileBlocks>> open(Fd file, const std::string& name);

  bool next() override;
  std::uint64_t position() const override { return at_; }
  std::uint64_t size() const override { return size_; }

 private:
  FileBlocks(Fd file, std::string name, std::uint64_t size)
      : Blocks(std::move(name)), file_(std::move(file)), size_(size) {}
  std::size_t read_at(std::uint64_t offset, char* to, std::size_t count) const;
  // The offset of the next head, from `from` on; the end of the file if there is none.
  std::uint64_t find_head(std::uint64_t from) const;
  bool take_block();

  Fd file_;
  const std::uint64_t size_;
  std::uint64_t at_ = file_head;
  std::string stored_;
};

}  // namespace saker::recording
