// SPDX-License-Identifier: Apache-2.0
#include "enrich/bolt_file.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/little_endian.h"

namespace saker::enrich {
namespace {

constexpr std::size_t page_head = 16, element_size = 16, bucket_head = 16, meta_size = 64;
constexpr std::uint32_t magic = 0xED0CDAED, version = 2;
constexpr std::uint16_t branch = 1, leaf = 2;
constexpr std::uint32_t holds_bucket = 1;
// The depth of a tree, the size of a page with its value, and how much is read of one file.
constexpr unsigned most_depth = 16;
constexpr std::size_t most_page = 16u << 20, most_bytes = 64u << 20;

// FNV-1a, as in the meta page.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

std::uint16_t kind_of(std::string_view page) { return read_le<std::uint16_t>(page.data() + 8); }

}  // namespace

Result<BoltFile> BoltFile::open(const std::string& path) {
  Result<Fd> fd = open_regular_file(path);
  if (!fd) return fd.error();
  BoltFile made;
  made.fd_ = std::move(*fd);
  made.budget_ = most_bytes;
  if (!made.read_meta()) return Error{path + ": not a database of bbolt", EINVAL};
  return made;
}

// The newer one of two pages that are written in turn.
bool BoltFile::read_meta() {
  const auto take = [this](std::uint64_t offset) {
    char page[page_head + meta_size];
    if (::pread(fd_.get(), page, sizeof page, static_cast<off_t>(offset)) != sizeof page)
      return false;
    const char* meta = page + page_head;
    const std::uint32_t size = read_le<std::uint32_t>(meta + 8);
    if (read_le<std::uint32_t>(meta) != magic || read_le<std::uint32_t>(meta + 4) != version ||
        read_le<std::uint64_t>(meta + 56) != checksum({meta, 56}) || size < 512 || size > most_page)
      return false;
    page_size_ = size;
    const std::uint64_t commit = read_le<std::uint64_t>(meta + 48);
    if (root_ && commit <= commit_) return true;
    commit_ = commit;
    root_ = read_le<std::uint64_t>(meta + 16);
    return true;
  };
  root_ = 0;
  const bool first = take(0);
  const bool second = take(first ? page_size_ : 4096);
  return (first || second) && root_ != 0;
}

bool BoltFile::is_whole() {
  const std::uint64_t before = commit_;
  return !damaged_ && read_meta() && commit_ == before;
}

// A page with those that continue it; "" if it is none.
std::string BoltFile::read(std::uint64_t page) {
  std::string out(page_size_, '\0');
  const auto fill = [&](std::size_t from) {
    const std::size_t size = out.size() - from;
    if (page > ~std::uint64_t{0} / page_size_ / 2 || size > budget_) return false;
    budget_ -= size;
    return ::pread(fd_.get(), out.data() + from, size,
                   static_cast<off_t>(page * page_size_ + from)) == static_cast<ssize_t>(size);
  };
  const bool before = std::exchange(damaged_, true);
  if (!fill(0) || read_le<std::uint64_t>(out.data()) != page) return "";
  const std::uint64_t more = read_le<std::uint32_t>(out.data() + 12);
  if (more >= most_page / page_size_) return "";
  out.resize((more + 1) * page_size_);
  if (more && !fill(page_size_)) return "";
  damaged_ = before;
  return out;
}

std::string BoltFile::first_page(const Bucket& bucket) {
  return bucket.page ? read(bucket.page) : bucket.inside;
}

// Shows the elements of a page; false if one of them is invalid.
bool BoltFile::elements(std::string_view page, const Take& take) {
  damaged_ = damaged_ || page.size() < page_head;
  if (damaged_) return false;
  const std::size_t count = read_le<std::uint16_t>(page.data() + 10);
  const bool is_leaf = kind_of(page) == leaf;
  damaged_ =
      (!is_leaf && kind_of(page) != branch) || page_head + count * element_size > page.size();
  for (std::size_t i = 0; i < count && !damaged_; i++) {
    const std::size_t begin = page_head + i * element_size;
    const char* at = page.data() + begin;
    const auto number = [at](std::size_t offset) -> std::size_t {
      return read_le<std::uint32_t>(at + offset);
    };
    const std::size_t key = begin + number(is_leaf ? 4 : 0), key_size = number(is_leaf ? 8 : 4);
    const std::size_t value_size = is_leaf ? number(12) : 0;
    damaged_ = key > page.size() || key_size + value_size > page.size() - key;
    if (damaged_) break;
    Element element{page.substr(key, key_size), page.substr(key + key_size, value_size)};
    if (!is_leaf) element.page = read_le<std::uint64_t>(at + 8);
    element.is_bucket = is_leaf && number(0) == holds_bucket;
    take(element);
  }
  return !damaged_;
}

bool BoltFile::find(const Bucket& in, std::string_view key, const Take& take) {
  std::string page = first_page(in);
  for (unsigned depth = 0; depth < most_depth; depth++) {
    std::uint64_t below = 0;
    bool found = false, any = false;
    const bool whole = elements(page, [&](const Element& each) {
      if (each.page) {
        // The last one that does not begin after the key.
        if (!any || each.key <= key) below = each.page;
        any = true;
      } else if (each.key == key && !found) {
        found = true;
        take(each);
      }
    });
    if (!whole || !below) return whole && found;
    page = read(below);
  }
  damaged_ = true;
  return false;
}

void BoltFile::walk(std::string_view page, unsigned depth, const Take& take) {
  if (depth == most_depth) damaged_ = true;
  elements(page, [&](const Element& each) {
    if (each.page)
      walk(read(each.page), depth + 1, take);
    else
      take(each);
  });
}

// The bucket at the end of the first `size` elements of a path.
std::optional<BoltFile::Bucket> BoltFile::bucket(Path path, std::size_t size) {
  Bucket at{root_, ""};
  for (const std::string_view* key = path.begin(); key != path.begin() + size; key++) {
    std::optional<Bucket> next;
    find(at, *key, [&](const Element& element) {
      if (!element.is_bucket || element.value.size() < bucket_head) return;
      const std::uint64_t page = read_le<std::uint64_t>(element.value.data());
      next = Bucket{page, page ? "" : std::string(element.value.substr(bucket_head))};
    });
    if (!next) return std::nullopt;
    at = std::move(*next);
  }
  return at;
}

std::optional<std::string> BoltFile::value(Path path) {
  std::optional<std::string> out;
  const std::optional<Bucket> in = bucket(path, path.size() - 1);
  if (in)
    find(*in, *(path.end() - 1), [&](const Element& element) {
      if (!element.is_bucket) out = element.value;
    });
  return out;
}

void BoltFile::each(Path path,
                    const std::function<void(std::string_view, std::string_view)>& call) {
  const std::optional<Bucket> in = bucket(path, path.size());
  if (!in) return;
  walk(first_page(*in), 0, [&](const Element& element) {
    call(element.key, element.is_bucket ? std::string_view() : element.value);
  });
}

}  // namespace saker::enrich
