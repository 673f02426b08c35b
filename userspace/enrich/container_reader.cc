// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_reader.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "enrich/container_files.h"

namespace saker::enrich {
namespace {

// A runtime's configuration rarely changes.
constexpr std::uint64_t paths_ns = 60'000'000'000;
// So long after it was read a container is looked at again, because it may have another name; if
// there are many, or their files are long, later: it takes at most a fiftieth of a processor.
constexpr std::uint64_t again_ns = 10'000'000'000, share = 50;

}  // namespace

bool ContainerReader::read_files(const RuntimePaths& paths, Containers::Wanted& wanted) {
  const std::uint64_t stamp = container_name_stamp(root_, paths, wanted.container);
  if (wanted.stamp && wanted.stamp == stamp) return true;
  Container fresh;
  fresh.id = wanted.container.id;
  fresh.full_id = wanted.container.full_id;
  fresh.type = wanted.container.type;
  if (!read_container_files(root_, paths, wanted.in_pod && !wanted.user, fresh, why_)) return false;
  // Taken before the files were read: if they changed meanwhile, they are read once more.
  wanted.stamp = stamp;
  wanted.container = std::move(fresh);
  return true;
}

bool ContainerReader::read(Containers::Wanted& wanted, std::size_t containers) {
  const std::uint64_t began = clock_ns(CLOCK_MONOTONIC);
  const Container before = pods_ ? wanted.container : Container();
  // Only in a user's directories: the user controls them, and they only affect the user's own
  // processes.
  const bool found = read_files(
      wanted.user ? RuntimePaths::of_user(root_, names_.home(*wanted.user), *wanted.user) : paths_,
      wanted);
  const std::uint64_t took = clock_ns(CLOCK_MONOTONIC) - began;
  wanted.took_ns = took;
  if (pods_) describe_pod(wanted, before);
  wanted.again_ns = wanted.stamp ? std::max(again_ns, share * containers * took) : 0;
  return found;
}

// The pod may be gone from the server before its last process: then what was known of it stays.
void ContainerReader::describe_pod(Containers::Wanted& wanted, const Container& before) const {
  // Not the uid in the runtime's files: those of a rootless runtime belong to its user.
  if (wanted.pod_uid.empty() || pods_->describe(wanted.pod_uid, wanted.container)) return;
  keep_pod(before, wanted.container);
}

void ContainerReader::serve(LifeLock& life, std::uint64_t now, const Redirect& redirect) {
  for (;;) {
    std::optional<Containers::Wanted> wanted;
    {
      std::lock_guard guard(life);
      wanted = containers_.due(now, whose_);
    }
    if (!wanted) return;
    if (now >= paths_until_) {
      paths_ = RuntimePaths::find(root_, more_);
      paths_until_ = now + paths_ns;
    }
    const bool found = read(*wanted, containers_.count());
    answer(life, *wanted, found, now, redirect);
  }
}

void ContainerReader::answer(LifeLock& life, const Containers::Wanted& wanted, bool found,
                             std::uint64_t now, const Redirect& redirect) {
  std::optional<Containers::Replacement> replacement;
  {
    std::lock_guard guard(life);
    replacement = containers_.answer(wanted, found, now);
  }
  while (replacement) {
    std::lock_guard guard(life);
    if (!redirect(*replacement)) continue;
    containers_.replaced(*replacement);
    replacement.reset();
  }
}

}  // namespace saker::enrich
