// SPDX-License-Identifier: Apache-2.0
#include "enrich/learner.h"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "enrich/proc_scan.h"

namespace saker::enrich {
namespace {

// Callers wait at most a fraction of a second; a request after this many others would come too
// late.
constexpr std::size_t most_asked = 1024;
// A chain of living ancestors may have any length; rules look only at a few.
constexpr unsigned most_ancestors = 64;
// A record that arrived while /proc was read may be newer than the result.
constexpr int most_tries = 3;

}  // namespace

Learner::Learner(ProcessTable& table, LifeLock& life, std::string proc)
    : table_(table),
      life_(life),
      proc_(std::move(proc)),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Learner::ring() const {
  const std::uint64_t one = 1;
  // The write can only fail when the bell is ringing already.
  (void)!::write(bell_.get(), &one, sizeof one);
}

void Learner::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  ring();
}

std::uint64_t Learner::ask(std::uint32_t pid) {
  std::uint64_t ticket;
  {
    std::lock_guard guard(lock_);
    if (asked_.size() >= most_asked) return 0;
    asked_.push_back(pid);
    ticket = ++tickets_;
  }
  ring();
  return ticket;
}

void Learner::ask_all() {
  all_.store(true, std::memory_order_relaxed);
  ring();
}

void Learner::serve() {
  std::uint64_t count;
  (void)!::read(bell_.get(), &count, sizeof count);
  serve_asked();
  if (all_.exchange(false, std::memory_order_relaxed)) find_all();
}

void Learner::serve_asked() {
  std::vector<std::uint32_t> asked;
  std::uint64_t ticket;
  {
    std::lock_guard guard(lock_);
    asked.swap(asked_);
    ticket = tickets_;
  }
  for (std::size_t i = 0; i < asked.size() && !stopping_.load(std::memory_order_relaxed); i++) {
    learn(asked[i]);
    // [learnt]: the table has it.
    done_.store(ticket - asked.size() + i + 1, std::memory_order_release);
  }
}

void Learner::begin(std::uint32_t pid) {
  busy_with_.store(pid, std::memory_order_relaxed);
  busy_since_.store(boot_ns(), std::memory_order_relaxed);
}

void Learner::end() { busy_since_.store(0, std::memory_order_relaxed); }

// Whether the table has the process now; if so, `parent` is its parent.
bool Learner::read(std::uint32_t pid, std::uint32_t& parent) {
  for (int i = 0; i < most_tries; i++) {
    {
      std::lock_guard guard(life_);
      table_.watch(pid);
    }
    begin(pid);
    std::unique_ptr<Image> image = read_process(proc_, pid);
    end();
    std::lock_guard guard(life_);
    if (table_.watched_changed()) continue;
    if (!image) return false;
    parent = image->ppid;
    table_.add(std::move(image));
    return true;
  }
  return false;
}

// Ancestors are added first, so that each process finds its parent in the table. Processes in the
// table are not read again.
void Learner::learn(std::uint32_t pid) {
  std::vector<std::uint32_t> line;
  while (pid && line.size() < most_ancestors &&
         std::find(line.begin(), line.end(), pid) == line.end()) {
    line.push_back(pid);
    std::uint32_t parent = 0;
    {
      std::lock_guard guard(life_);
      const Process* known = table_.newest(pid);
      if (known && known->known) {
        if (known->parent || known->ppid == 0) break;
        pid = known->ppid;
        continue;
      }
    }
    begin(pid);
    parent = parent_of(proc_, pid);
    end();
    pid = parent;
  }
  for (; !line.empty(); line.pop_back()) {
    {
      std::lock_guard guard(life_);
      const Process* known = table_.newest(line.back());
      if (known && known->known) {
        table_.link_parent(line.back());
        continue;
      }
    }
    std::uint32_t parent = 0;
    (void)read(line.back(), parent);
  }
}

// Goes through the table without holding the life lock for long.
template <typename Turn>
void Learner::in_turns(Turn turn) {
  for (std::uint32_t from = 0; from < ProcessTable::max_pid;) {
    std::lock_guard guard(life_);
    from = turn(from);
  }
}

// Finds processes that are in the table but not in /proc, and those only in /proc: their records
// were lost, or they are older than the hooks.
void Learner::find_all() {
  const std::vector<std::uint32_t> there = list_processes(proc_);
  std::vector<std::uint32_t> gone;
  in_turns([&](std::uint32_t from) {
    return table_.each(from, [&](const Process& process) {
      if (!std::binary_search(there.begin(), there.end(), process.pid)) gone.push_back(process.pid);
    });
  });
  for (std::uint32_t pid : gone) {
    struct stat st;
    // A process that began after the list was made is not in the list, but it is alive.
    if (::stat((proc_ + "/" + std::to_string(pid)).c_str(), &st) == 0) continue;
    std::lock_guard guard(life_);
    table_.remove(pid, boot_ns());
  }
  for (std::uint32_t pid : there) {
    if (stopping_.load(std::memory_order_relaxed)) return;
    // Requests from waiting callers come first.
    serve_asked();
    learn(pid);
  }
  in_turns([&](std::uint32_t from) { return table_.link_parents(from); });
  in_turns([&](std::uint32_t from) { return table_.settle_containers(from); });
  scanned_.store(true, std::memory_order_release);  // [learnt]: all processes that existed
}

}  // namespace saker::enrich
