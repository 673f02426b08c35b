// SPDX-License-Identifier: Apache-2.0
// Reads a database of bbolt while its owner writes it: what containerd knows of containers and
// images, and podman 4 of containers. A database is a tree of buckets; a bucket has keys with
// values, and more buckets. No lock is taken, so the owner never waits: a commit does not overwrite
// the state before it, so what was read is right until the next commit. The owner may be an
// attacker: every number in the file is checked, and an amount that is read is limited. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace saker::enrich {

class BoltFile {
 public:
  static Result<BoltFile> open(const std::string& path);

  using Path = std::initializer_list<std::string_view>;
  // A key in the bucket at the end of a path of buckets. The last element of `path` is the key.
  std::optional<std::string> value(Path path);
  // Calls `call` with each key and value of that bucket; a bucket in it has the value "".
  void each(Path path,
            const std::function<void(std::string_view key, std::string_view value)>& call);
  // False: the owner may have overwritten something while it was read, or not everything that was
  // asked could be read.
  bool is_whole();

 private:
  // A key in a page: with a value, or with the page (or the small pages themselves) of a bucket.
  struct Element {
    std::string_view key, value;
    std::uint64_t page = 0;
    bool is_bucket = false;
  };
  // The root of a bucket: a page of its own, or one inside its parent's.
  struct Bucket {
    std::uint64_t page = 0;
    std::string inside;
  };
  using Take = std::function<void(const Element&)>;

  bool read_meta();
  std::string read(std::uint64_t page);
  std::string first_page(const Bucket& bucket);
  bool elements(std::string_view page, const Take& take);
  bool find(const Bucket& bucket, std::string_view key, const Take& take);
  void walk(std::string_view page, unsigned depth, const Take& take);
  std::optional<Bucket> bucket(Path path, std::size_t size);

  Fd fd_;
  std::uint64_t root_ = 0, commit_ = 0;
  std::size_t page_size_ = 0, budget_ = 0;
  bool damaged_ = false;
};

}  // namespace saker::enrich
