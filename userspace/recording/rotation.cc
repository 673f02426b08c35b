// SPDX-License-Identifier: Apache-2.0
#include "recording/rotation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace saker::recording {

Result<RotatingOutput> RotatingOutput::create(std::string path, Rotation rotation,
                                              std::string description, std::uint64_t now) {
  RotatingOutput out(std::move(path), rotation, std::move(description));
  if (Result<void> begun = out.begin(now); !begun) return begun.error();
  return out;
}

Result<void> RotatingOutput::begin(std::uint64_t now) {
  output_.reset();
  struct stat info;
  if (::stat(path_.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    auto name = [this](unsigned number) {
      return number ? path_ + "." + std::to_string(number) : path_;
    };
    if (rotation_.files > 1)
      for (unsigned number = rotation_.files - 1; number > 0; number--)
        if (::rename(name(number - 1).c_str(), name(number).c_str()) != 0 && errno != ENOENT)
          return Error::from_errno("cannot rename recording " + name(number - 1));
  }
  Result<Output> output = Output::create(path_, description_);
  if (!output) return output.error();
  output_ = std::move(*output);
  since_ = now;
  begun_++;
  return {};
}

Result<void> RotatingOutput::append(std::string_view block, std::uint64_t now) {
  bool large = rotation_.size && output_ && output_->size() > file_head + description_.size() &&
               output_->size() + block.size() > rotation_.size;
  bool old = rotation_.time && now - since_ >= rotation_.time;
  if (!output_ || large || old)
    if (Result<void> begun = begin(now); !begun) return begun;
  return output_->append(block);
}

}  // namespace saker::recording
