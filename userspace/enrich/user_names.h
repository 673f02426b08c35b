// SPDX-License-Identifier: Apache-2.0
// Names for the numbers of users and groups that processes of the host have. /etc/passwd and
// /etc/group are read as a whole; for other numbers the name service is asked, in a thread of its
// own (serve), because it may block. Other threads send requests and choose how long to wait; the
// answers are in the next Users that make() returns.
//
// Bounded: the numbers known and waiting, and how often one is asked. Subordinate numbers
// (/etc/subuid, /etc/subgid), of which an ordinary user has 65,536, have no names and are not
// asked. Names that were found are kept while the service does not answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bell.h"
#include "enrich/name_service.h"
#include "enrich/users.h"

namespace saker::enrich {

class UserNames {
 public:
  enum class Kind : std::uint8_t { user, group };

  // Null `service`: only the files. `root` goes before their paths. The service must outlive it.
  UserNames(std::string root, NameService* service);

  // Reads the files if they have changed, or if `force`. True if it did.
  bool read_files(bool force);
  // All names known now.
  Users make() const;

  // Any thread. Requests the name of a number; `now` is CLOCK_BOOTTIME in ns. It is known, or known
  // not to exist, when done() is at least the result; 0: there is nothing to wait for, because it
  // is, or because the service is slow, or because too many requests wait.
  std::uint64_t ask(Kind kind, std::uint32_t number, std::uint64_t now);
  // Pairs with [names-known].
  std::uint64_t done() const { return done_.load(std::memory_order_acquire); }
  // Any thread. The home directory of a user; "" while it is not known: then it is asked for.
  std::string home(std::uint32_t uid);

  // The body of the asking thread: answers all requests, and refreshes old answers. It calls
  // `publish` when make() has something new, before done() says so.
  void serve(std::uint64_t now, const std::function<void()>& publish);
  // Rings when there is a request, and after stop().
  const Bell& bell() const { return bell_; }
  // Any thread. serve() returns soon.
  void stop();

  // Any thread. Since when the service has been asked (CLOCK_BOOTTIME ns; 0: it is not being
  // asked), and for what.
  std::uint64_t busy_since() const { return busy_since_.load(std::memory_order_relaxed); }
  std::string busy_with() const;
  // Any thread. Requests sent to the service; of these, answers with a name, and failures;
  // requests refused because too many waited; the longest time that an answer took.
  std::uint64_t asked() const { return asked_.load(std::memory_order_relaxed); }
  std::uint64_t found() const { return found_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t longest_ns() const { return longest_ns_.load(std::memory_order_relaxed); }

 private:
  struct Key {
    Kind kind;
    std::uint32_t number;
    auto operator<=>(const Key&) const = default;
  };
  struct Answer {
    bool waiting = false;      // requested, and not answered yet
    std::uint64_t ticket = 0;  // of that request
    std::uint64_t until = 0;   // when it is old; CLOCK_BOOTTIME ns
    std::optional<Users::User> user;
    std::optional<Users::Group> group;
    bool named() const { return user || group; }
  };
  struct Range {
    std::uint32_t first, last;
  };

  static std::vector<Range> ranges_of(const std::string& file);
  bool nameless(const Key& key) const;
  bool make_room();
  std::uint64_t enqueue(const Key& key);
  void refresh(std::uint64_t now);
  bool look_up(const Key& key, std::uint64_t now);
  bool note(const Key& key, Answer answer, bool failed, std::uint64_t now);

  const std::string root_;
  NameService* const service_;
  Bell bell_;
  mutable std::mutex lock_;  // guards everything up to the atomics
  Users files_;
  std::string files_state_;
  std::vector<Range> no_users_, no_groups_;
  std::map<Key, Answer> answers_;
  std::deque<Key> order_;  // of answers_, the oldest first
  std::deque<Key> queue_;  // to be asked
  std::uint64_t tickets_ = 0, next_refresh_ = 0;

  std::atomic<bool> stopping_{false}, slow_{false};
  std::atomic<std::uint64_t> done_{0}, busy_since_{0};
  std::atomic<std::uint64_t> busy_with_{0};  // kind << 32 | number
  std::atomic<std::uint64_t> asked_{0}, found_{0}, failed_{0}, refused_{0}, longest_ns_{0};
};

}  // namespace saker::enrich
