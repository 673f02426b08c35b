// SPDX-License-Identifier: Apache-2.0
#include "match/kept_tests.h"

#include <algorithm>
#include <map>

namespace saker::match {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Step;
using lang::program::Test;

namespace {

// Facets whose values come with an event one at a time. The process has its own place for answers.
constexpr std::size_t most_looked_at = 4096;  // tests that may get a number
constexpr Facet keeping[] = {Facet::path, Facet::command, Facet::connection};

// The tests that a facet decides, as the entries of one type of event reach them.
class Reach {
 public:
  Reach(const Image& image, const FacetCover& cover, Facet facet)
      : image_(image), cover_(cover), facet_(bit(facet)), seen_(image.tests.size()) {}

  // All of them, each once. Of those that are asked by a test which the facet does not decide,
  // `asked` counts how often.
  const std::vector<std::uint32_t>& of(const lang::program::Event& event,
                                       std::vector<std::uint32_t>& asked) {
    stamp_++;
    found_.clear();
    for (const Entry& entry : Image::rows(image_.entries, event.entries)) visit(entry.test, &asked);
    while (!open_.empty()) {
      std::uint32_t test = open_.back();
      open_.pop_back();
      for (const Step& step : Image::rows(image_.steps, image_.tests[test].what))
        visit(step.test, decides(test) ? nullptr : &asked);
    }
    return found_;
  }

 private:
  bool decides(std::uint32_t test) const { return cover_.tests[test] & facet_; }

  void visit(std::uint32_t test, std::vector<std::uint32_t>* asked) {
    if (asked && decides(test)) (*asked)[test]++;
    if (seen_[test] == stamp_) return;
    seen_[test] = stamp_;
    if (decides(test)) found_.push_back(test);
    if (image_.tests[test].kind == Test::code && (cover_.touched[test] & facet_))
      open_.push_back(test);
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

// Tests that no event can reach both may have one number.
void KeptTests::number(const Image& image, const FacetCover& cover, Facet facet) {
  Reach reach(image, cover, facet);
  std::vector<std::uint32_t> asked(image.tests.size()), all;
  for (const lang::program::Event& event : image.events) reach.of(event, asked);
  for (std::uint32_t test = 0; test < image.tests.size(); test++) {
    if (asked[test]) all.push_back(test);
  }
  if (all.empty()) return;
  auto more = [&](std::uint32_t a, std::uint32_t b) { return asked[a] > asked[b]; };
  std::stable_sort(all.begin(), all.end(), more);
  all.resize(std::min(all.size(), most_looked_at));
  std::map<std::uint32_t, std::vector<std::uint32_t>> events_of;
  for (std::uint32_t test : all) events_of[test];
  for (std::uint32_t event = 0; event < image.events.size(); event++) {
    for (std::uint32_t test : reach.of(image.events[event], asked)) {
      auto at = events_of.find(test);
      if (at != events_of.end()) at->second.push_back(event);
    }
  }
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
  words_[static_cast<std::size_t>(facet)] =
      (count + KeptAnswers::per_word - 1) / KeptAnswers::per_word;
}

}  // namespace saker::match
