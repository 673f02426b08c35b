// SPDX-License-Identifier: Apache-2.0
// A capture of the .scap format, read event by event: each one becomes the record that the module
// would have written, and its effect on processes and descriptors is kept, so that a replay sees
// them as they were. One thread. What a step refers to is valid until the next one.
//
// What is damaged: an error names file and byte, and nothing can be read behind it; what was read
// before counts. Types of blocks and of events that are not known are skipped and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "scap/convert.h"
#include "scap/input.h"
#include "scap/record.h"
#include "scap/show.h"
#include "scap/state/state.h"

namespace saker::scap {

struct CaptureStep {
  std::uint64_t number = 0;       // evt.num: counted from 1, those not shown to rules too
  std::uint64_t time = 0;         // ns since 1970
  std::uint16_t type = 0;         // EventType
  std::uint16_t record_type = 0;  // SAKER_EV_*, 0: there is no such record
  std::uint16_t code = 0;         // of a system call without a type of its own: which
  ShownEvent view;                // for what records lack
  bool hidden = false;            // not for rules
  Thread* thread = nullptr;       // who did it; null: not known, or nobody
};

struct CaptureCounters {
  std::uint64_t events = 0;   // numbered
  std::uint64_t records = 0;  // of them, shown to rules and made a record
  std::uint64_t dropped = 0;  // enter events kept for their exits, and obsolete ones
  std::uint64_t unknown_events = 0;
  std::uint64_t unknown_blocks = 0;
  std::uint64_t odd_events = 0;  // with parameters no writer is known to have made
  std::uint64_t sections = 0;
};

class CaptureReader {
 public:
  // Reads what stands before the first event.
  static Result<std::unique_ptr<CaptureReader>> open(const std::string& path);
  // Of what is open already; `name` is for messages.
  static Result<std::unique_ptr<CaptureReader>> open(Fd file, const std::string& name);

  // The next event; null at the end of the file.
  Result<const CaptureStep*> next();
  // The record of the current step, made now; empty if it has none.
  std::span<const std::byte> record();

  const CaptureState& state() const { return state_; }
  const CaptureCounters& counters() const { return counters_; }
  // How much of the file was read, in bytes of the file.
  std::uint64_t position() const { return input_->position(); }
  std::uint64_t size() const { return input_->size(); }

 private:
  CaptureReader(std::unique_ptr<Input> input, std::string path);
  static Result<std::unique_ptr<CaptureReader>> begin(Result<std::unique_ptr<Input>> input,
                                                      const std::string& path);
  // The next block of an event; null at the end of the file.
  Result<const CaptureBlock*> next_event_block();
  void start_section();
  void finish_head();
  bool take(CaptureEvent& event);

  std::unique_ptr<Input> input_;
  std::string path_;
  CaptureState state_;
  Tracker tracker_{state_};
  Converter converter_;
  RecordMaker maker_{state_};
  StateLookup lookup_{state_};
  CaptureCounters counters_;
  CaptureBlock block_;
  bool in_head_ = false;     // of a section: no event was seen yet
  bool leading_ = false;     // events of users and containers before the first other one
  bool have_block_ = false;  // block_ was read ahead
  std::unordered_map<std::uint32_t, UserEntry> listed_users_;
  std::unordered_map<std::uint32_t, GroupEntry> listed_groups_;
  EventCutter cutter_;
  CaptureEvent& event_ = cutter_.event();
  EventState context_;
  CaptureStep step_;
  std::uint64_t first_time_ = 0;     // of what is no notice
  std::uint64_t previous_time_ = 0;  // of the last event that was for rules
};

}  // namespace saker::scap
