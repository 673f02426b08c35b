// SPDX-License-Identifier: Apache-2.0
#include "service/event_file.h"

#include "capture/scap.h"
#include "enrich/scap_images.h"

namespace saker::service {
namespace {

namespace scap = capture::scap;

class ScapFile : public EventFile {
 public:
  explicit ScapFile(std::unique_ptr<scap::Reader> reader)
      : reader_(std::move(reader)), images_(reader_->state()) {}

  const Step* next(const Types& wanted) override {
    while (const scap::Step* step = next_step()) {
      passed_one();
      if (step->record_type == 0 || !wanted[step->record_type]) continue;
      step_.event = {.record = decode::Record(reader_->record().data()),
                     .process = images_.at(step->thread),
                     .time = step->time,
                     .number = step->number,
                     .users = images_.users(step->thread)};
      step_.shown = !step->hidden;
      return &step_;
    }
    return nullptr;
  }

  std::string host() const override { return reader_->state().machine.host; }
  Totals totals() const override {
    const scap::Counters& counters = reader_->counters();
    return {counters.events, counters.unknown_blocks + counters.unknown_events};
  }
  std::uint64_t position() const override { return reader_->position(); }
  std::uint64_t size() const override { return reader_->size(); }

 private:
  // Nothing can be read behind damage.
  const scap::Step* next_step() {
    if (!damage_.empty()) return nullptr;
    Result<const scap::Step*> step = reader_->next();
    if (step) return *step;
    damage_.push_back(step.error().message);
    return nullptr;
  }

  std::unique_ptr<scap::Reader> reader_;
  enrich::ScapImages images_;
  Step step_{.event = {.record = decode::Record(nullptr)}};
};

}  // namespace

Result<std::unique_ptr<EventFile>> EventFile::open(const std::string& path) {
  Result<std::unique_ptr<scap::Reader>> reader = scap::Reader::open(path);
  if (!reader) return reader.error();
  return std::unique_ptr<EventFile>(std::make_unique<ScapFile>(std::move(*reader)));
}

}  // namespace saker::service
