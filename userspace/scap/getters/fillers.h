// SPDX-License-Identifier: Apache-2.0
// Which function fills which field for an event of a capture, and what these functions share. Only
// for the files here and origin.cc.
#pragma once

#include <span>
#include <string_view>

#include "fields/descriptor.h"
#include "fields/extract.h"
#include "fields/filler.h"
#include "fields/scratch.h"
#include "scap/origin.h"
#include "scap/show.h"

namespace saker::scap::getters {

// In this folder Event and View mean those of fields/, as everywhere outside scap/.
using fields::Event;
using fields::FieldRef;
using fields::Filler;
using fields::own_origin;
using fields::Scratch;
using fields::Value;
using fields::View;

std::span<const Filler> event_fillers();
std::span<const Filler> io_fillers();
std::span<const Filler> argument_fillers();
std::span<const Filler> fd_fillers();
std::span<const Filler> socket_fillers();
std::span<const Filler> process_fillers();
std::span<const Filler> ends_fillers();
std::span<const Filler> path_fillers();
std::span<const Filler> list_fillers();
std::span<const Filler> facts_fillers();

// A parameter as evt.arg shows it: its meaning, or its raw value if it has none.
std::string_view shown_param(const Event& event, unsigned index, Scratch& scratch);

// The two ends of the event's socket, as the capture has them; from then on fields::ends_of()
// returns the same. Valid until the scratch is reset.
const fields::Ends& socket_ends(const Event& event, Scratch& scratch);

// What the capture says about the event.
inline const ShownEvent& capture_of(const Event& event) {
  return static_cast<const CaptureOrigin*>(event.origin)->view();
}

// Null: the event is not about a descriptor, or its state was not computed.
inline const EventState* context_of(const Event& event) {
  const EventState* context = capture_of(event).context;
  return context->has_fd && context->thread ? context : nullptr;
}
inline const FdInfo* fd_of(const Event& event) {
  const EventState* context = context_of(event);
  return context ? context->fd : nullptr;
}

}  // namespace saker::scap::getters
