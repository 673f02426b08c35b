// SPDX-License-Identifier: Apache-2.0
#include "recording/feed.h"

namespace saker::recording {

bool Feed::next() {
  while (std::optional<std::string> block = take_()) {
    offset_ = position_;
    position_ += block->size();
    if (!read_head(*block, head_) || head_.stored != block->size() - sizeof head_ ||
        head_.content > largest_block || head_.events > most_events) {
      add_damage(offset_, "the received data is not a block");
      continue;
    }
    Result<void> unpacked = unpack(head_, std::string_view(*block).substr(sizeof head_), content_);
    if (unpacked) return true;
    add_damage(offset_, unpacked.error().message);
  }
  return false;
}

}  // namespace saker::recording
