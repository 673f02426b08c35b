// SPDX-License-Identifier: Apache-2.0
// The outputs of a configuration: [[output]], and Falco's sections that are one output each.
// Checked against the rows of output/kinds/kind.h.
#pragma once

#include <string>

#include "service/config/values.h"

namespace saker::service {

// A list of tables; replaces what was read before.
void read_outputs(const At& at);

// A section that is one output of this kind, off unless it is enabled: syslog_output.
void read_output_section(const At& at, const std::string& type);

}  // namespace saker::service
