// SPDX-License-Identifier: Apache-2.0
// The getters of our own events' fields, one for each GET(g) in fields.def, defined in get/*.cc:
//   const Getter get::proc_name = own_text<&ProgramFacts::comm>;
// A row without its definition does not link, a definition without its row does not compile. For
// these files, origin.cc, and origins that reuse a getter.
#pragma once

#include <span>

#include "fields/extract.h"
#include "fields/getter_row.h"
#include "fields/origin.h"

namespace saker::fields {

namespace get {
#define GET(getter) extern const Getter getter;
#define NONE(why)
#define SAKER_FIELD(name, type, arg, flags, getter, keys, slot, description) getter
#include "fields/fields.def"
#undef GET
#undef NONE
}  // namespace get

// Values that no file on this host has for a container, but its runtime may. Our own events have
// none of them.
std::span<const GetterRow> runtime_container_getters();

}  // namespace saker::fields
