// SPDX-License-Identifier: Apache-2.0
// The containers that processes are in, by the control group that the runtime made. Everything
// except the counts, bell() and pending() requires the life lock.
//
// A container is published with its id at once. Another thread (ContainerReader), which a file
// system may block, reads the runtime's description; the result then replaces what was published.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "enrich/cgroup.h"
#include "enrich/container.h"

namespace saker::enrich {

struct Image;

class Containers {
 public:
  // A request to the reader.
  struct Wanted {
    std::string key;
    Container container;  // with id, full_id and type; all that is known if it was read before
    bool in_pod = false;
    std::string pod_uid;  // as its control group says
    std::optional<std::uint32_t> user;
    std::uint64_t stamp = 0;  // container_name_stamp() before it was read; 0: it was not read yet
    std::uint64_t again_ns = 0;  // after that time it is to be looked at again; 0: never
  };

  Containers();

  // The container of a control group; the caller gets one reference. Null means the host. It is
  // also null if an existing container in another place has that id: then the name of this group is
  // false.
  const Container* hold(const CgroupContainer& found);
  // The same for a path; null for the host too.
  const Container* hold(std::string_view cgroup);
  // Adds or drops a reference. Dropping the last one frees the container: no reader may be left
  // then.
  void hold(const Container* container);
  void drop(const Container* container);

  // A request to read now. Each is handed out to one caller at a time, until it is answered; one at
  // a time, so that a file that holds its reader holds up no others.
  std::optional<Wanted> due(std::uint64_t now);
  // When the next request is due; ~0: wait for bell().
  std::uint64_t next_due() const;
  // Takes the result of a request: what was found, if anything. If it replaces what was published,
  // the caller redirects every image from `old` to `fresh`, in as many turns of the lock as it
  // takes, and then calls replaced(). `old` stays valid while a reference to it exists.
  struct Replacement {
    const Container* old;
    const Container* fresh;
  };
  [[nodiscard]] std::optional<Replacement> answer(const Wanted& wanted, bool found,
                                                  std::uint64_t now);
  void replaced(const Replacement& done);
  // Something new is known of a pod: its containers are read again now.
  void look_again(const std::string& pod_uid);
  // List of the images in a container from hold(); the process table's own.
  static Image*& images(const Container* container) { return entry(container)->images; }

  // Any thread. Readable when a new request is due, or after ring().
  int bell() const { return bell_.get(); }
  void ring() const;
  void silence() const;
  // Any thread. True while this container from hold() has not been read yet but will be. Pairs with
  // [container-read].
  static bool pending(const Container* container) {
    return entry(container)->pending.load(std::memory_order_acquire);
  }

  // Any thread.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  // Containers for which nothing was found in the end, and groups that had another container's id.
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
    bool again = false;  // look_again() while it was asked for
    std::string pod_uid;
    std::optional<std::uint32_t> user;
    unsigned tries = 0;
    std::uint64_t stamp = 0;
    Image* images = nullptr;
    std::optional<Queue::iterator> queued;
    std::atomic<bool> pending{true};
  };
  static Entry* entry(const Container* container);
  void queue(Entry& entry, std::uint64_t from);
  std::unique_ptr<Entry> successor(Entry& old, const Wanted& wanted);

  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> unknown_{0}, refused_{0};
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> by_key_;
  std::map<const Container*, std::unique_ptr<Entry>> replaced_;
  std::set<std::pair<std::string, std::string>> by_pod_;  // uids of pods, and keys of containers
  Queue queue_;  // keys of containers to be read, by the time when reading is due
  Fd bell_;
};

}  // namespace saker::enrich
