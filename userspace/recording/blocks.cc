// SPDX-License-Identifier: Apache-2.0
#include "recording/blocks.h"

namespace saker::recording {
namespace {

constexpr std::size_t most_messages = 20;

}  // namespace

void Blocks::add_damage(std::uint64_t offset, const std::string& what) {
  damaged_++;
  if (damage_.size() < most_messages) {
    damage_.push_back(name_ + ": byte " + std::to_string(offset) + ": " + what);
  } else {
    damage_.resize(most_messages);
    damage_.push_back(name_ + ": damaged in " + std::to_string(damaged_) +
                      " places; these are the first");
  }
}

}  // namespace saker::recording
