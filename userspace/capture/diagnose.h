// SPDX-License-Identifier: Apache-2.0
// Why the kernel module is not available to us, and the next command to type. Only reads files;
// changes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace saker::capture {

// What the advice depends on.
struct Host {
  std::string root;            // put before every path; "" outside tests
  std::string kernel_release;  // uname -r
  bool superuser = false;      // effective user 0
  static Host running();
};

// open(2) of the device failed with `errnum`.
Error explain_open_failure(const std::string& device, int errnum, const Host& host);
// An error if the program is not in the initial pid namespace, or /proc is not that namespace's:
// then its process numbers differ from the kernel's, and every process would be mistaken for
// another.
Result<void> check_pid_namespace(const Host& host);
// SETUP failed with `errnum`; `bytes` were requested on each of `cpus`.
Error explain_setup_failure(const std::string& device, int errnum, unsigned cpus,
                            std::uint64_t bytes, const Host& host);

}  // namespace saker::capture
