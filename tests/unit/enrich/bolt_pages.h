// SPDX-License-Identifier: Apache-2.0
// Writes a database as bbolt does: each bucket inside its parent, or in pages of its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/little_endian.h"

namespace saker::enrich::test {

struct BoltBucket {
  std::map<std::string, std::string> values;
  std::map<std::string, BoltBucket> buckets;
  std::size_t per_page = 0;  // 0: inside the parent
};

class BoltPages {
 public:
  static constexpr std::size_t page_size = 4096;

  // The file after the commit `commit`; its other meta page is that of the commit before it.
  static std::string file(const BoltBucket& top, std::uint64_t commit = 7) {
    BoltPages made;
    made.out_.resize(3 * page_size);
    BoltBucket root = top;
    if (!root.per_page) root.per_page = 1000;
    const std::uint64_t at = made.tree(root);
    for (std::uint64_t i : {0, 1})
      made.out_.replace(
          i * page_size, page_size,
          meta(i, (commit & 1) == i ? at : 2, (commit & 1) == i ? commit : commit - 1));
    return made.out_;
  }

 private:
  using Rows = std::vector<std::pair<std::string, std::string>>;

  static std::string head(std::uint64_t id, std::uint16_t kind, std::size_t count,
                          std::uint32_t more) {
    std::string out;
    append_le(out, id);
    append_le(out, kind);
    append_le(out, static_cast<std::uint16_t>(count));
    append_le(out, more);
    return out;
  }
  static std::string meta(std::uint64_t page, std::uint64_t root, std::uint64_t commit) {
    std::string out;
    append_le(out, std::uint32_t{0xED0CDAED});
    append_le(out, std::uint32_t{2});
    append_le(out, static_cast<std::uint32_t>(page_size));
    append_le(out, std::uint32_t{0});
    for (std::uint64_t each : {root, std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{9}, commit})
      append_le(out, each);
    std::uint64_t sum = 0xcbf29ce484222325;
    for (char c : out) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    append_le(out, sum);
    out = head(page, 4, 0, 0) + out;
    out.resize(page_size);
    return out;
  }
  // Everything of a page but its id and how many continue it.
  static std::string leaf(const Rows& rows, const BoltBucket& of) {
    std::string out = head(0, 2, rows.size(), 0), texts;
    for (std::size_t i = 0; i < rows.size(); i++) {
      append_le(out, static_cast<std::uint32_t>(of.buckets.contains(rows[i].first)));
      append_le(out, static_cast<std::uint32_t>((rows.size() - i) * 16 + texts.size()));
      append_le(out, static_cast<std::uint32_t>(rows[i].first.size()));
      append_le(out, static_cast<std::uint32_t>(rows[i].second.size()));
      texts += rows[i].first + rows[i].second;
    }
    return out + texts;
  }
  std::uint64_t put(std::string page) {
    const std::uint64_t id = out_.size() / page_size;
    const std::size_t pages = (page.size() + page_size - 1) / page_size;
    page.resize(pages * page_size);
    std::string start;
    append_le(start, id);
    page.replace(0, 8, start);
    start.clear();
    append_le(start, static_cast<std::uint32_t>(pages - 1));
    page.replace(12, 4, start);
    out_ += page;
    return id;
  }
  Rows rows(const BoltBucket& bucket) {
    std::map<std::string, std::string> all = bucket.values;
    for (const auto& [name, below] : bucket.buckets) {
      std::string& value = all[name];
      append_le(value, below.per_page ? tree(below) : std::uint64_t{0});
      append_le(value, std::uint64_t{0});
      if (!below.per_page) value += leaf(rows(below), below);
    }
    return {all.begin(), all.end()};
  }
  std::uint64_t tree(const BoltBucket& bucket) {
    const Rows all = rows(bucket);
    std::vector<std::pair<std::string, std::uint64_t>> leaves;
    for (std::size_t i = 0; i < all.size() || i == 0; i += bucket.per_page) {
      const Rows part(all.begin() + static_cast<long>(i),
                      all.begin() + static_cast<long>(std::min(i + bucket.per_page, all.size())));
      leaves.emplace_back(part.empty() ? "" : part[0].first, put(leaf(part, bucket)));
    }
    if (leaves.size() == 1) return leaves[0].second;
    std::string out = head(0, 1, leaves.size(), 0), texts;
    for (std::size_t i = 0; i < leaves.size(); i++) {
      append_le(out, static_cast<std::uint32_t>((leaves.size() - i) * 16 + texts.size()));
      append_le(out, static_cast<std::uint32_t>(leaves[i].first.size()));
      append_le(out, leaves[i].second);
      texts += leaves[i].first;
    }
    return put(out + texts);
  }

  std::string out_;
};

}  // namespace saker::enrich::test
