// SPDX-License-Identifier: Apache-2.0
#include "fields/event_paths.h"

#include "fields/path.h"

namespace saker::fields {

EventPaths::EventPaths(const Event& event, Scratch& scratch) {
  const decode::Record& record = event.record;
  const PathPair& pair = path_pair(record);
  const PathSlots* const of_record[] = {&pair.first, &pair.second};
  for (const PathSlots* slots : std::span(of_record, event.origin->record_paths())) {
    if (slots->name < 0) break;
    Path& path = paths_[count_++];
    const auto name = static_cast<unsigned>(slots->name);
    path = {!(record.blob_flags(name) & SAKER_BLOB_ABSENT), false, record.str(name), {}, {}};
    if (!path.name.empty() && path.name[0] != '/') path.base = base_of(event, *slots);
    if (slots->resolved < 0) continue;
    path.resolved = record.str(static_cast<unsigned>(slots->resolved));
    path.same = path.name == path.resolved;
    if (path.same || path.resolved.empty()) continue;
    std::string_view named = path_at(event, *slots, View::named, scratch);
    differ_ = differ_ || (named.data() != path.resolved.data() && named != path.resolved);
  }
}

}  // namespace saker::fields
