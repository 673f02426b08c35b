// SPDX-License-Identifier: Apache-2.0
// The bodies that the events of a block share: records without process, time and CPU. Turned into
// records on demand. One thread.
#pragma once

#include <saker/event.h>

#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "recording/schema.h"
#include "recording/table.h"

namespace saker::recording {

class Bodies {
 public:
  void clear();
  // Adds the content of a section of bodies, which must stay valid until the last call of build().
  // False: it is invalid.
  bool add(std::string_view section, const Schema& schema);
  // Makes records of these types only. False: the bodies are damaged, or larger than a block
  // allows. The texts are not needed afterwards.
  bool build(const std::bitset<SAKER_EV_MAX>& wanted, const TextReader& texts);

  std::size_t count() const { return types_.size(); }
  // The type of a body: SAKER_EV_*, 0 if it is unknown.
  std::uint16_t type(std::size_t body) const { return types_[body]; }
  // Null if its type was not requested.
  saker_rec* record(std::size_t body) { return records_[body]; }

 private:
  struct Group {
    std::size_t first = 0;
    std::size_t slots = 0;  // in the table
    Schema::Type type;
    std::size_t rows = 0;
    std::string_view bytes;  // of the table; empty once it is read
    TableReader table;

    std::size_t used_slots() const;
  };
  bool read(Group& group) const;
  // Adds up the lengths of the group's records. False: more than a block allows.
  bool measure(const Group& group, const TextReader& texts);
  void make(const Group& group, const TextReader& texts);
  void make_numbers(const Group& group, unsigned slot, std::size_t begin, std::size_t end);
  void make_blobs(const Group& group, unsigned slot, const ColumnView& flags, std::size_t begin,
                  std::size_t end, const TextReader& texts);

  std::vector<Group> groups_;
  std::vector<std::uint16_t> types_;
  std::vector<saker_rec*> records_;
  std::vector<std::uint32_t> lengths_;      // of the records, by body
  std::size_t bytes_ = 0;                   // of all of them
  std::unique_ptr<std::uint64_t[]> words_;  // not cleared: make() writes all of them
  std::size_t room_ = 0;
};

}  // namespace saker::recording
