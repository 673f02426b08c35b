// SPDX-License-Identifier: Apache-2.0
// The parts of a loaded program: the verified bytes and the structures built from them once, at
// load. Immutable afterwards. Only for the files of match/ that run programs.
#pragma once

#include <re2/re2.h>

#include "lang/program.h"
#include "match/cache_key.h"
#include "match/cached_tests.h"
#include "match/content.h"
#include "match/matcher.h"

namespace saker::match {

struct Program::Parts {
  std::vector<std::byte> bytes;
  lang::program::Sections sections;
  std::vector<RuleInfo> rules;
  std::vector<std::string_view> tags;
  std::vector<FieldRef> fields;  // by source; empty if the source is not a field
  std::vector<std::uint32_t>
      first_regex;  // by predicate: index of its first one in `regexes`, one for each literal
  std::vector<std::unique_ptr<re2::RE2>> regexes;
  std::bitset<SAKER_EV_MAX> asked, urgent;
  // distinguishes its verdicts from those of other programs in the process images
  std::uint32_t tag = 1;
  fields::KindSet asked_kinds;
  std::uint32_t most_entries = 0;  // maximum over all events
  std::unique_ptr<KeyCoverage> cover;
  std::unique_ptr<ContentPlan> content;
  std::unique_ptr<CachedTests> kept;
  std::vector<CachePlan> plans;  // by event

  void describe_rules();  // fills rules, tags and the sets of events from the sections
  void survey_facets();
};

}  // namespace saker::match
