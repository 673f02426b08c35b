// SPDX-License-Identifier: Apache-2.0
#include "match/sieve.h"

#include <algorithm>

#include "base/hash.h"

namespace saker::match {

using lang::program::Entry;
using lang::program::Image;
using lang::program::Probe;
using lang::program::Source;

namespace {

// What each thread remembers, at most: values of a facet, as long as they are on most hosts.
struct Room {
  std::size_t values, key;
};
constexpr Room process_memory{4096, 24}, path_memory{8192, 96}, program_memory{1024, 192},
    command_memory{1024, 384};
constexpr std::uint32_t most_tested = 512;  // entries of one facet at one event

}  // namespace

Sieve::Sieve(const Program::Parts& parts, Run& run, Candidates& candidates)
    : parts_(parts),
      image_(parts.image),
      run_(run),
      candidates_(candidates),
      residue_(parts, run),
      bits_((parts.most_entries + 63) / 64),
      possible_(bits_.size()) {
  for (Room room : {process_memory, path_memory, program_memory, command_memory})
    memos_.emplace_back(room.values * (room.key + 8 * bits_.size()), room.values);
}

std::span<const std::uint64_t> Sieve::left(const Event& event, const EventPaths& paths) {
  std::uint16_t type = event.kind();
  std::uint32_t count = image_.events[type].entries.count;
  words_ = (count + 63) / 64;
  std::fill_n(bits_.begin(), words_, ~std::uint64_t{0});
  if (count % 64) bits_[words_ - 1] = (std::uint64_t{1} << count % 64) - 1;
  std::uint8_t useful = parts_.facets[type].useful;
  // Fields of a capture know more than what is in the key of a command.
  if (event.capture) useful &= static_cast<std::uint8_t>(~bit(Facet::command));
  for (Facet facet : {Facet::process, Facet::path, Facet::command, Facet::program}) {
    if (!(useful & bit(facet))) continue;
    // A command that is known leaves nothing to be asked of its program.
    if (narrow(facet, event, paths) && facet == Facet::command) break;
  }
  return {bits_.data(), words_};
}

void Sieve::forget() {
  for (Memo& memo : memos_) memo.clear();
}

std::string_view Sieve::key(Facet facet, const Event& event, const EventPaths& paths) {
  switch (facet) {
    case Facet::process:
      return key_.process(event);
    case Facet::path:
      return event.capture ? key_.capture_path(event) : key_.path(event, paths, run_.scratch());
    case Facet::program:
      return key_.program(event);
    default:
      return key_.command(event);
  }
}

bool Sieve::narrow(Facet facet, const Event& event, const EventPaths& paths) {
  std::string_view what = key(facet, event, paths);
  if (what.empty()) return false;
  std::uint64_t hash = hash_bytes(what);
  Memo& memo = memos_[static_cast<std::size_t>(facet)];
  const std::uint64_t* kept = memo.find(what, hash);
  if (!kept) {
    std::uint64_t* fresh = memo.admit(what, hash, words_);
    if (!fresh) return false;
    fill(facet, event.kind(), paths.views_differ(), fresh);
    kept = fresh;
  }
  for (std::size_t i = 0; i < words_; i++) bits_[i] &= kept[i];
  return true;
}

void Sieve::fill(Facet facet, std::uint16_t type, bool views, std::uint64_t* out) {
  const lang::program::Event& plan = image_.events[type];
  bool both = views && facet == Facet::path;
  if (plan.entries.count > many_entries) {
    const std::vector<std::uint64_t>& unsought =
        parts_.facets[type].unsought[static_cast<std::size_t>(facet)];
    std::copy(unsought.begin(), unsought.end(), out);
    seek(facet, plan, both, out);
  } else {
    std::fill_n(out, words_, ~std::uint64_t{0});
    if (plan.entries.count % 64)
      out[words_ - 1] = (std::uint64_t{1} << plan.entries.count % 64) - 1;
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
  std::size_t count = 0;
  for (std::size_t i = 0; i < words_; i++) count += static_cast<std::size_t>(std::popcount(out[i]));
  if (count > most_tested) return;
  std::fill_n(possible_.begin(), words_, 0);
  for (View view : {View::named, View::resolved}) {
    if (view == View::resolved && !views) break;
    run_.look_at(view);
    residue_.begin(facet);
    each_bit({out, words_}, [&](std::uint32_t position) {
      const Entry& entry = image_.entries[plan.entries.at + position];
      if (residue_.possible(entry.test))
        possible_[position / 64] |= std::uint64_t{1} << position % 64;
      return true;
    });
  }
  std::copy_n(possible_.begin(), words_, out);
}

}  // namespace saker::match
