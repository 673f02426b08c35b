// SPDX-License-Identifier: Apache-2.0
#include "scap/state/thread.h"

#include <algorithm>

namespace saker::scap {
namespace {

constexpr std::size_t most_threads = 262144;
// A circular chain of parents must end.
constexpr int longest_chain = 4096;

bool alive(const Thread& thread) { return !(thread.flags & dead); }

}  // namespace

Thread* ThreadTable::find(std::int64_t tid) const {
  if (last_ && last_->tid == tid) return last_;
  std::unordered_map<std::int64_t, std::unique_ptr<Thread>>::const_iterator at = threads_.find(tid);
  if (at == threads_.end()) return nullptr;
  last_ = at->second.get();
  return last_;
}

Thread* ThreadTable::find_or_make(std::int64_t tid) {
  if (Thread* found = find(tid)) return found;
  std::unique_ptr<Thread> thread = std::make_unique<Thread>();
  thread->tid = tid;
  thread->comm = thread->exe = "<NA>";
  return insert(std::move(thread));
}

Thread* ThreadTable::insert(std::unique_ptr<Thread> thread) {
  std::unique_ptr<Thread>* place = nullptr;
  std::unordered_map<std::int64_t, std::unique_ptr<Thread>>::iterator at =
      threads_.find(thread->tid);
  if (at != threads_.end()) {
    drop(*at->second);
    place = &at->second;
  } else {
    if (threads_.size() >= most_threads) return nullptr;
    place = &threads_[thread->tid];
  }
  last_ = nullptr;
  *place = std::move(thread);
  (*place)->serial = ++serials_;
  changed(**place);
  return place->get();
}

void ThreadTable::link(Thread& thread) {
  if (!thread.valid() || thread.group) return;
  std::unique_ptr<ThreadGroup>& group = groups_[thread.pid];
  if (!group) {
    group = std::make_unique<ThreadGroup>();
    group->pid = thread.pid;
    group->reaper = thread.pid == 1 || thread.vpid == 1;
  }
  thread.group = group.get();
  if (thread.main())
    group->members.insert(group->members.begin(), &thread);
  else
    group->members.push_back(&thread);
  if (alive(thread)) group->alive++;
  if (thread.pid == 1) return;
  Thread* parent = find(thread.ptid);
  if (!parent || !parent->valid())
    thread.ptid = 0;
  else
    parent->children.push_back(&thread);
}

void ThreadTable::link_all() {
  // By number, so that two runs over a file give the same result.
  std::vector<Thread*> order;
  order.reserve(threads_.size());
  for (const auto& [tid, thread] : threads_) order.push_back(thread.get());
  std::sort(order.begin(), order.end(), [](Thread* a, Thread* b) { return a->tid < b->tid; });
  for (Thread* thread : order) link(*thread);
}

// The thread that takes over the children: the one that the kernel named, if known; otherwise
// another living thread of the process, otherwise the nearest ancestor that is a reaper.
Thread* ThreadTable::find_reaper(const Thread& dying) {
  if (dying.reaper > 0) {
    Thread* written = find_or_make(dying.reaper);
    if (written == &dying) return nullptr;
    if (written && written->valid()) return written;
  }
  if (dying.group)
    for (Thread* thread : dying.group->members)
      if (thread != &dying && alive(*thread)) return thread;
  const Thread* at = &dying;
  for (int step = 0; step < longest_chain; step++) {
    Thread* parent = find(at->ptid);
    if (!parent || !parent->valid() || parent == at) return nullptr;
    if (parent->in_pid_namespace() != dying.in_pid_namespace()) return nullptr;
    if (parent->group && parent->group->reaper)
      for (Thread* thread : parent->group->members)
        if (thread != &dying && alive(*thread)) return thread;
    at = parent;
  }
  return nullptr;
}

// Removes it from its group and from its parent's children; its own children have no parent then,
// unless they were handed over before.
void ThreadTable::drop(Thread& thread) {
  for (Thread* child : thread.children) child->ptid = 0;
  if (Thread* parent = find(thread.ptid)) std::erase(parent->children, &thread);
  if (ThreadGroup* group = thread.group) {
    if (alive(thread)) group->alive--;
    std::erase(group->members, &thread);
    if (group->members.empty()) groups_.erase(group->pid);
    thread.group = nullptr;
  }
  now_++;
}

void ThreadTable::remove(std::int64_t tid) {
  Thread* thread = find(tid);
  if (!thread) return;
  last_ = nullptr;
  if (!thread->valid() || !thread->group) {
    drop(*thread);
    threads_.erase(tid);
    return;
  }
  if (alive(*thread)) {
    thread->group->alive--;
    thread->flags |= dead;
  }
  if (!thread->children.empty()) {
    Thread* reaper = find_reaper(*thread);
    if (reaper && reaper->group && reaper->group != thread->group) reaper->group->reaper = true;
    std::vector<Thread*> children;
    children.swap(thread->children);
    for (Thread* child : children) {
      child->ptid = reaper ? reaper->tid : 0;
      if (reaper) reaper->children.push_back(child);
      changed(*child);
    }
  }
  ThreadGroup* group = thread->group;
  last_ = nullptr;
  // A dead main thread stays while other threads of its process live: it has the directory, the
  // descriptors and the parent.
  if (group->alive > 0 && thread->main()) return;
  if (group->alive <= 0) {
    std::vector<std::int64_t> gone;
    for (Thread* member : group->members)
      if (member->main() || member == thread) gone.push_back(member->tid);
    for (std::int64_t each : gone) {
      std::unordered_map<std::int64_t, std::unique_ptr<Thread>>::iterator at = threads_.find(each);
      if (at == threads_.end()) continue;
      drop(*at->second);
      threads_.erase(at);
      last_ = nullptr;
    }
  } else {
    drop(*thread);
    threads_.erase(tid);
  }
  last_ = nullptr;
}

void ThreadTable::clear() {
  threads_.clear();
  groups_.clear();
  last_ = nullptr;
  now_++;
}

Thread* ThreadTable::main_of(const Thread& thread) const {
  if (thread.main()) return const_cast<Thread*>(&thread);
  if (!thread.group || thread.group->members.empty()) return nullptr;
  Thread* first = thread.group->members.front();
  return first->main() ? first : nullptr;
}

const Thread* ThreadTable::parent_of(const Thread& thread) const {
  const Thread* main = main_of(thread);
  const Thread* parent = main ? find(main->ptid) : nullptr;
  return parent ? main_of(*parent) : nullptr;
}

FdTable* ThreadTable::fds_of(Thread& thread) const {
  if (!(thread.flags & clone_files)) return &thread.fds;
  Thread* main = main_of(thread);
  return main ? &main->fds : nullptr;
}

FdInfo* ThreadTable::fd_of(Thread& thread, std::int64_t fd) const {
  if (fd < 0) return nullptr;
  FdTable* fds = fds_of(thread);
  if (!fds) return nullptr;
  FdTable::iterator at = fds->find(fd);
  return at == fds->end() ? nullptr : &at->second;
}

std::string_view ThreadTable::cwd_of(const Thread& thread) const {
  const Thread* main = main_of(thread);
  return main ? std::string_view(main->cwd) : std::string_view("./");
}

}  // namespace saker::scap
