// SPDX-License-Identifier: Apache-2.0
// Writes what a capture says about its events beyond records into a recording: each event as it was
// in the capture, and the meaning of its numbers. See recording/foreign.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash_index.h"
#include "recording/foreign.h"
#include "scap/columns.h"
#include "scap/origin.h"
#include "scap/show.h"

namespace saker::scap {

// The parameters that refer to something, one bit each.
std::uint64_t raw_refers(std::uint16_t type);

class SectionWriter final : public recording::ForeignWriter {
 public:
  explicit SectionWriter(recording::TextWriter& texts) : texts_(texts) {}
  // A recording::MakeForeignWriter.
  static std::unique_ptr<recording::ForeignWriter> make(recording::TextWriter& texts) {
    return std::make_unique<SectionWriter>(texts);
  }

  // Row + 1 among threads.
  std::uint32_t actor(const fields::Event& event) override;
  void add(const fields::Event& event) override;
  std::size_t bytes() const override { return words_ * sizeof(std::uint64_t); }
  void put(std::string& to) const override;

 private:
  struct Raw {
    std::uint16_t type;
    std::uint32_t row;  // among the rows of its type
  };
  // A row of threads: what seldom changes, and the rest.
  void put_names(const ShownEvent& view, std::span<std::uint64_t> row);
  void put_kin(const ShownEvent& view, std::span<std::uint64_t> row);
  // The row with that content.
  std::uint32_t find_or_add(recording::TableWriter& table, HashIndex& index,
                            std::span<const std::uint64_t> row);
  std::uint32_t descriptor(const FdInfo* fd);
  std::uint64_t reference(const ShownEvent& view, const FdInfo* fd);
  std::uint64_t references(const ShownEvent& view, unsigned param);
  std::uint32_t raw(const ShownEvent& view);
  void add_interfaces(const Interfaces& from);

  recording::TextWriter& texts_;
  recording::TableWriter descriptors_{descriptor_columns}, threads_{thread_columns},
      interfaces_{interface_columns}, views_{view_columns};
  std::map<std::uint16_t, recording::TableWriter> raw_;  // by type
  std::vector<Raw> raws_;
  HashIndex descriptor_index_, thread_index_, raw_index_;
  // By Thread::serial: the last row, and CaptureLookup::threads_changed() when it was made.
  struct LastRow {
    std::uint64_t changed = 0;
    std::uint32_t row = 0;
  };
  std::unordered_map<std::uint64_t, LastRow> last_rows_;
  std::uint64_t last_time_ = 0;
  std::size_t words_ = 0;
  std::size_t before_ = 0;  // number of events before the first one that was in a capture
  // Reused buffer.
  std::vector<std::uint64_t> row_;
  std::vector<std::int64_t> numbers_;
  std::string bytes_;
};

}  // namespace saker::scap
