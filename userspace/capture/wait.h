// SPDX-License-Identifier: Apache-2.0
// The ways to wait for the rings of a device: SAKER_CMD_WAIT as an io_uring command, multishot poll
// of the device through io_uring, and poll(2).
#pragma once

#include <memory>

#include "base/error.h"
#include "capture/source.h"

namespace saker::capture {

enum class WaitWay { uring_command, uring_poll, poll };

// `device` must outlive the waiter.
Result<std::unique_ptr<Waiter>> make_waiter(WaitWay way, int device, unsigned first_cpu,
                                            unsigned cpu_count);
// The best of them that works here.
Result<std::unique_ptr<Waiter>> best_waiter(bool has_command, int device, unsigned first_cpu,
                                            unsigned cpu_count);

}  // namespace saker::capture
