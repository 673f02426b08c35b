// SPDX-License-Identifier: Apache-2.0
// What the running kernel asks of a module's signature, whether the machine's own key will do, and
// the next command to type. Looks at files only; changes nothing. Any thread.
#pragma once

#include <string>

#include "capture/diagnose.h"

namespace saker::capture {

struct SignatureState {
  std::string
      enforced_by;        // "Secure Boot", "lockdown: integrity", "module.sig_enforce"; "": nothing
  std::string key;        // path of the certificate that DKMS signs with; "": there is none yet
  bool enrolled = false;  // the firmware's list of owner's keys (MOK) has it
};

SignatureState signature_state(const Host& host);

// One sentence with the next command, "" where unsigned modules load.
std::string signature_advice(const Host& host);

// The command that installs the headers of the running kernel on this distribution.
std::string headers_command(const Host& host);

}  // namespace saker::capture
