// SPDX-License-Identifier: Apache-2.0
// What the fields of an event in a capture have in common. For the files extract_capture_* alone.
#pragma once

#include <string_view>

#include "capture/scap_show.h"
#include "match/event.h"
#include "match/scratch.h"

namespace saker::match {

// Null: the event is about no descriptor, or nobody made it.
inline const capture::scap::Context* context_of(const Event& event) {
  const capture::scap::Context* context = event.capture->context;
  return context->has_fd && context->thread ? context : nullptr;
}
inline const capture::scap::Fd* fd_of(const Event& event) {
  const capture::scap::Context* context = context_of(event);
  return context ? context->fd : nullptr;
}

// A parameter as evt.arg gives it: what it means, else what it is.
std::string_view shown_param(const Event& event, unsigned index, Scratch& scratch);

}  // namespace saker::match
