// SPDX-License-Identifier: Apache-2.0
#include "scap/images.h"

#include <saker/event.h>

#include <algorithm>
#include <utility>

#include "scap/record.h"

namespace saker::scap {

struct ThreadImages::Entry {
  enrich::LoneProcess process;
  std::string comm, exe, exepath, cwd, cgroup, cgroups, args_text, env_text, cmdline;
  std::vector<std::string_view> args, env;
  std::uint64_t serial = 0;
  std::uint64_t made_at =
      0;  // Thread::changed of the thread and of its main thread when the texts were read
  std::uint64_t main_made_at = 0;
  std::uint64_t checked_at = 0;  // ThreadTable::now() when all of it was up to date
  std::uint64_t version = 0;     // counts changes in it or above it
  std::uint64_t parent_version = 0;
  bool checking = false;
};

namespace {

void split(std::string_view text, std::vector<std::string_view>& out) {
  out.clear();
  each_text(text, [&](std::string_view each) { out.push_back(each); });
}

std::uint32_t id_of(std::int64_t number) { return static_cast<std::uint32_t>(number); }

// The path in the first hierarchy in which it is not the root.
std::string_view cgroup_of(std::string_view cgroups) {
  std::string_view found = "/";
  each_text(cgroups, [&](std::string_view entry) {
    std::size_t equals = entry.find('=');
    if (found == "/" && equals != std::string_view::npos && equals + 1 < entry.size())
      found = entry.substr(equals + 1);
  });
  return found;
}

// Subsystems under their current names.
void append_cgroup(std::string& out, std::string_view entry) {
  std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos) return;
  std::string_view name = entry.substr(0, equals);
  if (name.ends_with("_cgroup")) name.remove_suffix(7);
  if (name == "perf")
    name = "perf_event";
  else if (name == "mem")
    name = "memory";
  else if (name == "io")
    name = "blkio";
  out += name;
  out += entry.substr(equals);
  out += '\0';
}

}  // namespace

ThreadImages::ThreadImages(const CaptureState& state) : state_(state) {}
ThreadImages::~ThreadImages() = default;

const enrich::Process* ThreadImages::at(const Thread* thread, bool tells_container) {
  read_containers(tells_container);
  if (!thread) return &nobody_;
  if (entries_.size() > 2 * state_.threads.size() + 64) forget_gone();
  Entry* entry = refresh(*thread);
  entry_ = entry;
  thread_ = thread;
  facts_made_ = false;
  return &entry->process;
}

const enrich::CaptureFacts& ThreadImages::facts() const {
  enrich::CaptureFacts& to = facts_;
  if (std::exchange(facts_made_, true)) return to;
  const Thread& thread = *thread_;
  to = {};
  to.vtid = thread.vtid;
  to.cgroups = entry_->cgroups;
  if (thread.group) {
    const Thread* first = thread.group->members.empty() ? nullptr : thread.group->members.front();
    bool main_alive = first && first->main() && !(first->flags & dead);
    to.threads = static_cast<std::uint32_t>(std::max(0, thread.group->alive));
    to.other_threads = to.threads - (main_alive && to.threads ? 1 : 0);
  }
  const Thread* main = state_.threads.main_of(thread);
  if (main) to.descriptors = static_cast<std::uint32_t>(main->fds.size());
  for (std::int64_t fd = 0; fd < 3; fd++) {
    const FdInfo* known = state_.threads.fd_of(thread, fd);
    if (known) to.standard[fd] = {fd_kind(*known), known->name};
  }
  return to;
}

ThreadImages::Entry* ThreadImages::refresh(const Thread& thread) {
  std::unique_ptr<Entry>& place = entries_[thread.serial];
  if (!place) {
    place = std::make_unique<Entry>();
    place->serial = thread.serial;
  }
  Entry& entry = *place;
  std::uint64_t now = state_.threads.now();
  if (entry.checked_at == now || entry.checking) return &entry;
  entry.checking = true;

  const Thread* main = state_.threads.main_of(thread);
  std::uint64_t main_changed = main ? main->changed : 0;
  if (entry.made_at != thread.changed || entry.main_made_at != main_changed) {
    rebuild(entry, thread, main);
    entry.made_at = thread.changed;
    entry.main_made_at = main_changed;
    entry.version++;
    entry.process.verdicts.forget();
  }
  // Without a main thread a process has no ancestors.
  const Thread* up = main ? state_.threads.parent_of(thread) : nullptr;
  Entry* parent = up && up != main ? refresh(*up) : nullptr;
  // Two threads that are each other's parents, as in damaged captures: the walk up must end.
  if (parent && parent->checking) parent = nullptr;
  const enrich::Process* link = parent ? &parent->process : nullptr;
  std::uint64_t parent_version = parent ? parent->version : 0;
  if (entry.process.parent.get() != link || entry.parent_version != parent_version) {
    entry.process.parent = link;
    entry.process.ppid = link ? link->pid : 0;
    entry.parent_version = parent_version;
    entry.version++;
    entry.process.verdicts.forget();
  }
  entry.checked_at = now;
  entry.checking = false;
  return &entry;
}

void ThreadImages::rebuild(Entry& entry, const Thread& thread, const Thread* main) {
  entry.comm = thread.comm;
  entry.exe = thread.exe;
  entry.exepath = thread.exepath;
  entry.cwd = state_.threads.cwd_of(thread);
  entry.cgroup = cgroup_of(thread.cgroups);
  entry.cgroups.clear();
  each_text(thread.cgroups, [&](std::string_view each) { append_cgroup(entry.cgroups, each); });
  entry.args_text = thread.args;
  entry.env_text = main ? main->env : thread.env;
  split(entry.args_text, entry.args);
  split(entry.env_text, entry.env);
  entry.cmdline = entry.comm;
  for (std::string_view arg : entry.args) {
    entry.cmdline += ' ';
    entry.cmdline += arg;
  }
  enrich::LoneProcess& to = entry.process;
  to.pid = id_of(thread.pid);
  to.vpid = id_of(thread.vpid);
  to.pgid = id_of(thread.pgid);
  to.vpgid = id_of(thread.vpgid);
  to.sid = id_of(thread.sid);
  to.tty = thread.tty;
  to.loginuid = thread.loginuid;
  to.uid = to.euid = thread.uid;
  to.gid = to.egid = thread.gid;
  to.cap_inheritable = thread.cap_inheritable;
  to.cap_permitted = thread.cap_permitted;
  to.cap_effective = thread.cap_effective;
  to.own.exe_flags =
      (thread.exe_writable ? SAKER_EXE_WRITABLE : 0u) | (thread.exe_upper ? SAKER_EXE_UPPER : 0u) |
      (thread.exe_lower ? SAKER_EXE_LOWER : 0u) | (thread.exe_memfd ? SAKER_EXE_MEMFD : 0u);
  to.own.exe_ino = thread.exe_ino;
  to.own.exe_ctime = thread.exe_ctime;
  to.own.exe_mtime = thread.exe_mtime;
  to.start_time = thread.clone_time;
  to.own.pidns_start = thread.pidns_start;
  to.known = true;
  to.exec_seen = thread.exec_time != 0;
  to.own.comm = entry.comm;
  to.own.exe = entry.exe;
  to.own.exepath = entry.exepath;
  to.own.cwd = entry.cwd;
  to.own.cgroup = entry.cgroup;
  to.own.cmdline = entry.cmdline;
  to.own.args = entry.args;
  to.own.env = entry.env;
  to.container = thread.container_id.empty() ? nullptr : container(thread);
}

// Drops images of threads that are gone. No image links to them once the living ones were checked
// again.
void ThreadImages::forget_gone() {
  if (swept_at_ == state_.threads.now()) return;
  swept_at_ = state_.threads.now();
  std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> kept;
  for (const auto& [tid, thread] : state_.threads.all()) {
    auto at = entries_.find(thread->serial);
    if (at == entries_.end()) continue;
    at->second->checked_at = 0;
    kept.insert(entries_.extract(at));
  }
  entries_.swap(kept);
}

// From its metadata, or with only the id if there is none.
const enrich::Container* ThreadImages::container(const Thread& thread) {
  if (const enrich::Container* written = catalog_.find(thread.container_id)) return written;
  auto [at, fresh] = bare_.try_emplace(thread.container_id);
  if (fresh) {
    at->second.id = thread.container_id;
    at->second.type = container_of(thread.cgroups).type;
    at->second.metadata = !at->second.type.empty();
  }
  return &at->second;
}

// Up to the current event. A container that this event removes still exists for it.
void ThreadImages::read_containers(bool by_this_event) {
  bool changed =
      nobody_.container || !removed_.empty() || containers_read_ < state_.containers.size();
  if (!changed) return;
  catalog_.remove(removed_);
  removed_.clear();
  nobody_.container = nullptr;
  while (containers_read_ < state_.containers.size()) {
    const ContainerEntry& entry = state_.containers[containers_read_++];
    const enrich::Container* written = catalog_.take(entry.json);
    bool now = by_this_event && containers_read_ == state_.containers.size();
    if (now) nobody_.container = written;
    if (!written || !entry.removed) continue;
    if (now)
      removed_ = written->id;
    else
      catalog_.remove(std::string(written->id));
  }
  look_again();
}

// The containers of processes may have changed.
void ThreadImages::look_again() {
  nobody_.verdicts.forget();
  for (auto& [serial, entry] : entries_) {
    entry->checked_at = 0;
    entry->main_made_at = ~std::uint64_t{0};
  }
}

const enrich::Users* ThreadImages::users(const Thread* thread) {
  if (users_at_ != state_.users_changed) {
    users_at_ = state_.users_changed;
    std::vector<enrich::Users::User> users;
    std::vector<enrich::Users::Group> groups;
    for (const auto& [uid, user] : state_.users)
      users.push_back({uid, user.gid, user.name, user.home, user.shell});
    for (const auto& [gid, group] : state_.groups) groups.push_back({gid, group.name});
    users_now_ ^= 1;
    users_[users_now_] = enrich::Users::of(std::move(users), std::move(groups));
  }
  return thread && !thread->container_id.empty() ? &container_users_ : &users_[users_now_];
}

}  // namespace saker::scap
