// SPDX-License-Identifier: Apache-2.0
#include "decode/cursor.h"

namespace saker::decode {

void Cursor::skip() {
  std::size_t left = bytes_.size() - at_;
  std::size_t step = left;
  if (left >= SAKER_REC_HEAD) {
    std::size_t len = Record(bytes_.data() + at_).head().len;
    if (len >= SAKER_REC_HEAD && len % 8 == 0 && len <= SAKER_REC_MAX && len <= left) step = len;
  }
  corruption_->records++;
  corruption_->bytes += step;
  at_ += step;
}

}  // namespace saker::decode
