// SPDX-License-Identifier: Apache-2.0
// Names from fields/ that the language uses in all of its files: tables of the names that rules can
// use.
#pragma once

#include "fields/event_names.h"
#include "fields/field.h"
#include "fields/text/transform.h"

namespace saker::lang {

using fields::all_events;
using fields::all_fields;
using fields::ArgKind;
using fields::code_count;
using fields::event_names;
using fields::event_params;
using fields::EventKind;
using fields::EventNameDef;
using fields::EventNameId;
using fields::EventParamDef;
using fields::EventSet;
using fields::FieldDef;
using fields::FieldId;
using fields::FieldName;
using fields::FieldType;
using fields::find_event_name;
using fields::find_event_param;
using fields::find_field;
using fields::find_kind;
using fields::first_foreign_kind;
using fields::is_number;
using fields::kind_count;
using fields::kind_name;
using fields::kind_of;
using fields::kinds_of;
using fields::KindSet;
using fields::longest_field_in;
using fields::nearest_field;
using fields::no_event_name;
using fields::no_field;
using fields::split_field_name;
using fields::Transform;
using fields::type_name;

}  // namespace saker::lang
