// SPDX-License-Identifier: Apache-2.0
// Processes as /proc shows them. For those that were there before the sensor was, and those whose record was lost.
// Must run in the initial pid namespace to see all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "enrich/image.h"

namespace saker::enrich {

// Null: there is no such process (any more), it is a zombie, or it was replaced by another while being read.
std::unique_ptr<Image> read_process(const std::string& proc, std::uint32_t pid);

// Numbers of all processes, ascending.
std::vector<std::uint32_t> list_processes(const std::string& proc);

}  // namespace saker::enrich
