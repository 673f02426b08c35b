// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace saker::enrich {
namespace {

// A runtime usually writes its files before it starts the first process, or else soon afterwards.
constexpr std::uint64_t retry_after_ms[] = {100, 400, 1000, 3000, 10000, 30000};
constexpr std::size_t short_id = 12;
// A user whose files took so long is read in one fiftieth of the time, and waits a minute at most.
constexpr std::uint64_t slow_ns = 250'000'000, user_part = 50, longest_wait_ns = 60'000'000'000;

// A user's container is not the same as root's container with the same digits.
std::string key_of(const CgroupContainer& found) {
  return found.user ? std::to_string(*found.user) + "/" + found.id : found.id;
}

// A reader in a cgroup namespace sees paths that begin with "/..": then only their ends can be
// compared.
bool same_group(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (!a.starts_with("/..") && !b.starts_with("/..")) return false;
  return a.substr(a.rfind('/') + 1) == b.substr(b.rfind('/') + 1);
}

}  // namespace

Containers::Containers() {
  for (Fd& bell : bell_) bell = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

Containers::Entry* Containers::entry(const Container* container) {
  static_assert(offsetof(Entry, container) == 0);
  return reinterpret_cast<Entry*>(const_cast<Container*>(container));
}

void Containers::ring(Whose whose) const {
  const std::uint64_t one = 1;
  // The write can only fail when the bell is ringing already.
  (void)!::write(bell(whose), &one, sizeof one);
}

void Containers::silence(Whose whose) const {
  std::uint64_t count;
  (void)!::read(bell(whose), &count, sizeof count);
}

void Containers::queue(Entry& entry, std::uint64_t from) {
  Queue& waiting = turn(entry).queue;
  if (entry.queued) waiting.erase(*entry.queued);
  entry.queued = waiting.emplace(from, entry.key);
}

const Container* Containers::hold(std::string_view cgroup) {
  std::optional<CgroupContainer> found = container_of_cgroup(cgroup);
  return found ? hold(*found) : nullptr;
}

const Container* Containers::hold(const CgroupContainer& found) {
  std::string key = key_of(found);
  auto at = by_key_.find(key);
  if (at == by_key_.end()) {
    // A user may give a group the digits of one of root's containers.
    if (found.user && by_key_.contains(found.id)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    auto fresh = std::make_unique<Entry>();
    fresh->container.full_id = found.id;
    fresh->container.id = found.named ? found.id : found.id.substr(0, short_id);
    fresh->container.type = found.type;
    fresh->key = key;
    fresh->group = found.group;
    fresh->in_pod = found.in_pod;
    fresh->pod_uid = found.pod_uid;
    fresh->user = found.user;
    if (!found.pod_uid.empty()) by_pod_.emplace(found.pod_uid, key);
    at = by_key_.emplace(std::move(key), std::move(fresh)).first;
    count_.store(by_key_.size(), std::memory_order_relaxed);
    queue(*at->second, 0);
    ring(found.user ? Whose::users : Whose::system);
  } else if (!same_group(at->second->group, found.group)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  at->second->refs++;
  return &at->second->container;
}

void Containers::hold(const Container* container) {
  if (container) entry(container)->refs++;
}

void Containers::drop(const Container* container) {
  if (!container || --Containers::entry(container)->refs) return;
  // A container that is gone before it was read must not stay queued: there may be many.
  Entry& entry = *Containers::entry(container);
  if (entry.queued) turn(entry).queue.erase(*entry.queued);
  if (entry.current) {
    by_pod_.erase({entry.pod_uid, entry.key});
    by_key_.erase(by_key_.find(entry.key));
  } else {
    replaced_.erase(container);
  }
  count_.store(by_key_.size(), std::memory_order_relaxed);
}

std::optional<Containers::Wanted> Containers::take(Turn& turn, std::uint64_t now) {
  while (turn.next() <= now) {
    auto at = by_key_.find(turn.queue.begin()->second);
    turn.queue.erase(turn.queue.begin());
    if (at == by_key_.end()) continue;
    at->second->queued.reset();
    if (at->second->asked) continue;
    Entry& e = *at->second;
    e.asked = true;
    turn.asked = e.user.has_value();
    return Wanted{e.key, e.container, e.in_pod, e.pod_uid, e.user, e.stamp};
  }
  return std::nullopt;
}

// The user whose turn has been due longest. Forgets users that have no container left to read.
Containers::Turn* Containers::next_user(std::uint64_t now) {
  Turn* next = nullptr;
  std::erase_if(users_, [&](const auto& each) {
    const Turn& turn = each.second;
    return !turn.asked && turn.queue.empty() && turn.until <= now;
  });
  for (auto& [uid, turn] : users_)
    if (turn.next() <= now && (!next || turn.next() < next->next())) next = &turn;
  return next;
}

std::optional<Containers::Wanted> Containers::due(std::uint64_t now, Whose whose) {
  if (whose == Whose::system) return take(system_, now);
  while (Turn* next = next_user(now))
    if (std::optional<Wanted> wanted = take(*next, now)) return wanted;
  return std::nullopt;
}

std::uint64_t Containers::next_due(Whose whose) const {
  std::uint64_t next = system_.next();
  if (whose == Whose::system) return next;
  next = ~std::uint64_t{0};
  for (const auto& [uid, turn] : users_) next = std::min(next, turn.next());
  return next;
}

void Containers::end_turn(const Wanted& wanted, std::uint64_t now) {
  if (!wanted.user) return;
  Turn& turn = users_[*wanted.user];
  turn.asked = false;
  if (wanted.took_ns < slow_ns) return;
  turn.until = now + wanted.took_ns + std::min(longest_wait_ns, user_part * wanted.took_ns);
}

void Containers::look_again(const std::string& pod_uid) {
  for (auto at = by_pod_.lower_bound({pod_uid, ""}); at != by_pod_.end() && at->first == pod_uid;
       ++at) {
    Entry& found = *by_key_.find(at->second)->second;
    if (found.asked) {
      found.again = true;
    } else {
      queue(found, 0);
      ring(found.user ? Whose::users : Whose::system);
    }
  }
}

std::unique_ptr<Containers::Entry> Containers::successor(Entry& old, const Wanted& wanted) {
  auto fresh = std::make_unique<Entry>();
  fresh->container = wanted.container;
  fresh->key = old.key;
  fresh->group = old.group;
  fresh->in_pod = old.in_pod;
  fresh->pod_uid = old.pod_uid;
  fresh->user = old.user;
  fresh->tries = old.tries;
  fresh->stamp = wanted.stamp;
  fresh->pending.store(false, std::memory_order_relaxed);
  return fresh;
}

std::optional<Containers::Replacement> Containers::answer(const Wanted& wanted, bool found,
                                                          std::uint64_t now) {
  end_turn(wanted, now);
  auto at = by_key_.find(wanted.key);
  if (at == by_key_.end()) return std::nullopt;
  Entry& old = *at->second;
  old.asked = false;
  const bool same = wanted.container == old.container;
  std::unique_ptr<Entry> fresh = same ? nullptr : successor(old, wanted);
  Entry& entry = fresh ? *fresh : old;
  entry.stamp = wanted.stamp;
  if (std::exchange(old.again, false))
    queue(entry, now);
  else if (wanted.again_ns)
    queue(entry, now + wanted.again_ns);
  if (!found && !entry.container.metadata) {
    if (entry.tries == std::size(retry_after_ms))
      unknown_.fetch_add(1, std::memory_order_relaxed);
    else if (entry.tries < std::size(retry_after_ms) && !entry.queued)
      queue(entry, now + retry_after_ms[entry.tries] * 1'000'000);
    entry.tries++;
  }
  if (!fresh) {
    old.pending.store(false, std::memory_order_release);  // [container-read]
    return std::nullopt;
  }
  const Container* before = &old.container;
  const Container* after = &fresh->container;
  old.current = false;
  // Until replaced().
  old.refs++;
  fresh->refs = 1;
  replaced_.emplace(before, std::exchange(at->second, std::move(fresh)));
  return Replacement{before, after};
}

void Containers::replaced(const Replacement& done) {
  // [container-read]: all references were redirected
  entry(done.old)->pending.store(false, std::memory_order_release);
  drop(done.old);
  drop(done.fresh);
}

}  // namespace saker::enrich
