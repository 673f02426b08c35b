// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "enrich/cgroup.h"
#include "enrich/container_files.h"

namespace saker::enrich {
namespace {

// A runtime writes its files before it starts the first process, as a rule; where it does not, soon after.
constexpr std::uint64_t retry_after_ms[] = {100, 400, 1000, 3000, 10000, 30000};

}  // namespace

Containers::Entry* Containers::entry(const Container* container) {
  static_assert(offsetof(Entry, container) == 0);
  return reinterpret_cast<Entry*>(const_cast<Container*>(container));
}

const Container* Containers::hold(std::string_view cgroup) {
  std::optional<CgroupContainer> found = container_of_cgroup(cgroup);
  if (!found) return nullptr;
  auto at = by_id_.find(found->id);
  if (at == by_id_.end()) {
    auto fresh = std::make_unique<Entry>();
    fresh->container.full_id = found->id;
    fresh->container.id = found->id.substr(0, 12);
    fresh->container.type = found->type;
    read_container_files(root_, fresh->container);
    at = by_id_.emplace(found->id, std::move(fresh)).first;
    count_.store(by_id_.size(), std::memory_order_relaxed);
  }
  at->second->refs++;
  return &at->second->container;
}

void Containers::hold(const Container* container) {
  if (container) entry(container)->refs++;
}

void Containers::drop(const Container* container) {
  if (!container || --entry(container)->refs) return;
  if (entry(container)->current)
    by_id_.erase(by_id_.find(container->full_id));
  else
    replaced_.erase(container);
  count_.store(by_id_.size(), std::memory_order_relaxed);
}

void Containers::retry(
    std::uint64_t now,
    const std::function<void(const Container*, const Container*)>& replace) {
  // Replacing drops references, which may end entries: the list to look at is made first.
  std::vector<std::string> due;
  for (auto& [id, e] : by_id_) {
    if (e->container.metadata || e->tries >= std::size(retry_after_ms)) continue;
    if (e->next_try == 0) e->next_try = now + retry_after_ms[0] * 1'000'000;
    if (now >= e->next_try) due.push_back(id);
  }
  for (const std::string& id : due) {
    auto at = by_id_.find(id);
    if (at == by_id_.end()) continue;
    Entry& old = *at->second;
    auto fresh = std::make_unique<Entry>();
    fresh->container.id = old.container.id;
    fresh->container.full_id = old.container.full_id;
    fresh->container.type = old.container.type;
    if (!read_container_files(root_, fresh->container)) {
      old.tries++;
      if (old.tries < std::size(retry_after_ms))
        old.next_try = now + retry_after_ms[old.tries] * 1'000'000;
      continue;
    }
    const Container* before = &old.container;
    const Container* after = &fresh->container;
    old.current = false;
    old.refs++;  // until the end of this turn, so that `before` outlasts its replacement
    fresh->refs = 1;
    replaced_.emplace(before, std::exchange(at->second, std::move(fresh)));
    replace(before, after);
    drop(before);
    drop(after);
  }
}

}  // namespace saker::enrich
