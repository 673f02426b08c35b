// SPDX-License-Identifier: Apache-2.0
// Names from fields/ that the files here use: an event and the values of its fields.
#pragma once

#include "fields/cache_kind.h"
#include "fields/event.h"
#include "fields/event_paths.h"
#include "fields/extract.h"
#include "fields/key_buffer.h"
#include "fields/scratch.h"
#include "fields/value.h"

namespace saker::match {

using fields::bit;
using fields::cache_kind_count;
using fields::CacheKind;
using fields::Event;
using fields::EventPaths;
using fields::extract;
using fields::FieldRef;
using fields::KeyBuffer;
using fields::Scratch;
using fields::Value;
using fields::View;

}  // namespace saker::match
