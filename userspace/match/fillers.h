// SPDX-License-Identifier: Apache-2.0
// Which function fills which field: one table a family. For match/extract.cc, which joins them, and
// the tables themselves.
#pragma once

#include <span>
#include <string_view>

#include "match/extract.h"

namespace saker::match {

struct Filler {
  std::string_view name;
  FieldRef::Get get;
};

// Of proc.aenv; captures have it too.
Value ancestor_environment(const FieldRef& field, const Event& event, View view, Scratch& scratch);

std::span<const Filler> event_fillers();
std::span<const Filler> argument_fillers();
std::span<const Filler> process_fillers();
std::span<const Filler> ancestor_fillers();
std::span<const Filler> user_fillers();
std::span<const Filler> descriptor_fillers();
std::span<const Filler> socket_fillers();
std::span<const Filler> path_fillers();
std::span<const Filler> container_fillers();

// Of events that stand in a capture; they come before those above.
std::span<const Filler> capture_event_fillers();
std::span<const Filler> capture_io_fillers();
std::span<const Filler> capture_argument_fillers();
std::span<const Filler> capture_fd_fillers();
std::span<const Filler> capture_socket_fillers();
std::span<const Filler> capture_path_fillers();
std::span<const Filler> capture_process_fillers();
std::span<const Filler> capture_list_fillers();
std::span<const Filler> capture_container_fillers();

}  // namespace saker::match
