// SPDX-License-Identifier: Apache-2.0
#include "service/event_file.h"

#include <array>

#include "base/bits.h"
#include "recording/file_blocks.h"
#include "recording/reader.h"
#include "scap/images.h"
#include "scap/origin.h"
#include "scap/reader.h"
#include "scap/section_reader.h"
#include "service/event_input.h"

namespace saker::service {
namespace {

class ScapFile : public EventFile {
 public:
  explicit ScapFile(std::unique_ptr<scap::CaptureReader> reader)
      : reader_(std::move(reader)), images_(reader_->state()) {
    for (std::uint16_t type = 0; type < scap::type_count; type++) {
      std::uint16_t record = scap::RecordMaker::record_type(type);
      kinds_[type] =
          record == SAKER_EV_foreign ? fields::find_kind(scap::shown_type(type).name) : record;
    }
    for (std::uint16_t code = 0; code < codes_.size(); code++)
      codes_[code] = fields::find_kind(scap::call_name(code));
  }

  const Step* next(const Types& wanted) override {
    while (const scap::CaptureStep* step = next_step()) {
      passed_one();
      if (step->record_type == 0 || !wanted[kind_of(*step)]) continue;
      step_.event = {.record = decode::Record(reader_->record().data()),
                     .process = images_.at(step->thread, tells_container(*step)),
                     .time = step->time,
                     .number = step->number,
                     .users = images_.users(step->thread),
                     .origin = origin_.of(step->view),
                     .facts = step->thread ? &images_ : nullptr};
      step_.shown = !step->hidden;
      return &step_;
    }
    return nullptr;
  }

  std::string host() const override { return reader_->state().machine.host; }
  Totals totals() const override {
    const scap::CaptureCounters& counters = reader_->counters();
    return {counters.events, counters.unknown_blocks + counters.unknown_events};
  }
  std::uint64_t position() const override { return reader_->position(); }
  std::uint64_t size() const override { return reader_->size(); }

 private:
  fields::EventKind kind_of(const scap::CaptureStep& step) const {
    if (step.type == scap::generic_x)
      return step.code < codes_.size() ? codes_[step.code] : fields::EventKind{0};
    if (step.type == scap::asyncevent_e)
      return fields::find_kind(scap::event_name(*step.view.event));
    return kinds_[step.type];
  }

  static bool tells_container(const scap::CaptureStep& step) {
    if (step.type == scap::container_json_2_e) return true;
    return step.type == scap::asyncevent_e &&
           scap::event_name(*step.view.event).starts_with("container");
  }

  // Nothing can be read after damage.
  const scap::CaptureStep* next_step() {
    if (!damage_.empty()) return nullptr;
    Result<const scap::CaptureStep*> step = reader_->next();
    if (step) return *step;
    damage_.push_back(step.error().message);
    return nullptr;
  }

  std::unique_ptr<scap::CaptureReader> reader_;
  scap::ThreadImages images_;
  std::array<fields::EventKind, scap::type_count> kinds_{};
  std::array<fields::EventKind, 512> codes_{};  // for system calls without a type of their own
  scap::CaptureOrigin origin_;
  Step step_{.event = {.record = decode::Record(nullptr)}};
};

// The kinds whose records are never SAKER_EV_foreign, not even if they come from a capture.
const EventFile::Types& specific_kinds() {
  static const EventFile::Types specific = [] {
    EventFile::Types made;
    for (std::uint16_t type = 0; type < scap::type_count; type++)
      made.set(scap::RecordMaker::record_type(type));
    return made.reset(SAKER_EV_foreign);
  }();
  return specific;
}

class RecordingFile : public EventFile {
 public:
  explicit RecordingFile(std::unique_ptr<recording::RecordingReader> reader)
      : reader_(std::move(reader)) {
    reader_->watch([this] { report_progress(); });
  }

  const Step* next(const Types& wanted) override {
    if (!same_bits(wanted, wanted_)) attach(wanted);
    while (const fields::Event* event = reader_->next(types_)) {
      step_.event = *event;
      // All foreign events have one type; their names distinguish them.
      if (event->record.type() == SAKER_EV_foreign && !wanted[step_.event.kind()]) continue;
      return &step_;
    }
    damage_ = reader_->damage();
    return nullptr;
  }

  std::string host() const override { return reader_->description().host; }
  Totals totals() const override { return {reader_->events(), reader_->skipped()}; }
  std::uint64_t position() const override { return reader_->position(); }
  std::uint64_t size() const override { return reader_->size(); }

 private:
  void attach(const Types& wanted) {
    wanted_ = wanted;
    for (std::uint16_t type = 0; type < SAKER_EV_MAX; type++) types_[type] = wanted[type];
    types_[SAKER_EV_foreign] = (wanted & ~specific_kinds()).any();
  }

  std::unique_ptr<recording::RecordingReader> reader_;
  Types wanted_;
  recording::RecordingReader::Types types_;
  Step step_{.event = {.record = decode::Record(nullptr)}};
};

}  // namespace

Result<std::unique_ptr<EventFile>> EventFile::open(const std::string& path) {
  Result<EventInput> input = open_event_input(path);
  if (!input) return input.error();
  if (input->recording) {
    Result<std::unique_ptr<recording::FileBlocks>> blocks =
        recording::FileBlocks::open(std::move(input->file), input->name);
    if (!blocks) return blocks.error();
    auto reader = std::make_unique<recording::RecordingReader>(
        std::move(*blocks), std::make_unique<scap::SectionReader>());
    return std::unique_ptr<EventFile>(std::make_unique<RecordingFile>(std::move(reader)));
  }
  Result<std::unique_ptr<scap::CaptureReader>> reader =
      scap::CaptureReader::open(std::move(input->file), input->name);
  if (!reader) return reader.error();
  return std::unique_ptr<EventFile>(std::make_unique<ScapFile>(std::move(*reader)));
}

std::unique_ptr<EventFile> EventFile::live(std::unique_ptr<recording::Blocks> blocks) {
  return std::make_unique<RecordingFile>(std::make_unique<recording::RecordingReader>(
      std::move(blocks), std::make_unique<scap::SectionReader>()));
}

}  // namespace saker::service
