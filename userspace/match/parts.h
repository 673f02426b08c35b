// SPDX-License-Identifier: Apache-2.0
// What a loaded program consists of: the verified bytes and what is made of them once, at load.
// Immutable afterwards. For the files of match/ that run programs, nobody else.
#pragma once

#include <re2/re2.h>

#include "lang/program.h"
#include "match/content.h"
#include "match/facet.h"
#include "match/kept_tests.h"
#include "match/matcher.h"

namespace saker::match {

struct Program::Parts {
  std::vector<std::byte> bytes;
  lang::program::Image image;
  std::vector<RuleInfo> rules;
  std::vector<std::string_view> tags;
  std::vector<FieldRef> fields;  // by source; empty for what is no field
  std::vector<std::uint32_t>
      first_regex;  // by predicate: its first in `regexes`, one for each literal
  std::vector<std::unique_ptr<re2::RE2>> regexes;
  std::bitset<SAKER_EV_MAX> asked, urgent;
  std::uint32_t tag = 1;  // distinguishes its verdicts from other programs' in the process images
  fields::KindSet asked_kinds;
  std::uint32_t most_entries = 0;  // of any event
  std::unique_ptr<FacetCover> cover;
  std::unique_ptr<ContentPlan> content;
  std::unique_ptr<KeptTests> kept;
  std::vector<FacetPlan> facets;  // by event

  void describe_rules();  // fills rules, tags and the sets of events from the image
  void survey_facets();
};

}  // namespace saker::match
