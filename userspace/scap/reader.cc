// SPDX-License-Identifier: Apache-2.0
#include "scap/reader.h"

#include "scap/state/meta.h"

namespace saker::scap {
namespace {

bool is_event(const CaptureBlock& block) {
  return block.kind == BlockKind::event || block.kind == BlockKind::event_flags;
}

// Events written before the first real event, which describe the state at the start.
bool leads(std::uint16_t type) {
  switch (type) {
    case container_json_2_e:
    case user_added_e:
    case user_deleted_e:
    case group_added_e:
    case group_deleted_e:
    case asyncevent_e: return true;
    default: return false;
  }
}

// Only the state needs them: they have the arguments of a call before it was carried out.
bool for_state_alone(std::uint16_t type) {
  switch (type) {
    case open_e:
    case openat_2_e:
    case openat2_e:
    case creat_e:
    case connect_e:
    case execve_19_e:
    case execveat_e: return true;
    default: return false;
  }
}

}  // namespace

CaptureReader::CaptureReader(std::unique_ptr<Input> input, std::string path)
    : input_(std::move(input)), path_(std::move(path)) {}

Result<std::unique_ptr<CaptureReader>> CaptureReader::open(const std::string& path) {
  return begin(Input::open(path), path);
}

Result<std::unique_ptr<CaptureReader>> CaptureReader::open(Fd file, const std::string& name) {
  return begin(Input::open(std::move(file), name), name);
}

Result<std::unique_ptr<CaptureReader>> CaptureReader::begin(Result<std::unique_ptr<Input>> input,
                                                            const std::string& path) {
  if (!input) return input.error();
  std::unique_ptr<CaptureReader> reader(new CaptureReader(std::move(*input), path));
  Result<const CaptureBlock*> first = reader->next_event_block();
  if (!first) return first.error();
  if (!*first) return Error{path + ": the capture holds no event"};
  reader->have_block_ = true;
  return reader;
}

void CaptureReader::start_section() {
  tracker_.clear();
  state_.swapped = input_->swapped();
  in_head_ = leading_ = true;
  counters_.sections++;
}

void CaptureReader::finish_head() {
  in_head_ = false;
  finish_meta(state_);
  tracker_.find_containers();
  // The list of users has priority over events before the first real event, but not over those
  // after it.
  listed_users_ = state_.users;
  listed_groups_ = state_.groups;
}

Result<const CaptureBlock*> CaptureReader::next_event_block() {
  for (;;) {
    Result<std::optional<CaptureBlock>> block = input_->next();
    if (!block) return block.error();
    if (!*block) {
      if (in_head_) finish_head();
      return nullptr;
    }
    block_ = **block;
    if (block_.kind == BlockKind::section) {
      start_section();
    } else if (is_event(block_)) {
      if (in_head_) finish_head();
      return &block_;
    } else if (block_.kind == BlockKind::unknown) {
      counters_.unknown_blocks++;
    } else {
      Result<void> read = read_meta(block_, state_);
      if (!read) {
        return Error{path_ + ": byte " + std::to_string(block_.offset) + ": " +
                     read.error().message};
      }
      if (!in_head_) finish_meta(state_);
    }
  }
}

// False: the event is not passed on.
bool CaptureReader::take(CaptureEvent& event) {
  if (event.type >= type_count) {
    counters_.unknown_events++;
    return false;
  }
  if (!converter_.convert(event)) {
    counters_.dropped++;
    return false;
  }
  return true;
}

Result<const CaptureStep*> CaptureReader::next() {
  for (;;) {
    if (!have_block_) {
      Result<const CaptureBlock*> block = next_event_block();
      if (!block) return block.error();
      if (!*block) return nullptr;
    }
    have_block_ = false;
    Result<void> cut = cutter_.cut(block_, input_->swapped());
    if (!cut) return Error{path_ + ": " + cut.error().message};
    if (!take(event_)) continue;
    counters_.odd_events = converter_.odd();
    if (step_.number && !step_.hidden) previous_time_ = step_.time;
    if (first_time_ == 0 && !is_notice(event_.type)) first_time_ = event_.time;
    step_ = {};
    step_.number = ++counters_.events;
    step_.time = event_.time;
    step_.type = event_.type;
    bool lead = leading_ && leads(event_.type);
    if (leading_ && !lead) {
      leading_ = false;
      for (const auto& [uid, user] : listed_users_) state_.put_user(user);
      for (const auto& [gid, group] : listed_groups_) state_.put_group(group);
      listed_users_.clear();
      listed_groups_.clear();
    }
    context_ = &tracker_.begin(event_);
    step_.thread = context_->thread;
    if (!step_.thread && event_.tid >= 0) step_.thread = state_.threads.find(event_.tid);
    step_.view = {&event_, context_, &lookup_, step_.thread, first_time_, previous_time_};
    if (event_.type == generic_x) step_.code = call_code(event_);
    step_.hidden = lead || event_.state_only || for_state_alone(event_.type);
    step_.record_type = RecordMaker::record_type(event_.type);
    if (event_.type == procexit_1_e) converter_.forget(event_.tid);
    return &step_;
  }
}

std::span<const std::byte> CaptureReader::record() {
  if (step_.record_type == 0) return {};
  counters_.records++;
  return maker_.make(event_, *context_);
}

}  // namespace saker::scap
