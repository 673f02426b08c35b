// SPDX-License-Identifier: Apache-2.0
#include "match/matcher.h"

#include <algorithm>
#include <utility>

#include "base/cycles.h"
#include "match/candidate_cache.h"
#include "match/index_lookup.h"
#include "match/parts.h"
#include "match/run.h"

namespace saker::match {

using lang::program::EntryRow;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::SourceRow;

namespace {

// Where nothing is timed; the compiler leaves nothing of it.
struct NoWatch {
  void found() {}
  void judged(std::uint32_t) {}
};

// Each lap goes to whom it was for.
class Stopwatch {
 public:
  Stopwatch(RuleCosts& costs, std::uint32_t weight) : costs_(costs), weight_(weight) {}
  void found() { costs_.add_shared(lap(), weight_); }
  void judged(std::uint32_t rule) { costs_.add(rule, lap(), weight_); }

 private:
  std::uint64_t lap() {
    const std::uint64_t now = cycles(), before = std::exchange(last_, now);
    return now - std::min(before, now);  // another CPU's counter may be behind
  }
  RuleCosts& costs_;
  const std::uint32_t weight_;
  std::uint64_t last_ = cycles();
};

}  // namespace

struct Matcher::State {
  State(const Program::Parts& parts, const enrich::Users* users)
      : parts(parts),
        sections(parts.sections),
        run(parts, users),
        lookup(parts.sections, parts.most_entries),
        cache(parts, run, lookup) {
    verdicts.reserve(parts.most_entries);
  }

  template <typename Watch>
  std::span<const Verdict> match(const Event& event, Watch watch);
  // The same of an event that some rule asks for. A function of its own, so that an event that no
  // rule asks for does not pay for its registers.
  template <typename Watch>
  [[gnu::noinline]] std::span<const Verdict> match_asked(const Event& event, Watch watch);
  std::span<const std::uint32_t> gather(const lang::program::EventRow& plan, bool views);
  void gather(const lang::program::EventRow& plan, View view);
  bool judge(const lang::program::EventRow& plan, std::uint32_t position, bool views);

  const Program::Parts& parts;
  const Sections& sections;
  Run run;
  IndexLookup lookup;
  CandidateCache cache;
  std::vector<Verdict> verdicts;
};

Matcher::Matcher(const Program& program, const enrich::Users* users)
    : state_(std::make_unique<State>(*program.parts_, users)) {}
Matcher::~Matcher() = default;

void Matcher::use(const enrich::Users* users) {
  state_->run.scratch().use(users);
  state_->cache.forget();
}

void Matcher::State::gather(const lang::program::EventRow& plan, View view) {
  run.use_view(view);
  for (const lang::program::GateRow& gate : Sections::rows(sections.gates, plan.gates)) {
    bool views = sections.tests[gate.test].views;
    if ((view == View::named || views) && run.ask(gate.test) == (gate.answer != 0))
      lookup.add(gate.positions);
  }
  for (const ProbeRow& probe : Sections::rows(sections.probes, plan.probes)) {
    bool views = sections.sources[probe.source].flags & SourceRow::views;
    if (view == View::named || views) lookup.probe(probe, run.value(probe.source), run.scratch());
  }
}

// Whether the entry matches; if so, its verdict is added.
bool Matcher::State::judge(const lang::program::EventRow& plan, std::uint32_t position,
                           bool views) {
  const EntryRow& entry = sections.entries[plan.entries.at + position];
  run.use_view(View::named);
  bool resolved = false;
  if (!run.ask(entry.test)) {
    if (!views || !sections.tests[entry.test].views) return false;
    run.use_view(View::resolved);
    resolved = true;
    if (!run.ask(entry.test)) return false;
  }
  verdicts.push_back({entry.rule, resolved});
  return true;
}

std::span<const std::uint32_t> Matcher::State::gather(const lang::program::EventRow& plan,
                                                      bool views) {
  lookup.begin(plan.entries.count);
  lookup.add(plan.always);
  gather(plan, View::named);
  if (views) gather(plan, View::resolved);
  return lookup.sorted();
}

template <typename Watch>
std::span<const Verdict> Matcher::State::match(const Event& event, Watch watch) {
  verdicts.clear();
  const std::uint16_t type = event.kind();
  if (type >= sections.events.size() || sections.events[type].entries.count == 0) return {};
  return match_asked(event, watch);
}

template <typename Watch>
std::span<const Verdict> Matcher::State::match_asked(const Event& event, Watch watch) {
  const std::uint16_t type = event.kind();
  const lang::program::EventRow& plan = sections.events[type];
  run.begin(event);
  EventPaths paths(event, run.scratch());
  bool views = plan.views && paths.views_differ();
  auto go_on = [&](std::uint32_t position) {
    const bool holds = judge(plan, position, views);
    watch.judged(sections.entries[plan.entries.at + position].rule);
    return !holds || sections.match_all;
  };
  if (!parts.plans[type].useful) {
    std::span<const std::uint32_t> possible = gather(plan, views);
    watch.found();
    for (std::uint32_t position : possible) {
      if (!go_on(position)) break;
    }
    return verdicts;
  }
  const CandidateCache::Left left = cache.left(event, paths);
  if (left.count <= few_left) {
    watch.found();
    for (std::size_t i = 0; i < left.count; i++) {
      if (!go_on(left.few[i])) break;
    }
    return verdicts;
  }
  std::span<const std::uint32_t> possible = gather(plan, views);
  watch.found();
  for (std::uint32_t position : possible) {
    if (left.set.possible(position) && !go_on(position)) break;
  }
  return verdicts;
}

std::span<const Verdict> Matcher::match(const Event& event) {
  return state_->match(event, NoWatch());
}

std::span<const Verdict> Matcher::match_timed(const Event& event, RuleCosts& costs,
                                              std::uint32_t weight) {
  return state_->match(event, Stopwatch(costs, weight));
}

}  // namespace saker::match
