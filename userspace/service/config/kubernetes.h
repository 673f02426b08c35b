// SPDX-License-Identifier: Apache-2.0
// Reads the keys of [kubernetes]. One thread.
#pragma once

#include "service/config/values.h"

namespace saker::service {

void read_kubernetes_enabled(const At& at);
void read_apiserver(const At& at);
void read_node(const At& at);
void read_token_file(const At& at);
void read_ca_file(const At& at);

}  // namespace saker::service
