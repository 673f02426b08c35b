// SPDX-License-Identifier: Apache-2.0
// Drops what the daemon no longer needs once everything is open: all capabilities except two, and
// system calls it has no use for; other processes cannot read its memory, and programs that it
// might start gain nothing. The main thread calls it before it makes another thread, so that it
// applies to all.
#pragma once

#include <string>

#include "base/error.h"

namespace saker::service {

// What remains, for the log: "CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE; 130 system calls". The error:
// what could not be dropped.
Result<std::string> drop_privileges();

}  // namespace saker::service
