// SPDX-License-Identifier: Apache-2.0
#include "match/kept_tests.h"

#include <algorithm>

namespace saker::match {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Step;
using lang::program::Test;

namespace {

// Facets whose values come with an event one at a time. The process has its own place for answers.
constexpr Facet keeping[] = {Facet::path, Facet::command, Facet::connection};

// The tests of one type of event that a facet decides, where others ask them.
class Frontier {
 public:
  Frontier(const Image& image, const FacetCover& cover, Facet facet)
      : image_(image), cover_(cover), facet_(bit(facet)), seen_(image.tests.size()) {}

  // Ascending, with how many ask each in `asked`.
  const std::vector<std::uint32_t>& of(const lang::program::Event& event, std::vector<std::uint32_t>& asked) {
    stamp_++;
    found_.clear();
    for (const Entry& entry : Image::rows(image_.entries, event.entries)) visit(entry.test, asked);
    while (!open_.empty()) {
      const Test& row = image_.tests[open_.back()];
      open_.pop_back();
      for (const Step& step : Image::rows(image_.steps, row.what)) visit(step.test, asked);
    }
    std::sort(found_.begin(), found_.end());
    return found_;
  }

 private:
  void visit(std::uint32_t test, std::vector<std::uint32_t>& asked) {
    bool decided = cover_.tests[test] & facet_;
    if (decided) asked[test]++;
    if (seen_[test] == stamp_) return;
    seen_[test] = stamp_;
    const Test& row = image_.tests[test];
    if (decided) {
      found_.push_back(test);
    } else if (row.kind == Test::code && (cover_.touched[test] & facet_)) {
      open_.push_back(test);
    }
  }

  const Image& image_;
  const FacetCover& cover_;
  std::uint8_t facet_;
  std::uint32_t stamp_ = 0;
  std::vector<std::uint32_t> seen_, open_, found_;
};

}  // namespace

KeptTests::KeptTests(const Image& image, const FacetCover& cover) {
  for (Facet facet : keeping) number(image, cover, facet);
}

// Tests that no event asks both may have one number.
void KeptTests::number(const Image& image, const FacetCover& cover, Facet facet) {
  Frontier frontier(image, cover, facet);
  std::vector<std::uint32_t> asked(image.tests.size());
  std::vector<std::vector<std::uint32_t>> events_of(image.tests.size());
  std::vector<std::uint32_t> all;
  for (std::uint32_t event = 0; event < image.events.size(); event++) {
    for (std::uint32_t test : frontier.of(image.events[event], asked)) {
      if (events_of[test].empty()) all.push_back(test);
      events_of[test].push_back(event);
    }
  }
  if (all.empty()) return;
  std::stable_sort(all.begin(), all.end(), [&](std::uint32_t a, std::uint32_t b) { return asked[a] > asked[b]; });
  std::vector<std::uint16_t>& slots = slots_[static_cast<std::size_t>(facet)];
  slots.assign(image.tests.size(), not_kept);
  std::vector<std::uint16_t> next(image.events.size());
  std::uint16_t count = 0;
  for (std::uint32_t test : all) {
    std::uint16_t slot = 0;
    for (std::uint32_t event : events_of[test]) slot = std::max(slot, next[event]);
    if (slot >= most) continue;
    slots[test] = slot;
    for (std::uint32_t event : events_of[test]) next[event] = static_cast<std::uint16_t>(slot + 1);
    count = std::max<std::uint16_t>(count, static_cast<std::uint16_t>(slot + 1));
  }
  words_[static_cast<std::size_t>(facet)] = (count + KeptAnswers::per_word - 1) / KeptAnswers::per_word;
}

}  // namespace saker::match
