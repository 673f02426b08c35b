// SPDX-License-Identifier: Apache-2.0
// The keys of [web]. Part of config.cc.
#pragma once

#include "service/config/values.h"

namespace saker::service {

void read_page_address(const At& at);
void read_page_port(const At& at);
void read_page_hosts(const At& at);
void read_history_mb(const At& at);
void read_history_days(const At& at);

}  // namespace saker::service
