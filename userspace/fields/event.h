// SPDX-License-Identifier: Apache-2.0
// What the matcher and the outputs read: a record, its process, and its time. A view: valid as long
// as the record and the process are.
#pragma once

#include <cstdint>

#include "decode/record.h"
#include "enrich/process.h"
#include "enrich/users.h"
#include "fields/event_names.h"
#include "fields/origin.h"

namespace saker::enrich {
class Hosts;
}

namespace saker::fields {

struct Event {
  decode::Record record;
  const enrich::Process* process = nullptr;  // never null; known == false if the process is unknown
  std::uint64_t time = 0;                    // wall clock, ns since 1970
  std::uint64_t number = 0;                  // evt.num
  const enrich::Users* users = nullptr;      // null: numbers have no names
  const enrich::Hosts* hosts = nullptr;      // null: addresses have no names
  const Origin* origin = &own_origin;        // never null: its getters fill the fields
  const enrich::FactsSource* facts = nullptr;  // null: the event is not from a capture

  // The event type by which rules are selected.
  EventKind kind() const {
    return record.type() != SAKER_EV_foreign ? record.type() : origin->kind(record);
  }
};

inline const enrich::CaptureFacts* facts_of(const Event& event) {
  return event.facts ? &event.facts->facts() : nullptr;
}

}  // namespace saker::fields
