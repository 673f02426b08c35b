// SPDX-License-Identifier: Apache-2.0
// The ways to wait for the rings of some CPUs of a device: SAKER_CMD_WAIT as an io_uring command;
// multishot poll through io_uring on a descriptor that waits for those CPUs; poll(2) on that
// descriptor.
#pragma once

#include <memory>

#include "base/error.h"
#include "capture/source.h"

namespace saker::capture {

// The best way that works here. `device` must outlive the waiter.
Result<std::unique_ptr<Waiter>> best_waiter(bool has_command, int device, unsigned first_cpu,
                                            unsigned cpu_count);

}  // namespace saker::capture
