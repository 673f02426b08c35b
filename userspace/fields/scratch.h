// SPDX-License-Identifier: Apache-2.0
// Memory for the values that are computed for one event. One per thread. Chunks are kept when the
// scratch is reset, so after the first few events it allocates nothing; values are invalid after
// the next reset.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace saker::enrich {
class Users;
}

namespace saker::fields {

struct Descriptor;
struct Ends;

class Scratch {
 public:
  explicit Scratch(const enrich::Users* users = nullptr) : users_(users) {}

  void reset() {
    chunk_ = 0;
    used_ = 0;
    descriptor = nullptr;
    ends = nullptr;
  }
  // Values of descriptor.h, after their first use.
  const Descriptor* descriptor = nullptr;
  const Ends* ends = nullptr;
  // `size` bytes, aligned to 16; not initialised.
  char* take(std::size_t size) {
    size = (size + 15) & ~std::size_t{15};
    if (chunk_ < chunks_.size() && size <= chunks_[chunk_].size - used_) {
      char* at = chunks_[chunk_].bytes.get() + used_;
      used_ += size;
      return at;
    }
    return take_next(size);
  }
  // Returns the last `unused` bytes of the piece just taken.
  void give_back(std::size_t unused) { used_ -= unused & ~std::size_t{15}; }
  std::string_view keep(std::string_view text);

  // Names of users and groups; null: none are known.
  const enrich::Users* users() const { return users_; }
  void use(const enrich::Users* users) { users_ = users; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  static constexpr std::size_t chunk_size = 64 * 1024;

  char* take_next(std::size_t size);

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
  const enrich::Users* users_;
};

}  // namespace saker::fields
