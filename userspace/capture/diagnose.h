// SPDX-License-Identifier: Apache-2.0
// Why the kernel module is not there for us, and the next command to type. Looks at files only;
// changes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace saker::capture {

// What the advice depends on.
struct Host {
  std::string root;            // before every path looked at; "" outside tests
  std::string kernel_release;  // uname -r
  bool superuser = false;      // effective user 0
  static Host running();
};

// open(2) of the device failed with `errnum`.
Error explain_open_failure(const std::string& device, int errnum, const Host& host);
// The error: the program is not in the initial pid namespace, or /proc is not that namespace's.
// Then its numbers of processes are not the kernel's, and every process would be taken for another.
Result<void> check_pid_namespace(const Host& host);
// SETUP failed with `errnum`; `bytes` are asked for on each of `cpus`.
Error explain_setup_failure(const std::string& device, int errnum, unsigned cpus,
                            std::uint64_t bytes, const Host& host);

}  // namespace saker::capture
