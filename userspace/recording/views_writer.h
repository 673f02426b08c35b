// SPDX-License-Identifier: Apache-2.0
// What a capture tells of its events beyond records, on its way into a recording: each event as it stood there, and
// what its numbers stood for. Part of a Block. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/hash_index.h"
#include "capture/scap_show.h"
#include "recording/columns.h"
#include "recording/table.h"

namespace saker::recording {

// Parameters that refer to something, a bit each.
std::uint64_t raw_refers(std::uint16_t type);

class ViewTables {
 public:
  explicit ViewTables(TextWriter& texts) : texts_(texts) {}

  // Row + 1 of who did the event; 0: nobody.
  std::uint32_t thread(const capture::scap::View& view);
  void put_kin(const capture::scap::View& view, std::span<std::uint64_t> row);
  // The next event of the block; null: it stood in no capture.
  void add(const capture::scap::View* view, std::uint64_t time);
  std::size_t bytes() const { return words_ * sizeof(std::uint64_t); }
  // All sections; nothing if no event stood in a capture.
  void put(std::string& to) const;

 private:
  struct Raw {
    std::uint16_t type;
    std::uint32_t row;  // among those of its type
  };
  // The row with that content.
  std::uint32_t find_or_add(TableWriter& table, HashIndex& index,
                            std::span<const std::uint64_t> row);
  std::uint32_t descriptor(const capture::scap::Fd* fd);
  std::uint64_t reference(const capture::scap::View& view, const capture::scap::Fd* fd);
  std::uint64_t references(const capture::scap::View& view, unsigned param);
  std::uint32_t raw(const capture::scap::View& view);
  void add_interfaces(const capture::scap::Interfaces& from);

  TextWriter& texts_;
  TableWriter descriptors_{descriptor_columns}, threads_{thread_columns},
      interfaces_{interface_columns}, views_{view_columns};
  std::map<std::uint16_t, TableWriter> raw_;  // by type
  std::vector<Raw> raws_;
  HashIndex descriptor_index_, thread_index_, raw_index_;
  std::uint64_t last_time_ = 0;
  std::size_t words_ = 0;
  std::size_t before_ = 0;  // events of no capture before the first that stood in one
  // Scratch.
  std::vector<std::uint64_t> row_;
  std::vector<std::int64_t> numbers_;
  std::string bytes_;
};

}  // namespace saker::recording
