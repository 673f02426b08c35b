// SPDX-License-Identifier: Apache-2.0
// Process images, containers and users from a recording's blocks. Each block defines everything
// that its events refer to; an object whose number is known already is kept, together with the
// results that match/ cached for it. An image is made when an event is first asked for that needs
// it: a caller may skip most events of a block. One thread. Data read from a block is valid until
// the second read() after it, or clear().
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "enrich/users.h"
#include "recording/columns.h"
#include "recording/table.h"

namespace saker::recording {

// The tables of one block.
struct BlockTables {
  TextReader texts;
  TableReader containers, mounts, images, facts, user_sets, users, groups, contexts;

  // Keeps the memory: the next block needs about as much.
  void clear() {
    texts.clear();
    for (TableReader* table :
         {&containers, &mounts, &images, &facts, &user_sets, &users, &groups, &contexts})
      table->clear();
  }
};

// The process of an event, from a context of the block.
struct Actor {
  const enrich::Process* process = nullptr;
  const enrich::FactsSource* facts = nullptr;
  const enrich::Users* users = nullptr;
  std::uint32_t tid = 0, pid = 0, uid = 0;
  std::uint32_t thread = 0;  // for a foreign event: the result of ForeignWriter::actor()
};

class BlockImages final : private enrich::FactsSource {
 public:
  BlockImages();
  ~BlockImages();

  // False: a table refers to a row that does not exist. `tables` must stay valid as long as the
  // result is used.
  bool read(const BlockTables& tables);
  // The number of contexts of the block.
  std::size_t contexts() const { return tables_ ? tables_->contexts.rows() : 0; }
  // The process of events with that context; null: the block's images are damaged, or larger than a
  // block allows. Valid until the next call.
  const Actor* actor(std::size_t context);
  // Another recording begins: the numbers have new meanings.
  void clear();

 private:
  static constexpr std::size_t no_row = ~std::size_t{0};
  struct Stored;
  struct StoredContainer;
  struct StoredUsers;

  bool read_containers(const BlockTables& tables);
  bool images_valid(const BlockTables& tables) const;
  // The image in that row, made together with its ancestors if it is not yet; null: see actor().
  Stored* image(std::size_t row);
  Stored* make(std::size_t row);
  [[nodiscard]] bool fill(Stored& to, std::size_t row, const Stored* parent);
  const enrich::CaptureFacts& facts() const override;
  bool read_users(const BlockTables& tables);
  bool contexts_valid(const BlockTables& tables) const;
  void forget_unused();
  [[nodiscard]] bool reserve(std::size_t bytes);

  std::uint64_t block_ = 1;
  std::size_t room_ = 0;
  std::size_t kept_ = 0;  // size of the texts of images_
  std::unordered_map<std::uint64_t, std::unique_ptr<Stored>> images_;
  std::unordered_map<std::uint64_t, std::unique_ptr<StoredContainer>> containers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<StoredUsers>> users_;
  // Of the block, by row.
  std::vector<Stored*> image_rows_;     // null: not made yet
  std::vector<std::size_t> open_rows_;  // used by image()
  std::vector<StoredContainer*> container_rows_;
  std::vector<const enrich::Users*> user_rows_;
  const BlockTables* tables_ = nullptr;  // null: the block was invalid
  // Of the last context asked for.
  std::size_t context_ = no_row, facts_row_ = no_row;
  mutable std::size_t facts_made_of_ = no_row;  // a row
  mutable enrich::CaptureFacts facts_;
  Actor actor_;
};

}  // namespace saker::recording
