// SPDX-License-Identifier: Apache-2.0
#include "match/origin.h"

#include "match/facet.h"
#include "match/fillers.h"

namespace saker::match {
namespace {

Value unset(const FieldRef&, const Event&, View, Scratch&) { return {}; }

constexpr std::uint8_t every_facet = (1u << facet_count) - 1;

}  // namespace

Getters::Getters(std::initializer_list<std::span<const Filler>> tables, const Getters* rest) {
  if (rest)
    by_slot_ = rest->by_slot_;
  else
    by_slot_.assign(lang::fields().size() + 1, unset);
  std::vector<bool> taken(by_slot_.size());
  for (std::span<const Filler> table : tables) {
    for (const Filler& filler : table) {
      const std::uint16_t slot = slot_of(lang::find_field(filler.name));
      if (slot == 0 || taken[slot]) continue;
      by_slot_[slot] = filler.get;
      taken[slot] = true;
    }
  }
}

bool Getters::fills(lang::FieldId field) const { return by_slot_[slot_of(field)] != unset; }

lang::EventKind Origin::kind(const decode::Record& record) const {
  return lang::find_kind(record.str(SAKER_P_foreign_name));
}

std::string_view Origin::path_key(FacetKey&, const Event&, const EventPaths&, Scratch&) const {
  return {};
}

OwnOrigin::OwnOrigin()
    : Origin(own_, every_facet, 2),
      own_({event_fillers(), argument_fillers(), process_fillers(), ancestor_fillers(),
            user_fillers(), descriptor_fillers(), socket_fillers(), path_fillers(),
            container_fillers()}) {}

std::string_view OwnOrigin::path_key(FacetKey& key, const Event& event, const EventPaths& paths,
                                     Scratch& scratch) const {
  return key.path(event, paths, scratch);
}

const OwnOrigin own_origin;

}  // namespace saker::match
