// SPDX-License-Identifier: Apache-2.0
#include "match/sieve.h"

#include <algorithm>
#include <bit>
#include <span>

#include "base/hash.h"

namespace saker::match {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Probe;
using lang::program::Source;

namespace {

// Calls `use` with the number of each bit, ascending.
template <typename Use>
void each_bit(std::span<const std::uint64_t> words, Use use) {
  for (std::size_t i = 0; i < words.size(); i++) {
    for (std::uint64_t word = words[i]; word; word &= word - 1)
      use(static_cast<std::uint32_t>(i * 64 + static_cast<unsigned>(std::countr_zero(word))));
  }
}

// What each thread remembers, at most: values of a facet, as long as they are on most hosts.
struct Room {
  std::size_t values, key;
};
constexpr Room process_memory{4096, 24}, path_memory{8192, 96}, program_memory{1024, 192},
    command_memory{1024, 384}, socket_memory{256, 40}, connection_memory{8192, 64};
constexpr std::uint32_t most_tested = 512;  // entries of one facet at one event

}  // namespace

Sieve::Sieve(const Program::Parts& parts, Run& run, Candidates& candidates)
    : parts_(parts),
      image_(parts.image),
      run_(run),
      candidates_(candidates),
      residue_(parts, run),
      possible_(Remains::bit_words(parts.most_entries)) {
  for (Room room : {process_memory, path_memory, program_memory, command_memory, socket_memory,
                    connection_memory}) {
    std::size_t words =
        Remains::words(parts.most_entries) + parts.kept->words(static_cast<Facet>(memos_.size()));
    memos_.emplace_back(room.values * (room.key + 8 * words), room.values);
  }
}

Remains Sieve::left(const Event& event, const EventPaths& paths) {
  std::uint16_t type = event.kind();
  count_ = image_.events[type].entries.count;
  Remains remains(count_);
  auto narrow = [&](Facet facet, std::string_view key) {
    const std::uint64_t* set = look_up(facet, key, type, paths.views_differ());
    if (set) remains.narrow(set);
    return set != nullptr;
  };
  Scratch& scratch = run_.scratch();
  const fields::Origin& origin = *event.origin;
  const unsigned useful = parts_.facets[type].useful & origin.facets();
  if (useful & bit(Facet::process)) narrow(Facet::process, key_.process(event));
  if (useful & bit(Facet::path)) narrow(Facet::path, origin.path_key(key_, event, paths, scratch));
  // A command that is known leaves nothing to be asked of its program, a connection nothing of its
  // socket.
  if (!(useful & bit(Facet::command)) || !narrow(Facet::command, key_.command(event))) {
    if (useful & bit(Facet::program)) narrow(Facet::program, key_.program(event));
  }
  if (!(useful & bit(Facet::connection)) ||
      !narrow(Facet::connection, key_.connection(event, scratch))) {
    if (useful & bit(Facet::socket)) narrow(Facet::socket, key_.socket(event, scratch));
  }
  return remains;
}

void Sieve::forget() {
  for (Memo& memo : memos_) memo.clear();
}

const std::uint64_t* Sieve::look_up(Facet facet, std::string_view what, std::uint16_t type,
                                    bool views) {
  if (what.empty()) return nullptr;
  std::uint64_t hash = hash_bytes(what);
  Memo& memo = memos_[static_cast<std::size_t>(facet)];
  std::size_t words = Remains::words(count_);
  std::uint64_t* kept = memo.find(what, hash);
  if (!kept) {
    std::size_t answers = parts_.kept->words(facet);
    kept = memo.admit(what, hash, words + answers);
    if (!kept) return nullptr;
    std::fill_n(kept + words, answers, 0);
    fill(facet, type, views, kept + Remains::head_words(count_));
    Remains::fill_head(kept, count_);
  }
  const std::uint16_t* slots = parts_.kept->slots(facet);
  // One answer is kept of each test, not one for each view.
  if (slots && !views) run_.keep_with({slots, kept + words});
  return kept;
}

void Sieve::fill(Facet facet, std::uint16_t type, bool views, std::uint64_t* out) {
  const lang::program::Event& plan = image_.events[type];
  bool both = views && facet == Facet::path;
  if (count_ > many_entries) {
    const std::vector<std::uint64_t>& unsought =
        parts_.facets[type].unsought[static_cast<std::size_t>(facet)];
    std::copy(unsought.begin(), unsought.end(), out);
    seek(facet, plan, both, out);
  } else {
    std::size_t words = Remains::bit_words(count_);
    std::fill_n(out, words, ~std::uint64_t{0});
    if (count_ % 64) out[words - 1] = (std::uint64_t{1} << count_ % 64) - 1;
  }
  test(facet, plan, both, out);
  run_.look_at(View::named);
}

void Sieve::seek(Facet facet, const lang::program::Event& plan, bool views, std::uint64_t* out) {
  candidates_.begin(plan.entries.count);
  for (const Probe& probe : Image::rows(image_.probes, plan.probes)) {
    if (!(parts_.cover->sources[probe.source] & bit(facet))) continue;
    run_.look_at(View::named);
    candidates_.probe(probe, run_.value(probe.source), run_.scratch());
    if (!views || !(image_.sources[probe.source].flags & Source::views)) continue;
    run_.look_at(View::resolved);
    candidates_.probe(probe, run_.value(probe.source), run_.scratch());
  }
  for (std::uint32_t position : candidates_.sorted())
    out[position / 64] |= std::uint64_t{1} << position % 64;
}

void Sieve::test(Facet facet, const lang::program::Event& plan, bool views, std::uint64_t* out) {
  std::size_t words = Remains::bit_words(count_), count = 0;
  for (std::size_t i = 0; i < words; i++) count += static_cast<std::size_t>(std::popcount(out[i]));
  if (count > most_tested) return;
  std::fill_n(possible_.begin(), words, 0);
  for (View view : {View::named, View::resolved}) {
    if (view == View::resolved && !views) break;
    run_.look_at(view);
    residue_.begin(facet);
    each_bit({out, words}, [&](std::uint32_t position) {
      const Entry& entry = image_.entries[plan.entries.at + position];
      if (residue_.possible(entry.test))
        possible_[position / 64] |= std::uint64_t{1} << position % 64;
    });
  }
  std::copy_n(possible_.begin(), words, out);
}

}  // namespace saker::match
