// SPDX-License-Identifier: Apache-2.0
#include "match/matcher.h"

#include <array>

#include "match/parts.h"
#include "match/probe.h"
#include "match/run.h"
#include "match/sieve.h"

namespace saker::match {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Probe;
using lang::program::Source;

namespace {

// Entries for which looking at each is cheaper than searching for those that could hold.
constexpr std::size_t few_left = 8;

}  // namespace

struct Matcher::State {
  State(const Program::Parts& parts, const enrich::Users* users)
      : parts(parts),
        image(parts.image),
        run(parts, users),
        candidates(parts.image, parts.most_entries),
        sieve(parts, run, candidates) {
    verdicts.reserve(parts.most_entries);
  }

  std::span<const std::uint32_t> gather(const lang::program::Event& plan, bool views);
  void gather(const lang::program::Event& plan, View view);
  bool judge(const lang::program::Event& plan, std::uint32_t position, bool views);

  const Program::Parts& parts;
  const Image& image;
  Run run;
  Candidates candidates;
  Sieve sieve;
  std::vector<Verdict> verdicts;
};

Matcher::Matcher(const Program& program, const enrich::Users* users)
    : state_(std::make_unique<State>(*program.parts_, users)) {}
Matcher::~Matcher() = default;

void Matcher::use(const enrich::Users* users) {
  state_->run.scratch().use(users);
  state_->sieve.forget();
}

void Matcher::State::gather(const lang::program::Event& plan, View view) {
  run.look_at(view);
  for (const lang::program::Gate& gate : Image::rows(image.gates, plan.gates)) {
    bool views = image.tests[gate.test].views;
    if ((view == View::named || views) && run.ask(gate.test) == (gate.answer != 0))
      candidates.add(gate.positions);
  }
  for (const Probe& probe : Image::rows(image.probes, plan.probes)) {
    bool views = image.sources[probe.source].flags & Source::views;
    if (view == View::named || views)
      candidates.probe(probe, run.value(probe.source), run.scratch());
  }
}

// Whether the entry holds; if so its verdict is added.
bool Matcher::State::judge(const lang::program::Event& plan, std::uint32_t position, bool views) {
  const Entry& entry = image.entries[plan.entries.at + position];
  run.look_at(View::named);
  bool resolved = false;
  if (!run.ask(entry.test)) {
    if (!views || !image.tests[entry.test].views) return false;
    run.look_at(View::resolved);
    resolved = true;
    if (!run.ask(entry.test)) return false;
  }
  verdicts.push_back({entry.rule, resolved});
  return true;
}

std::span<const std::uint32_t> Matcher::State::gather(const lang::program::Event& plan,
                                                      bool views) {
  candidates.begin(plan.entries.count);
  candidates.add(plan.always);
  gather(plan, View::named);
  if (views) gather(plan, View::resolved);
  return candidates.sorted();
}

std::span<const Verdict> Matcher::match(const Event& event) {
  State& state = *state_;
  state.verdicts.clear();
  std::uint16_t type = event.kind();
  if (type >= state.image.events.size()) return {};
  const lang::program::Event& plan = state.image.events[type];
  if (plan.entries.count == 0) return {};
  state.run.begin(event);
  EventPaths paths(event, state.run.scratch());
  bool views = plan.views && paths.views_differ();
  auto judge = [&](std::uint32_t position) {
    return !state.judge(plan, position, views) || state.image.match_all;
  };
  if (!state.parts.facets[type].useful) {
    for (std::uint32_t position : state.gather(plan, views)) {
      if (!judge(position)) break;
    }
    return state.verdicts;
  }
  Remains left = state.sieve.left(event, paths);
  std::array<std::uint32_t, few_left> few;
  std::size_t count = left.list(few);
  if (count <= few.size()) {
    for (std::size_t i = 0; i < count; i++) {
      if (!judge(few[i])) break;
    }
    return state.verdicts;
  }
  for (std::uint32_t position : state.gather(plan, views)) {
    if (left.possible(position) && !judge(position)) break;
  }
  return state.verdicts;
}

}  // namespace saker::match
