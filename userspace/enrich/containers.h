// SPDX-License-Identifier: Apache-2.0
// The containers that processes are in, by the control group that the runtime made. Everything
// except the counts, bell() and pending() requires the life lock.
//
// A container is published with its id at once. Another thread (ContainerReader), which a file
// system may block, reads the runtime's description; the result then replaces what was published.
#pragma once

#include <algorithm>
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

// Users' descriptions have a reader of their own: a user may make a file system hold it.
enum class Whose : std::uint8_t { system, users };

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
    std::uint64_t took_ns = 0;   // for so long its files were read
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
  // a time, so that a file that holds its reader holds up no others. Of each user one at a time,
  // and so seldom that the user has a small part of the reader's time.
  std::optional<Wanted> due(std::uint64_t now, Whose whose = Whose::system);
  // When the next request is due; ~0: wait for bell().
  std::uint64_t next_due(Whose whose = Whose::system) const;
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
  int bell(Whose whose) const { return bell_[static_cast<int>(whose)].get(); }
  void ring(Whose whose) const;
  void silence(Whose whose) const;
  // Any thread. True while this container from hold() has not been read yet but will be. Pairs with
  // [container-read].
  static bool pending(const Container* container) {
    return entry(container)->pending.load(std::memory_order_acquire);
  }

  // Any thread. Whether this container from hold() is one of a user's own.
  static bool is_users(const Container* container) { return entry(container)->user.has_value(); }

  // Any thread.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  // Containers for which nothing was found in the end, and groups that had another container's id.
  std::uint64_t unknown() const { return unknown_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  using Queue = std::multimap<std::uint64_t, std::string>;
  // Keys of containers to be read, by the time when reading is due: the system's, or one user's.
  struct Turn {
    Queue queue;
    bool asked = false;       // of a user: one is being read
    std::uint64_t until = 0;  // of a user: before that time it has no turn
    std::uint64_t next() const {
      return asked || queue.empty() ? ~std::uint64_t{0} : std::max(until, queue.begin()->first);
    }
  };
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
  Turn& turn(const Entry& entry) { return entry.user ? users_[*entry.user] : system_; }
  Turn* next_user(std::uint64_t now);
  std::optional<Wanted> take(Turn& turn, std::uint64_t now);
  void end_turn(const Wanted& wanted, std::uint64_t now);

  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> unknown_{0}, refused_{0};
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> by_key_;
  std::map<const Container*, std::unique_ptr<Entry>> replaced_;
  std::set<std::pair<std::string, std::string>> by_pod_;  // uids of pods, and keys of containers
  Turn system_;
  std::map<std::uint32_t, Turn> users_;
  Fd bell_[2];
};

}  // namespace saker::enrich
