// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how the daemon is (sd_notify's protocol). Does nothing where there is
// none.
#pragma once

#include <string_view>

namespace saker::service {

// "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1", "STATUS=..."
void notify_manager(std::string_view state);

}  // namespace saker::service
