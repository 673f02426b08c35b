// SPDX-License-Identifier: Apache-2.0
// How outputs show the values of some fields otherwise than conditions see them. Pure; any thread.
#pragma once

#include "fields/field.h"
#include "fields/value.h"

namespace saker::fields {

// As unset, though conditions find that it is there: the ends of what is no socket, an address
// without a name.
bool prints_nothing(FieldId field, const Value& value);
// A time of day or a date in text: as JSON the nanoseconds since 1970.
bool prints_time(FieldId field);
// Since the event before: as JSON always 0, for Falco has asked for it once for the text before.
bool prints_no_delta(FieldId field);

}  // namespace saker::fields
