// SPDX-License-Identifier: Apache-2.0
#include "match/candidate_cache.h"

#include <algorithm>
#include <array>

#include "base/hash.h"

namespace saker::match {

using lang::program::EntryRow;
using lang::program::GateRow;
using lang::program::ProbeRow;
using lang::program::Sections;
using lang::program::SourceRow;

namespace {

// The maximum that each thread caches: values of a kind, with their typical length on most hosts.
struct Room {
  std::size_t values, key;
};
constexpr Room process_memory{4096, 24}, path_memory{8192, 96}, program_memory{1024, 192},
    command_memory{1024, 384}, socket_memory{256, 40}, connection_memory{8192, 64};
constexpr Room image_memory{8192, 24}, content_memory{1024, 1024};

// Maximum number of entries that an event tests further for one kind of key. The results are
// cached, so testing pays off if the value repeats; this limits the cost of an event whose value
// does not.
constexpr std::size_t most_tested = 16;

template <std::size_t words>
std::string_view key_bytes(const std::array<std::uint64_t, words>& key) {
  return {reinterpret_cast<const char*>(key.data()), sizeof(key)};
}

constexpr std::size_t budget(Room room, std::size_t words) {
  return room.values * (room.key + 8 * words);
}

}  // namespace

CandidateCache::CandidateCache(const Program::Parts& parts, Run& run, IndexLookup& lookup)
    : parts_(parts),
      sections_(parts.sections),
      run_(run),
      lookup_(lookup),
      partial_(parts, run),
      images_(budget(image_memory, 1), image_memory.values),
      contents_(budget(content_memory, 1), content_memory.values) {
  for (Room room : {process_memory, path_memory, program_memory, command_memory, socket_memory,
                    connection_memory}) {
    std::size_t words = CandidateSet::words(parts.most_entries) +
                        parts.kept->words(static_cast<CacheKind>(caches_.size()));
    caches_.emplace_back(budget(room, words), room.values);
  }
}

CandidateCache::Left CandidateCache::left(const Event& event, const EventPaths& paths) {
  type_ = event.kind();
  plan_ = &sections_.events[type_];
  count_ = plan_->entries.count;
  Left left{CandidateSet(count_), {}, 0};
  const bool views = paths.views_differ();
  auto narrow = [&](CacheKind kind, std::string_view key) {
    std::uint64_t* set = look_up(kind, key, views);
    if (set) left.set.narrow(kind, set);
    return set != nullptr;
  };
  Scratch& scratch = run_.scratch();
  const fields::Origin& origin = *event.origin;
  const unsigned useful = parts_.plans[type_].useful & origin.cache_kinds();
  if (useful & bit(CacheKind::process)) {
    if (std::uint64_t* set = process_set(event)) left.set.narrow(CacheKind::process, set);
  }
  if (useful & bit(CacheKind::path))
    narrow(CacheKind::path, origin.path_key(key_, event, paths, scratch));
  // A cached command key covers the program key, and a cached connection key covers the socket key;
  // look up the second only if the first is missing.
  if (!(useful & bit(CacheKind::command)) || !narrow(CacheKind::command, key_.command(event))) {
    if (useful & bit(CacheKind::program)) narrow(CacheKind::program, key_.program(event));
  }
  if (!(useful & bit(CacheKind::connection)) ||
      !narrow(CacheKind::connection, key_.connection(event, scratch))) {
    if (useful & bit(CacheKind::socket)) narrow(CacheKind::socket, key_.socket(event, scratch));
  }
  refine(left, views);
  return left;
}

void CandidateCache::forget() {
  for (KeyCache& cache : caches_) cache.clear();
  images_.clear();
  contents_.clear();
}

std::uint64_t* CandidateCache::process_set(const Event& event) {
  const std::uint64_t content = content_number(event);
  if (content == 0) return nullptr;
  const std::array<std::uint64_t, 2> key{content, type_};
  const std::uint64_t hash = hash_number(content << 16 ^ type_);
  std::uint64_t* kept = caches_[static_cast<std::size_t>(CacheKind::process)].find(key, hash);
  return kept ? kept : admit(CacheKind::process, key_bytes(key), hash, false);
}

// Of the process: as content_of, looked up by its image.
std::uint64_t CandidateCache::content_number(const Event& event) {
  // Read the state first: the data guarded by its epoch is read afterwards.
  const std::array<std::uint64_t, 2> image{
      event.process->verdicts.state(), reinterpret_cast<std::uintptr_t>(&event.origin->getters())};
  const std::uint64_t hash = hash_number(image[0]);
  std::uint64_t* content = images_.find(image, hash);
  if (!content) content = images_.put(key_bytes(image), hash, 1), *content = 0;
  if (*content == 0) *content = content_of(event);
  return *content;
}

// A number that stays the same as long as the content is cached; 0 when it is seen for the first
// time.
std::uint64_t CandidateCache::content_of(const Event& event) {
  const fields::Getters &own = fields::own_origin.getters(), &getters = event.origin->getters();
  const enrich::Process& process = *event.process;
  const bool contained = process.container != nullptr;
  content_.begin();
  // Other getters may fill the fields with other values.
  bool fits = content_.put(reinterpret_cast<std::uintptr_t>(&getters)) &&
              content_.put(std::uint64_t{contained} | std::uint64_t{process.known} << 1);
  const ContentPlan& plan = *parts_.content;
  // Only our own getters are known to leave these without a value.
  const bool skips = !contained && fills_containers_as_ours(getters);
  for (const ContentPlan::Item& item : skips ? plan.outside_container() : plan.items()) {
    const std::uint16_t slot = parts_.fields[item.source].slot;
    if (item.number && getters[slot] == own[slot]) {
      fits = fits && content_.put(process.*item.number);
      continue;
    }
    const Value& value = run_.value(item.source);
    fits = fits && (item.compared ? content_.put_place(value, item.marks, item.has_sign)
                                  : content_.put(value));
  }
  // Treat it as unique.
  if (!fits) return next_content_++;
  const std::uint64_t hash = hash_bytes(content_.whole());
  if (const std::uint64_t* known = contents_.find(content_.whole(), hash)) return *known;
  std::uint64_t* made = contents_.admit(content_.whole(), hash, 1);
  return made ? *made = next_content_++ : 0;
}

// The answer for the last getters asked for is kept.
bool CandidateCache::fills_containers_as_ours(const fields::Getters& getters) {
  if (&getters == known_getters_) return as_ours_;
  const fields::Getters& own = fields::own_origin.getters();
  const ContentPlan& plan = *parts_.content;
  known_getters_ = &getters;
  return as_ours_ = std::ranges::all_of(plan.items().subspan(plan.outside_container().size()),
                                        [&](const ContentPlan::Item& item) {
                                          const std::uint16_t slot =
                                              parts_.fields[item.source].slot;
                                          return getters[slot] == own[slot];
                                        });
}

std::uint64_t* CandidateCache::look_up(CacheKind kind, std::string_view what, bool views) {
  if (what.empty()) return nullptr;
  const std::uint64_t hash = hash_bytes(what);
  std::uint64_t* kept = caches_[static_cast<std::size_t>(kind)].find(what, hash);
  if (!kept) kept = admit(kind, what, hash, views);
  if (!kept) return nullptr;
  const std::uint16_t* slots = parts_.kept->slots(kind);
  // One result is cached for each test, not one for each view.
  if (slots && !views) run_.keep_with({slots, kept + CandidateSet::words(count_)});
  return kept;
}

// For a key that is not cached; null if it is not to be cached yet.
std::uint64_t* CandidateCache::admit(CacheKind kind, std::string_view what, std::uint64_t hash,
                                     bool views) {
  const std::size_t words = CandidateSet::words(count_), answers = parts_.kept->words(kind);
  std::uint64_t* made = caches_[static_cast<std::size_t>(kind)].admit(what, hash, words + answers);
  if (!made) return nullptr;
  std::fill_n(made + words, answers, 0);
  fill(kind, views && kind == CacheKind::path, made + CandidateSet::head_words(count_));
  CandidateSet::finish(made, count_);
  return made;
}

void CandidateCache::fill(CacheKind kind, bool views, std::uint64_t* out) {
  if (count_ > many_entries) {
    const std::vector<std::uint64_t>& not_indexed =
        parts_.plans[type_].not_indexed[static_cast<std::size_t>(kind)];
    std::copy(not_indexed.begin(), not_indexed.end(), out);
    seek(kind, views, out);
  } else {
    std::size_t words = CandidateSet::bit_words(count_);
    std::fill_n(out, words, ~std::uint64_t{0});
    if (count_ % 64) out[words - 1] = (std::uint64_t{1} << count_ % 64) - 1;
  }
  pass_gates(kind, views, out);
  run_.use_view(View::named);
}

void CandidateCache::seek(CacheKind kind, bool views, std::uint64_t* out) {
  lookup_.begin(count_);
  for (const ProbeRow& probe : Sections::rows(sections_.probes, plan_->probes)) {
    if (!(parts_.cover->sources[probe.source] & bit(kind))) continue;
    run_.use_view(View::named);
    lookup_.probe(probe, run_.value(probe.source), run_.scratch());
    if (!views || !(sections_.sources[probe.source].flags & SourceRow::views)) continue;
    run_.use_view(View::resolved);
    lookup_.probe(probe, run_.value(probe.source), run_.scratch());
  }
  for (std::uint32_t position : lookup_.sorted())
    out[position / 64] |= std::uint64_t{1} << position % 64;
}

// A test that many entries share and that the key decides.
void CandidateCache::pass_gates(CacheKind kind, bool views, std::uint64_t* out) {
  for (const GateRow& gate : Sections::rows(sections_.gates, plan_->gates)) {
    if (!(parts_.cover->tests[gate.test] & bit(kind))) continue;
    run_.use_view(View::named);
    bool open = run_.ask(gate.test) == (gate.answer != 0);
    if (!open && views) {
      run_.use_view(View::resolved);
      open = run_.ask(gate.test) == (gate.answer != 0);
    }
    if (open) continue;
    for (std::uint32_t position : Sections::rows(sections_.positions, gate.positions)) {
      if (position < count_) out[position / 64] &= ~(std::uint64_t{1} << position % 64);
    }
  }
}

// Tests the entries that all sets leave further, each once for a value.
void CandidateCache::refine(Left& left, bool views) {
  left.count = left.set.list(left.few);
  for (std::size_t i = 0; i < left.set.sets() && left.count > 0; i++) {
    std::array<std::uint32_t, most_tested> positions;
    static_assert(few_left <= most_tested);
    const std::size_t count =
        left.count <= few_left
            ? left.set.unseen(i, std::span(left.few).first(left.count), positions)
            : left.set.unseen(i, positions);
    if (count == 0) continue;
    test(left.set, i, std::span(positions).first(count), views);
    left.count = left.set.list(left.few);
  }
}

void CandidateCache::test(CandidateSet& candidates, std::size_t index,
                          std::span<const std::uint32_t> positions, bool views) {
  std::array<bool, most_tested> possible{};
  const CacheKind kind = candidates.kind(index);
  for (View view : {View::named, View::resolved}) {
    if (view == View::resolved && !(views && kind == CacheKind::path)) break;
    run_.use_view(view);
    partial_.begin(kind);
    for (std::size_t k = 0; k < positions.size(); k++) {
      const EntryRow& entry = sections_.entries[plan_->entries.at + positions[k]];
      possible[k] = possible[k] || partial_.possible(entry.test);
    }
  }
  run_.use_view(View::named);
  for (std::size_t k = 0; k < positions.size(); k++)
    candidates.mark_seen(index, positions[k], possible[k]);
}

}  // namespace saker::match
