// SPDX-License-Identifier: Apache-2.0
// What a capture told of its events beyond records, out of a recording's blocks. A view is made when its event is looked
// at, and so is what it refers to. One thread; a view is valid until the next one, or the next block.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "capture/scap_show.h"
#include "recording/columns.h"
#include "recording/images.h"
#include "recording/table.h"

namespace saker::recording {

class Views : public capture::scap::Known {
 public:
  void clear();
  // The content of a section of raw events, which must live as long as its events are looked at. False: it is none.
  bool add(std::string_view section);
  // All sections of the block are read. `tables` must live as long as its events are looked at.
  void read(const Tables& tables);
  // Of the block's event in that row; null if it stood in no capture. `before`: when the event before it in the block was.
  const capture::scap::View* at(std::size_t row, const Actor& actor, std::uint64_t time, std::uint64_t before,
                                std::uint32_t cpu);
  // Whether the last call of at() came upon damage.
  bool damaged() const { return damaged_; }

  const capture::scap::Fd* fd_of(const capture::scap::Thread& thread, std::int64_t number) const override;
  std::string_view cwd_of(const capture::scap::Thread& thread) const override;
  std::int64_t fd_limit_of(const capture::scap::Thread& thread) const override { return thread.fdlimit; }
  capture::scap::Kin kin_of(const capture::scap::Thread& thread) const override;
  std::string types_of(const capture::scap::Thread& thread) const override;
  bool local(const capture::scap::Thread& thread, const capture::scap::Fd& fd, bool source) const override;
  capture::scap::Leader leader_of(const capture::scap::Thread& thread, capture::scap::Led what) const override;
  std::string_view comm_of(std::int64_t tid) const override;
  std::string_view user(std::uint32_t uid) const override;
  std::string_view group(std::uint32_t gid) const override;
  const capture::scap::Interfaces& interfaces() const override { return interfaces_; }
  std::string_view host() const override { return host_; }
  bool swapped() const override { return swapped_; }

 private:
  struct Group {
    std::uint16_t type = 0;  // capture::scap::type_count: not known here
    std::uint32_t first = 0;
    unsigned params = 0;     // that have a column
    std::uint64_t refers = 0;
    std::size_t rows = 0;
    std::string_view bytes;  // of the table, until it is read
    TableReader table;
  };
  // The row of a raw event, by number + 1; null: there is none.
  const Group* find(std::uint64_t raw);
  void fill(const Group& group, std::size_t row);
  capture::scap::Fd* descriptor(std::uint64_t row) const;
  capture::scap::Thread* thread(std::uint32_t row);
  const capture::scap::Fd* referred(std::uint64_t reference) const;
  const capture::scap::Fd* listed(unsigned param, std::uint64_t references, std::int64_t number) const;

  const Tables* tables_ = nullptr;
  std::vector<Group> groups_;
  std::vector<std::uint16_t> group_of_;  // by raw event
  bool damaged_ = false;
  capture::scap::Interfaces interfaces_;
  // Those asked for, and where they are by row: 0, or place + 1.
  mutable std::deque<capture::scap::Fd> descriptors_;
  mutable std::vector<std::uint32_t> descriptor_at_;
  std::deque<capture::scap::Thread> threads_;
  std::vector<std::uint32_t> thread_at_;
  mutable std::size_t room_ = 0;

  // Of the event at hand.
  const Group* group_ = nullptr;
  std::size_t raw_row_ = 0;
  Actor actor_;
  bool swapped_ = false;
  std::string_view host_;
  std::array<std::uint64_t, capture::scap::most_params> numbers_{};
  capture::scap::Event event_;
  capture::scap::Context context_;
  capture::scap::View view_;
};

}  // namespace saker::recording
