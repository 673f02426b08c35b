// SPDX-License-Identifier: Apache-2.0
// Processes as /proc shows them: for processes that are older than the sensor, and those whose
// record was lost. Must run in the initial pid namespace to see all. Reading a process may block:
// on a process that holds its memory lock, or on a file system that does not answer. So call this
// from a thread that no other thread waits for without a limit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "enrich/image.h"

namespace saker::enrich {

// Null: there is no such process any more, it is a zombie, or another process took its number
// during the read.
std::unique_ptr<Image> read_process(const std::string& proc, std::uint32_t pid);

// 0: there is no parent, or it cannot be read.
std::uint32_t parent_of(const std::string& proc, std::uint32_t pid);

// Numbers of all processes, ascending.
std::vector<std::uint32_t> list_processes(const std::string& proc);

}  // namespace saker::enrich
