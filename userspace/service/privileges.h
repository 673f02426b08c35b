// SPDX-License-Identifier: Apache-2.0
// What the daemon may no longer do once it has opened what it needs: every capability but two is
// given up, system calls that it has no use for fail, its memory is closed to others, and nothing
// it could run gains anything. Called by the main thread before it makes another, so that all
// threads have it.
#pragma once

#include <string>

#include "base/error.h"

namespace saker::service {

// What stays, for the log: "CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE; 130 system calls". The error: what
// could not be given up.
Result<std::string> drop_privileges();

}  // namespace saker::service
