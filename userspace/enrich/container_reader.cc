// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_reader.h"

#include <optional>

#include "enrich/container_files.h"

namespace saker::enrich {
namespace {

// A runtime's configuration rarely changes.
constexpr std::uint64_t paths_ns = 60'000'000'000;

}  // namespace

bool ContainerReader::read(Containers::Wanted& wanted) {
  if (!wanted.user)
    return read_container_files(root_, paths_, wanted.in_pod, wanted.container, why_);
  // Only in a user's directories: the user controls them, and they only affect the user's own
  // processes.
  const RuntimePaths own = RuntimePaths::of_user(root_, names_.home(*wanted.user), *wanted.user);
  return read_container_files(root_, own, false, wanted.container, why_);
}

void ContainerReader::serve(LifeLock& life, std::uint64_t now, const Redirect& redirect) {
  for (;;) {
    std::optional<Containers::Wanted> wanted;
    {
      std::lock_guard guard(life);
      wanted = containers_.due(now);
    }
    if (!wanted) return;
    if (now >= paths_until_) {
      paths_ = RuntimePaths::find(root_, more_);
      paths_until_ = now + paths_ns;
    }
    const bool found = read(*wanted);
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
