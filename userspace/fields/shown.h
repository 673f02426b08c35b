// SPDX-License-Identifier: Apache-2.0
// How outputs show the values of some fields differently from conditions. Pure; any thread.
#pragma once

#include "fields/field.h"
#include "fields/value.h"

namespace saker::fields {

// Printed as unset although conditions see a value: the ends of a descriptor that is not a socket,
// an address without a name.
bool prints_nothing(FieldId field, const Value& value);
// A time of day or a date as text; in JSON the nanoseconds since 1970.
bool prints_time(FieldId field);
// Time since the previous event; in JSON always 0, because Falco has already consumed the value for
// the text.
bool prints_no_delta(FieldId field);

}  // namespace saker::fields
