// SPDX-License-Identifier: Apache-2.0
// Gathers events into blocks for a recording. Everything is copied: process and record are used
// only during the call. One thread; each drain thread has its own. Once it is warm, an event
// similar to an earlier one allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash_index.h"
#include "decode/record.h"
#include "enrich/process.h"
#include "enrich/users.h"
#include "recording/block.h"

namespace saker::recording {

class Builder {
 public:
  // Limits of a block: number of events, and approximate size.
  static constexpr std::size_t most_events = 1u << 14;
  static constexpr std::size_t most_bytes = 4u << 20;

  // Images, containers and users have numbers computed from their content and `seed`. Builders for
  // one file share the seed; recorded processes should not be able to learn it. `foreign`: makes
  // the writer for data of foreign events beyond their records; null: that data is left out.
  explicit Builder(std::uint64_t seed, MakeForeignWriter foreign = nullptr);

  // Call it when images may have changed without a call of forget() (enrich/process_cache.h), as
  // those of live processes may.
  void new_batch() { batch_++; }
  void add(const fields::Event& event);
  std::size_t events() const { return block_->events.size(); }
  bool full() const;
  // The gathered events; starts a new block.
  std::unique_ptr<Block> take();

 private:
  struct Known {
    std::uint64_t id = 0, parent_id = 0, container_id = 0, fingerprint = 0;
    const enrich::Container* container = nullptr;
    std::uint64_t batch = 0, block = 0;
    std::uint64_t state = 0;  // of the image's verdicts
    std::uint32_t row = 0;
  };

  const Known& image(const enrich::Process& process, unsigned depth);
  std::uint64_t image_content(const enrich::Process& process, const Known& links);
  std::uint32_t image_row(const enrich::Process& process, const Known& known, std::uint32_t parent);
  std::uint32_t container(const enrich::Container& container, std::uint64_t id);
  std::uint64_t container_content(const enrich::Container& container) const;
  std::uint32_t facts(const fields::Event& event);
  std::uint32_t users(const enrich::Users* users);
  std::uint32_t context(const fields::Event& event);
  std::uint32_t body(const decode::Record& record);
  std::uint64_t mix(std::uint64_t hash, std::string_view text) const;

  std::unique_ptr<Block> new_block() const;

  const std::uint64_t seed_;
  const MakeForeignWriter make_foreign_;
  std::unique_ptr<Block> block_;
  std::uint64_t batch_ = 1, block_number_ = 1;
  std::unordered_map<const enrich::Process*, Known> known_;
  std::unordered_map<std::uint64_t, std::uint32_t> image_rows_,
      container_rows_;  // rows of this block, by id
  HashIndex body_index_, fact_index_, context_index_;
  std::string list_;  // reused buffer

  struct UsersSeen {
    const void* users = nullptr;
    const void* first_user = nullptr;
    const void* first_group = nullptr;
    std::size_t user_count = 0, group_count = 0;
    bool operator==(const UsersSeen&) const = default;
  };
  // Those seen in this block, and their rows + 1.
  std::vector<std::pair<UsersSeen, std::uint32_t>> users_seen_;
};

}  // namespace saker::recording
