// SPDX-License-Identifier: Apache-2.0
// Which function fills which field of our own events: one table a family. For origin.cc,
// which joins them, the tables themselves, and origins that take one over.
#pragma once

#include <span>

#include "fields/extract.h"
#include "fields/origin.h"

namespace saker::fields {

// Of proc.aenv; origins may take it over.
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

// What no file on this host tells of a container, but its runtime itself may. Our own events have
// none of it.
std::span<const Filler> runtime_container_fillers();

}  // namespace saker::fields
