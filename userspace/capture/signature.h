// SPDX-License-Identifier: Apache-2.0
// The running kernel's requirements for a module's signature, whether this machine's own key
// satisfies them, and the next command to type. Only reads files; changes nothing. Any thread.
#pragma once

#include <string>

#include "capture/diagnose.h"

namespace saker::capture {

struct SignatureState {
  std::string enforced_by;  // "Secure Boot", "lockdown: integrity", "module.sig_enforce"; "": none
  std::string key;          // certificate of the bundle or of DKMS; "": none yet
  bool enrolled = false;    // it is in the firmware's list of owner's keys (MOK)
};

SignatureState signature_state(const Host& host);

// One sentence with the next command; "" if the kernel loads unsigned modules.
std::string signature_advice(const Host& host);

// The command that installs the headers of the running kernel on this distribution.
std::string headers_command(const Host& host);

}  // namespace saker::capture
