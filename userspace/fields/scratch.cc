// SPDX-License-Identifier: Apache-2.0
#include "fields/scratch.h"

#include <algorithm>
#include <cstring>

namespace saker::fields {

char* Scratch::take_next(std::size_t size) {
  // A chunk that is too small for this piece is skipped; the next event starts with it again.
  while (chunk_ + 1 < chunks_.size()) {
    chunk_++;
    used_ = 0;
    if (size <= chunks_[chunk_].size) {
      used_ = size;
      return chunks_[chunk_].bytes.get();
    }
  }
  std::size_t chunk = std::max(size, chunk_size);
  chunks_.push_back({std::unique_ptr<char[]>(new char[chunk]), chunk});
  chunk_ = chunks_.size() - 1;
  used_ = size;
  return chunks_[chunk_].bytes.get();
}

std::string_view Scratch::keep(std::string_view text) {
  char* at = take(text.size());
  std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

}  // namespace saker::fields
