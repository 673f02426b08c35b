// SPDX-License-Identifier: Apache-2.0
// Packed blocks that somebody passes in as they arrive. One thread.
#pragma once

#include <functional>
#include <optional>

#include "recording/blocks.h"

namespace saker::recording {

class Feed final : public Blocks {
 public:
  // The next block; waits for it. Nothing: there are no more.
  using Take = std::function<std::optional<std::string>()>;

  Feed(std::string name, Take take) : Blocks(std::move(name)), take_(std::move(take)) {}

  bool next() override;
  std::uint64_t position() const override { return position_; }
  std::uint64_t size() const override { return 0; }

 private:
  Take take_;
  std::uint64_t position_ = 0;
};

}  // namespace saker::recording
