// SPDX-License-Identifier: Apache-2.0
// Which function fills which field for an event of a capture, and what these functions share. Only
// for the files here and origin.cc.
#pragma once

#include <span>
#include <string_view>

#include "fields/descriptor.h"
#include "fields/extract.h"
#include "fields/getter_row.h"
#include "fields/scratch.h"
#include "scap/origin.h"
#include "scap/show.h"

namespace saker::scap::getters {

// In this folder Event and View mean those of fields/, as everywhere outside scap/.
using fields::Event;
using fields::FieldRef;
using fields::GetterRow;
using fields::own_origin;
using fields::Scratch;
using fields::Value;
using fields::View;

std::span<const GetterRow> event_getters();
std::span<const GetterRow> io_getters();
std::span<const GetterRow> argument_getters();
std::span<const GetterRow> fd_getters();
std::span<const GetterRow> socket_getters();
std::span<const GetterRow> process_getters();
std::span<const GetterRow> ends_getters();
std::span<const GetterRow> path_getters();
std::span<const GetterRow> list_getters();
std::span<const GetterRow> facts_getters();

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
