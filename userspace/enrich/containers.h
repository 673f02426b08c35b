// SPDX-License-Identifier: Apache-2.0
// The containers that processes are in, by the control group that its runtime made. All but counts,
// bell() and pending() under the life lock.
//
// A container is published with its id at once. What its runtime wrote of it is read by another
// thread (ContainerReader), which may be held up by a file system, and takes the place of what was
// published when it is there.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "enrich/cgroup.h"
#include "enrich/container.h"

namespace saker::enrich {

class Containers {
 public:
  // What is to be looked for.
  struct Wanted {
    std::string key;
    Container container;  // with id, full_id and type
    bool in_pod = false;
    std::optional<std::uint32_t> user;
  };
  using Replace = std::function<void(const Container* old, const Container* fresh)>;

  Containers();

  // The container of a control group; one reference is the caller's. Null, that is the host's:
  // another container that is there has that id in another place, so this group's name is false.
  const Container* hold(const CgroupContainer& found);
  // Of a path; null for the host's too.
  const Container* hold(std::string_view cgroup);
  // One reference more, or less. The last one frees it: no reader may be left then.
  void hold(const Container* container);
  void drop(const Container* container);

  // What is to be read now. Each is handed out until it is answered, once at a time.
  std::vector<Wanted> due(std::uint64_t now);
  // When something is due next; ~0: when bell() rings.
  std::uint64_t next_due() const;
  // What was found, or nothing. `replace` must turn every reference to `old` over to `fresh`. `old`
  // stays valid while someone holds it.
  void answer(const Wanted& wanted, bool found, std::uint64_t now, const Replace& replace);

  // Any thread. Readable when something new is due, or after ring().
  int bell() const { return bell_.get(); }
  void ring() const;
  void silence() const;
  // Any thread. Nothing was read yet of this one of hold(), but will be. Pairs with
  // [container-read].
  static bool pending(const Container* container) {
    return entry(container)->pending.load(std::memory_order_acquire);
  }

  // Any thread.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  // Containers of which nothing was found in the end, and groups that bore another's name.
  std::uint64_t unknown() const { return unknown_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  using Queue = std::multimap<std::uint64_t, std::string>;
  struct Entry {
    Container container;
    std::string key, group;
    std::uint64_t refs = 0;
    bool current = true;  // by_key_ points to it
    bool in_pod = false, asked = false;
    std::optional<std::uint32_t> user;
    unsigned tries = 0;
    std::optional<Queue::iterator> queued;
    std::atomic<bool> pending{true};
  };
  static Entry* entry(const Container* container);
  void queue(Entry& entry, std::uint64_t from);

  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> unknown_{0}, refused_{0};
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> by_key_;
  std::map<const Container*, std::unique_ptr<Entry>> replaced_;
  Queue queue_;  // keys of those to be read, by the time from which on
  Fd bell_;
};

}  // namespace saker::enrich
