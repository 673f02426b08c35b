// SPDX-License-Identifier: Apache-2.0
// The keys of [webserver]. Part of config.cc.
#pragma once

#include "service/config/values.h"

namespace saker::service {

void read_listen_address(const At& at);
void read_listen_port(const At& at);
void read_endpoint(const At& at);

}  // namespace saker::service
