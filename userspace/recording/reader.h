// SPDX-License-Identifier: Apache-2.0
// Reads a recording event by event, in the order in which they were recorded. Only requested types
// are turned into records, once for all events of a block that share a body. Damaged blocks are
// reported (damage()) and skipped. One thread; an event is valid until the next call of next().
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "decode/record.h"
#include "recording/blocks.h"
#include "recording/bodies.h"
#include "recording/foreign.h"
#include "recording/images.h"
#include "recording/schema.h"

namespace saker::recording {

class RecordingReader {
 public:
  using Types = std::bitset<SAKER_EV_MAX>;

  // `foreign`: restores the origin of foreign events; null: they are read as their records alone.
  static Result<std::unique_ptr<RecordingReader>> open(
      const std::string& path, std::unique_ptr<ForeignReader> foreign = nullptr);
  // For blocks from any source; waits for the first of them.
  explicit RecordingReader(std::unique_ptr<Blocks> blocks,
                           std::unique_ptr<ForeignReader> foreign = nullptr);

  // The next event of a requested type; null at the end.
  const fields::Event* next(const Types& wanted);

  const Description& description() const { return description_; }
  std::uint64_t events() const { return events_; }    // passed
  std::uint64_t skipped() const { return skipped_; }  // blocks and events of unknown types
  std::uint64_t position() const { return input_->position(); }
  std::uint64_t size() const { return input_->size(); }
  const std::vector<std::string>& damage() const { return input_->damage(); }
  // `block` is called for each block, before its events.
  void watch(std::function<void()> block) { watch_ = std::move(block); }

 private:
  // Loads the next block that contains events; false at the end.
  bool load();
  void take_other_block();
  bool read_events_block();
  bool read_sections();
  bool read_section(std::uint64_t section, std::string_view bytes);
  void want(const Types& wanted);
  saker_rec* next_record();
  bool take(saker_rec* record, std::size_t row);
  std::uint64_t time_at(std::size_t row) const;

  std::unique_ptr<Blocks> input_;
  Description description_;
  bool described_ = false;
  bool ahead_ = false;  // the current block has events and was not loaded yet
  Schema schema_ = Schema::own();
  BlockTables tables_;
  BlockImages images_;
  Bodies bodies_;
  std::unique_ptr<ForeignReader> foreign_;
  TableReader rows_;
  ColumnView body_, cpu_, seq_, context_, ts_, wall_, number_;  // its columns
  std::size_t row_ = 0, row_count_ = 0;
  std::vector<std::uint32_t> next_seq_;
  Types wanted_;
  fields::Event event_{.record = decode::Record(nullptr)};
  std::uint64_t events_ = 0, skipped_ = 0;
  std::function<void()> watch_;
};

}  // namespace saker::recording
