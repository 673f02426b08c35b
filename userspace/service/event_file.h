// SPDX-License-Identifier: Apache-2.0
// A file of events, whatever its format (told by content), read event by event in the form that
// matcher and outputs look at. For replay and all that works like it. One thread. A step is valid
// until the next call of next().
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
  using Types = fields::KindSet;  // as fields::Event::kind()

  struct Step {
    fields::Event event;
    bool shown = true;  // to rules; else it only tells of the state (what captures repeat at their
                        // beginning, say)
  };
  struct Totals {
    std::uint64_t events = 0;   // passed so far, those of no wanted type too
    std::uint64_t skipped = 0;  // blocks and events of types that are not known
  };

  // Reads what stands before the first event. "-" is standard input. The error names the file.
  static Result<std::unique_ptr<EventFile>> open(const std::string& path);
  // A recording that comes block by block, without an end that is known.
  static std::unique_ptr<EventFile> live(std::unique_ptr<recording::Blocks> blocks);
  virtual ~EventFile() = default;

  // The next event of a wanted type; null at the end. Those of other types cost little. event.users
  // changes now and then: matcher and formatter want to be told (use()).
  virtual const Step* next(const Types& wanted) = 0;

  virtual std::string host() const = 0;  // "" if the file does not tell
  virtual Totals totals() const = 0;
  // How much was read and how much there is, in bytes of the file; size 0: not known.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t size() const = 0;
  // What could not be read, each a sentence for a person with file and byte; complete after the
  // end.
  const std::vector<std::string>& damage() const { return damage_; }

  // Called every few thousand events, wanted or not.
  void watch(std::function<void()> progress) { progress_ = std::move(progress); }

 protected:
  void passed_one() {
    if ((++passed_ & 0xfff) == 0) tell_progress();
  }
  void tell_progress() {
    if (progress_) progress_();
  }
  std::vector<std::string> damage_;

 private:
  std::function<void()> progress_;
  std::uint64_t passed_ = 0;
};

}  // namespace saker::service
