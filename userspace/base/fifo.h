// SPDX-License-Identifier: Apache-2.0
// A queue that millions of entries a second pass, and that may grow to millions of entries: its
// pieces are larger than those of std::deque, and the last one that became empty is used again.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace saker {

template <typename T, std::size_t piece_size = 1024>
class Fifo {
 public:
  std::size_t size() const { return pieces_.size() * piece_size - begin_ - (piece_size - end_); }
  bool empty() const { return size() == 0; }
  T& front() { return (*pieces_.front())[begin_]; }
  // The entry so far behind the front; null also if it is in another piece.
  const T* after_front(std::size_t distance) const {
    const std::size_t end = pieces_.size() == 1 ? end_ : piece_size;
    return begin_ + distance < end ? &(*pieces_.front())[begin_ + distance] : nullptr;
  }

  void push_back(const T& entry) {
    if (end_ == piece_size) {
      pieces_.push_back(spare_ ? std::move(spare_) : std::make_unique<Piece>());
      end_ = 0;
    }
    (*pieces_.back())[end_++] = entry;
  }
  void pop_front() {
    if (++begin_ < piece_size) return;
    spare_ = std::move(pieces_.front());
    pieces_.pop_front();
    begin_ = 0;
  }

 private:
  using Piece = std::array<T, piece_size>;

  std::deque<std::unique_ptr<Piece>> pieces_;
  std::unique_ptr<Piece> spare_;
  std::size_t begin_ = 0;         // of the front, in the first piece
  std::size_t end_ = piece_size;  // of the next entry, in the last piece
};

}  // namespace saker
