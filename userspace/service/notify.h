// SPDX-License-Identifier: Apache-2.0
// Reports the daemon's state to the service manager (sd_notify's protocol). Does nothing if there
// is none.
#pragma once

#include <string_view>

namespace saker::service {

// "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1", "STATUS=..."
void notify_manager(std::string_view state);

}  // namespace saker::service
