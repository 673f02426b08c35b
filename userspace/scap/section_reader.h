// SPDX-License-Identifier: Apache-2.0
// Reads what a capture said about its events beyond records, from a recording's blocks. A view, and
// everything it refers to, is made when its event is used. One thread; a view is valid until the
// next view, or the next block.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "fields/scratch.h"
#include "recording/foreign.h"
#include "recording/table.h"
#include "scap/columns.h"
#include "scap/origin.h"
#include "scap/show.h"

namespace saker::scap {

class SectionReader final : public recording::ForeignReader, public CaptureLookup {
 public:
  SectionReader();
  void clear() override;
  Took add(std::uint64_t section, std::string_view bytes) override;
  void read(const recording::BlockTables& tables) override;
  const fields::Origin* origin(std::size_t row, const recording::Actor& actor, std::uint64_t time,
                               std::uint64_t before, std::uint32_t cpu) override;
  bool damaged() const override { return damaged_; }

  const FdInfo* fd_of(const Thread& thread, std::int64_t number) const override;
  std::string_view cwd_of(const Thread& thread) const override;
  std::int64_t fd_limit_of(const Thread& thread) const override { return thread.fdlimit; }
  const Kin& kin_of(const Thread& thread) const override;
  std::string types_of(const Thread& thread) const override;
  bool local(const Thread& thread, const FdInfo& fd, bool source) const override;
  Leader leader_of(const Thread& thread, LeaderKind what) const override;
  std::string_view comm_of(std::int64_t tid) const override;
  std::string_view user(std::uint32_t uid) const override;
  std::string_view group(std::uint32_t gid) const override;
  const Interfaces& interfaces() const override { return interfaces_; }
  std::string_view host() const override { return host_; }
  bool swapped() const override { return raw_->bits & raw_swapped; }

 private:
  struct Group {
    std::uint16_t type = 0;  // type_count: unknown here
    std::uint32_t first = 0;
    unsigned params = 0;  // number of parameters that have a column
    std::uint64_t refers = 0;
    std::size_t rows = 0;
    std::string_view bytes;  // of the table; empty once it is read
    recording::TableReader table;
  };
  // A raw event that was used, in `made_`: many events of a block share one.
  struct Raw {
    const Group* group = nullptr;
    std::size_t row = 0;
    std::span<const Param> params;
    std::uint64_t bits = 0;
    FdInfo* fd = nullptr;
    std::int64_t fd_number = -1;
    KeptKey key;
  };
  // Adds the content of a section of raw events. False: it is invalid.
  bool add_raw(std::string_view section);
  // For the block's event in that row; null if it was not in a capture.
  const ShownEvent* at(std::size_t row, const recording::Actor& actor, std::uint64_t time,
                       std::uint64_t before, std::uint32_t cpu);
  // A raw event, by number + 1; null: there is none.
  Raw* find(std::uint64_t raw);
  Raw* make(const Group& group, std::size_t row);
  std::span<const Param> params(const Group& group, std::size_t row);
  FdInfo* descriptor(std::uint64_t row) const;
  Thread* thread(std::uint32_t row);
  const FdInfo* referred(std::uint64_t reference) const;
  const FdInfo* listed(unsigned param, std::uint64_t references, std::int64_t number) const;

  const recording::BlockTables* tables_ = nullptr;
  recording::TableReader descriptor_rows_, thread_rows_, interface_rows_, view_rows_;
  std::vector<Group> groups_;
  std::vector<std::uint16_t> group_of_;  // by raw event
  std::vector<Raw*> raws_;               // the same; null: not used yet
  fields::Scratch made_;                 // of this block
  bool damaged_ = false;
  Interfaces interfaces_;
  // Those used so far, and their index by row: 0, or index + 1.
  mutable std::deque<FdInfo> descriptors_;
  mutable std::vector<std::uint32_t> descriptor_at_;
  mutable std::size_t room_ = 0;

  // Of the current event.
  Raw* raw_ = nullptr;
  const recording::Actor* actor_ = nullptr;
  Thread thread_;
  std::uint32_t thread_row_ = 0;  // the row from which it was made
  mutable Kin kin_;
  mutable const enrich::Process* kin_process_ = nullptr;  // those of which it was made
  mutable std::uint32_t kin_row_ = 0;
  std::string_view host_;
  CaptureEvent event_;
  EventState context_;
  ShownEvent view_;
  CaptureOrigin origin_;
};

}  // namespace saker::scap
