// SPDX-License-Identifier: Apache-2.0
// Processes as /proc shows them. For those that were there before the sensor was, and those whose
// record was lost. Must run in the initial pid namespace to see all. Reading one may hang: on a
// process that holds its memory, on a file system that does not answer. For a thread on which
// nothing waits for long.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "enrich/image.h"

namespace saker::enrich {

// Null: there is no such process (any more), it is a zombie, or it was replaced by another while
// being read.
std::unique_ptr<Image> read_process(const std::string& proc, std::uint32_t pid);

// 0: there is none, or it cannot be read.
std::uint32_t parent_of(const std::string& proc, std::uint32_t pid);

// Numbers of all processes, ascending.
std::vector<std::uint32_t> list_processes(const std::string& proc);

}  // namespace saker::enrich
