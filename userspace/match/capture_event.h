// SPDX-License-Identifier: Apache-2.0
// What the fields of an event in a capture have in common. For the files extract_capture_* alone.
#pragma once

#include <string_view>

#include "capture/scap_show.h"
#include "match/event.h"
#include "match/scratch.h"

namespace saker::match {

// A parameter as evt.arg gives it: what it means, else what it is.
std::string_view shown_param(const Event& event, unsigned index, Scratch& scratch);

}  // namespace saker::match
