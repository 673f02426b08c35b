// SPDX-License-Identifier: Apache-2.0
// Shared by the commands for live events: options, the time they run, the signals that end them.
// One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "../command.h"
#include "live.h"

namespace saker::cli {

constexpr Option duration_option = {'d', "duration", "TIME",
                                    "end after this time: 90, 250ms, 5m, 2h"};
constexpr Option device_option = {0, "device", "PATH",
                                  "the module's device, if no daemon runs (/dev/saker)"};

// "" if they are valid, otherwise the error.
std::string check_live(const Arguments& arguments);
Result<std::unique_ptr<Live>> open_live(const Arguments& arguments, std::string filter,
                                        std::uint32_t cut_ms);
// Prints on stderr why it could not be opened; returns the exit status.
int live_failed(std::string_view command, const Error& error);

// From now on SIGINT and SIGTERM do not end the program.
void catch_interrupts();
bool interrupted();

// Asks the source to stop at the right time.
class Deadline {
 public:
  explicit Deadline(const Arguments& arguments);
  // Call it between blocks. The error: the source cannot be asked.
  Result<void> look(Live& live);

 private:
  std::uint64_t at_;
  bool stopped_ = false;
};

}  // namespace saker::cli
