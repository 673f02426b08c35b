// SPDX-License-Identifier: Apache-2.0
// What a foreign source stores of its events in a recording beyond their records: sections of its
// own in each block, which other readers skip. The source implements both sides
// (scap/section_writer.h, scap/section_reader.h); the caller who makes a Builder or opens a
// RecordingReader passes them in. Without them, foreign events are written and read as their
// records alone. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "fields/event.h"
#include "recording/images.h"
#include "recording/table.h"

namespace saker::recording {

// For one block.
class ForeignWriter {
 public:
  virtual ~ForeignWriter() = default;
  // A number for the process of the event, stored with the event's facts (Actor::thread); 0: none,
  // or not an event of this source.
  virtual std::uint32_t actor(const fields::Event& event) = 0;
  // The next event of the block, whatever its origin.
  virtual void add(const fields::Event& event) = 0;
  // Approximate size of the gathered data.
  virtual std::size_t bytes() const = 0;
  // Appends all sections; nothing if no event was foreign.
  virtual void put(std::string& to) const = 0;
};
// `texts`: those of the block; they outlive the writer.
using MakeForeignWriter = std::unique_ptr<ForeignWriter> (*)(TextWriter& texts);

class ForeignReader {
 public:
  virtual ~ForeignReader() = default;
  // Starts the next block.
  virtual void clear() = 0;
  // A section of the block; `bytes` stay valid as long as its events are used.
  enum class Took : std::uint8_t { yes, unknown, damaged };
  virtual Took add(std::uint64_t section, std::string_view bytes) = 0;
  // Called after all sections of the block. `tables` stay valid as long as its events are used.
  virtual void read(const BlockTables& tables) = 0;
  // The origin of the event in that row, valid until the next call; fields::own_origin if the event
  // is not from this source. `before`: time of the previous event in the block.
  virtual const fields::Origin* origin(std::size_t row, const Actor& actor, std::uint64_t time,
                                       std::uint64_t before, std::uint32_t cpu) = 0;
  // Whether the last call of origin() found damage.
  virtual bool damaged() const = 0;
};

}  // namespace saker::recording
