// SPDX-License-Identifier: Apache-2.0
// Reads a .scap capture event by event. Each event becomes the record that the module would have
// written, and its effect on processes and descriptors is tracked, so that a replay sees them in
// the right state. One thread. The data of a step is valid until the next one.
//
// Damage: an error names file and byte, and nothing after it can be read; what was read before
// stays valid. Unknown types of blocks and of events are skipped and counted.
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
  std::uint64_t number = 0;       // evt.num: counted from 1, including events not shown to rules
  std::uint64_t time = 0;         // ns since 1970
  std::uint16_t type = 0;         // EventType
  std::uint16_t record_type = 0;  // SAKER_EV_*; 0: no such record
  std::uint16_t code = 0;         // for a system call without a type of its own: which call
  ShownEvent view;                // data that records do not have
  bool hidden = false;            // not shown to rules
  Thread* thread = nullptr;       // the thread of the event; null: unknown, or none
};

struct CaptureCounters {
  std::uint64_t events = 0;   // that have a number
  std::uint64_t records = 0;  // of these, shown to rules and turned into a record
  std::uint64_t dropped = 0;  // enter events kept for their exits, and obsolete ones
  std::uint64_t unknown_events = 0;
  std::uint64_t unknown_blocks = 0;
  std::uint64_t odd_events = 0;  // with parameters that no known writer makes
  std::uint64_t sections = 0;
};

class CaptureReader {
 public:
  // Reads everything before the first event.
  static Result<std::unique_ptr<CaptureReader>> open(const std::string& path);
  // For a file that is already open; `name` is for messages.
  static Result<std::unique_ptr<CaptureReader>> open(Fd file, const std::string& name);

  // The next event; null at the end of the file.
  Result<const CaptureStep*> next();
  // The record of the current step, made on demand; empty if it has none.
  std::span<const std::byte> record();

  const CaptureState& state() const { return state_; }
  const CaptureCounters& counters() const { return counters_; }
  // Bytes of the file read so far.
  std::uint64_t position() const { return input_->position(); }
  std::uint64_t size() const { return input_->size(); }

 private:
  CaptureReader(std::unique_ptr<Input> input, std::string path);
  static Result<std::unique_ptr<CaptureReader>> begin(Result<std::unique_ptr<Input>> input,
                                                      const std::string& path);
  // The next block with an event; null at the end of the file.
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
  bool in_head_ = false;     // before the first event of a section
  bool leading_ = false;     // events of users and containers before the first other event
  bool have_block_ = false;  // block_ was read in advance
  std::unordered_map<std::uint32_t, UserEntry> listed_users_;
  std::unordered_map<std::uint32_t, GroupEntry> listed_groups_;
  EventCutter cutter_;
  CaptureEvent& event_ = cutter_.event();
  const EventState* context_ = nullptr;  // of the last event
  CaptureStep step_;
  std::uint64_t first_time_ = 0;     // of the first event that is not a notification
  std::uint64_t previous_time_ = 0;  // of the last event shown to rules
};

}  // namespace saker::scap
