// SPDX-License-Identifier: Apache-2.0
// Reads a file of events of any format (recognised by content), event by event, in the form that
// matcher and outputs use. For replay and all similar commands. One thread. A step is valid until
// the next call of next().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "fields/event.h"
#include "fields/event_names.h"

namespace saker::recording {
class Blocks;
}

namespace saker::service {

class EventFile {
 public:
  using Types = fields::KindSet;  // values of fields::Event::kind()

  struct Step {
    fields::Event event;
    // shown to rules; otherwise it only describes state (for example what captures repeat at their
    // beginning)
    bool shown = true;
  };
  struct Totals {
    std::uint64_t events = 0;   // passed so far, also those of types not requested
    std::uint64_t skipped = 0;  // blocks and events of unknown types
  };

  // Reads everything before the first event. "-" is standard input. The error names the file.
  static Result<std::unique_ptr<EventFile>> open(const std::string& path);
  // A recording that arrives block by block, without a known end.
  static std::unique_ptr<EventFile> live(std::unique_ptr<recording::Blocks> blocks);
  virtual ~EventFile() = default;

  // The next event of a requested type; null at the end. Events of other types cost little. When
  // event.users changes, call use() of the matcher and the formatter.
  virtual const Step* next(const Types& wanted) = 0;

  virtual std::string host() const = 0;  // "" if the file does not say
  virtual Totals totals() const = 0;
  // Bytes of the file read so far, and its size; size 0: unknown.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t size() const = 0;
  // What could not be read, each a sentence for a person with file and byte; complete after the
  // end.
  const std::vector<std::string>& damage() const { return damage_; }

  // Called every few thousand events, requested or not.
  void watch(std::function<void()> progress) { progress_ = std::move(progress); }

 protected:
  void passed_one() {
    if ((++passed_ & 0xfff) == 0) report_progress();
  }
  void report_progress() {
    if (progress_) progress_();
  }
  std::vector<std::string> damage_;

 private:
  std::function<void()> progress_;
  std::uint64_t passed_ = 0;
};

}  // namespace saker::service
