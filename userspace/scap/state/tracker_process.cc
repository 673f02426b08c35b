// SPDX-License-Identifier: Apache-2.0
// Part of scap::Tracker: clone, exec, exit, and the directory of a process.
#include "scap/path.h"
#include "scap/state/state.h"

namespace saker::scap {
namespace {

// Both sides of a clone are reported; the second one within this time belongs to the same clone.
constexpr std::uint64_t same_clone = 2'000'000'000;

bool within(std::uint64_t now, std::uint64_t then) {
  return now >= then && now - then < same_clone;
}

std::string with_slash(std::string path) {
  if (path.empty() || path.back() != '/') path += '/';
  return path;
}

}  // namespace

void Tracker::clone(const CaptureEvent& event) {
  std::int64_t result = event.result();
  if (result < 0 || event.count == 0 || !event.has(0)) return;
  if (result == 0)
    clone_in_child(event);
  else
    clone_in_parent(event);
  if (!now_.thread) return;
  std::string id = container_of(now_.thread->cgroups).id;
  if (id == now_.thread->container_id) return;
  now_.thread->container_id = std::move(id);
  state_.threads.changed(*now_.thread);
}

// For a clone or an exec.
void Tracker::take_program(Thread& thread, const CaptureEvent& event) {
  thread.exe = event.text(1);
  thread.comm = event.has(13) ? event.text(13) : event.text(1);
  thread.args = event.list(2);
}

// Parameters with the same meaning on both sides.
void Tracker::take_clone_params(Thread& thread, const CaptureEvent& event) {
  take_program(thread, event);
  thread.fdlimit = event.number(7);
  take_memory(thread, event);
  if (event.has(14)) thread.cgroups = event.list(14);
  thread.uid = event.u32(16);
  thread.gid = event.u32(17);
  thread.clone_time = event.time;
}

// For a clone or an exec.
void Tracker::take_memory(Thread& thread, const CaptureEvent& event) {
  if (!event.has(12)) return;
  thread.memory = {event.u32(10), event.u32(11), event.u32(12), event.natural(8), event.natural(9)};
}

// Data that a clone event does not have. `child` knows from its flags whether it is a thread.
void Tracker::inherit(Thread& child, Thread& parent) {
  child.exepath = parent.exepath;
  child.exe_writable = parent.exe_writable;
  child.exe_upper = parent.exe_upper;
  child.exe_lower = parent.exe_lower;
  child.exe_memfd = parent.exe_memfd;
  child.exe_ino = parent.exe_ino;
  child.exe_ctime = parent.exe_ctime;
  child.exe_mtime = parent.exe_mtime;
  child.exe_age = parent.exe_age;
  child.root = parent.root;
  child.sid = parent.sid;
  child.vpgid = parent.vpgid;
  child.pgid = parent.pgid;
  child.tty = parent.tty;
  child.loginuid = parent.loginuid;
  child.cap_inheritable = parent.cap_inheritable;
  child.cap_permitted = parent.cap_permitted;
  child.cap_effective = parent.cap_effective;
  if (child.flags & clone_thread) {
    child.exec_time = parent.exec_time;
    return;
  }
  // One by one: the order in which fd.types lists them depends on it.
  if (const FdTable* fds = state_.threads.fds_of(parent))
    for (const FdTable::value_type& each : *fds) child.fds.insert(each);
  child.cwd = state_.threads.cwd_of(parent);
  // Only a main thread has an environment: if another thread made the child, the child has none
  // until its exec.
  child.env = parent.env;
}

void Tracker::clone_in_child(const CaptureEvent& event) {
  if (now_.thread) {
    const Thread& known = *now_.thread;
    if (known.clone_time && event.time >= known.clone_time &&
        event.time - known.clone_time <= same_clone) {
      return;
    }
    state_.threads.remove(event.tid);
    now_.thread = nullptr;
  }
  std::unique_ptr<Thread> made = std::make_unique<Thread>();
  made->tid = event.tid;
  made->pid = event.number(4);
  made->ptid = event.number(5);
  made->vtid = event.has(18) ? event.number(18) : event.tid;
  made->vpid = event.has(19) ? event.number(19) : -1;
  made->flags = event.u32(15) | clone_inverted;
  bool is_thread = made->flags & clone_thread;
  if (is_thread) made->flags |= clone_files;

  Thread* from = state_.threads.find_or_make(is_thread ? made->pid : made->ptid);
  if (!from) return;
  bool known = from->valid();
  if (is_thread && !known) {
    from->pid = made->pid;
    from->ptid = made->ptid;
    from->vpid = from->vtid = made->vpid;
    take_program(*from, event);
    state_.threads.link(*from);
    state_.threads.changed(*from);
  }
  if (known) inherit(*made, *from);
  take_clone_params(*made, event);
  made->cmdline_fixed = true;
  bool namespaced = (made->flags & (child_in_pidns | clone_newpid)) || made->tid != made->vtid;
  made->pidns_start = state_.machine.boot_time;
  if (namespaced && event.has(20)) made->pidns_start += event.natural(20);
  now_.thread = state_.threads.insert(std::move(made));
  if (now_.thread) state_.threads.link(*now_.thread);
}

void Tracker::clone_in_parent(const CaptureEvent& event) {
  std::int64_t child = event.result();
  Thread* parent = state_.threads.find_or_make(event.tid);
  now_.thread = parent;
  if (!parent) return;
  bool known_parent = parent->valid();
  if (!known_parent) {
    parent->pid = event.number(4);
    parent->ptid = event.number(5);
    parent->vtid = event.has(19) ? event.number(18) : parent->tid;
    parent->vpid = event.has(19) ? event.number(19) : -1;
    state_.threads.link(*parent);
    state_.threads.changed(*parent);
  }
  std::uint32_t flags = event.u32(15);
  // In a pid namespace the number returned to the parent is not the child's own number: the child's
  // event will have it.
  if (flags & (child_in_pidns | clone_newpid | clone_parent) || parent->tid != parent->vtid) return;
  if (event.type == vfork_20_x || (flags & clone_vfork)) return;
  auto near = [&](std::uint64_t ended) { return within(event.time, ended); };
  if (recently_.any(child, parent->tid, near)) return;
  if (const Thread* known = state_.threads.find(child)) {
    if (known->flags & clone_inverted) return;
    state_.threads.remove(child);
    parent = now_.thread = state_.threads.find(event.tid);
    if (!parent) return;
  }
  std::unique_ptr<Thread> made = std::make_unique<Thread>();
  bool is_thread = flags & clone_thread;
  made->tid = child;
  made->pid = is_thread ? parent->pid : child;
  made->ptid = is_thread ? parent->ptid : parent->tid;
  made->vtid = child;
  made->vpid = made->pid;
  made->flags = flags | (is_thread ? std::uint32_t{clone_files} : 0u);
  made->pidns_start = state_.machine.boot_time;
  take_clone_params(*made, event);
  if (known_parent)
    inherit(*made, *parent);
  else
    take_program(*parent, event);
  Thread* linked = state_.threads.insert(std::move(made));
  // A forged capture can give a child the number of its parent, which it then replaces: a dead main
  // thread stays in the table.
  if (child == event.tid) now_.thread = linked;
  if (linked) state_.threads.link(*linked);
}

void Tracker::exec(const CaptureEvent& event) {
  if (!now_.thread || event.result() < 0 || !event.has(0)) return;
  Thread& thread = *now_.thread;
  if (thread.flags & dead) {
    thread.flags &= ~std::uint32_t{dead};
    if (thread.group) thread.group->alive++;
  }
  bool was_known = thread.valid();
  take_program(thread, event);
  thread.pid = event.number(4);
  thread.fdlimit = event.number(7);
  take_memory(thread, event);
  thread.exec_time = event.time;
  thread.cmdline_fixed = true;
  thread.pgid = event.has(28) ? event.number(28) : -1;
  if (event.has(14)) thread.cgroups = event.list(14);
  if (event.has(15)) thread.env = event.list(15);
  if (event.has(16)) thread.tty = event.u32(16);
  if (event.has(17)) thread.vpgid = event.number(17);
  if (event.has(18)) thread.loginuid = event.u32(18);
  if (event.has(19)) {
    std::uint32_t flags = event.u32(19);
    thread.exe_writable = flags & 1;
    thread.exe_upper = flags & 2;
    thread.exe_memfd = flags & 4;
    thread.exe_lower = flags & 8;
  }
  if (event.has(22)) {
    thread.cap_inheritable = event.natural(20);
    thread.cap_permitted = event.natural(21);
    thread.cap_effective = event.natural(22);
  }
  if (event.has(25)) {
    thread.exe_ino = event.natural(23);
    thread.exe_ctime = event.natural(24);
    thread.exe_mtime = event.natural(25);
    if (thread.clone_time) thread.exe_age = thread.clone_time - thread.exe_ctime;
  }
  if (event.has(26)) thread.uid = event.u32(26);
  if (event.has(29)) thread.gid = event.u32(29);
  if (!was_known) {
    thread.ptid = event.number(5);
    if (!(thread.flags & child_in_pidns)) {
      thread.vtid = thread.tid;
      thread.vpid = thread.pid;
    }
    state_.threads.link(thread);
  }
  exec_path(event, thread);
  finish_exec(thread);
}

// Drops what remains of the old program: descriptors marked close-on-exec, threads, and most of the
// clone flags.
void Tracker::finish_exec(Thread& thread) {
  constexpr std::uint32_t kept = pipe_source | pipe_dest | is_main_thread | clone_inverted;
  if (FdTable* fds = state_.threads.fds_of(thread))
    std::erase_if(*fds,
                  [](const FdTable::value_type& each) { return each.second.close_on_exec(); });
  thread.flags = active | name_changed | (thread.flags & kept);
  if (thread.group && thread.group->alive > 1) {
    std::vector<std::int64_t> others;
    for (const Thread* other : thread.group->members)
      if (other != &thread && !other->main()) others.push_back(other->tid);
    for (std::int64_t tid : others) state_.threads.remove(tid);
  }
  thread.container_id = container_of(thread.cgroups).id;
  state_.threads.changed(thread);
}

// The file that runs: as the kernel reports it, otherwise as the call named it.
void Tracker::exec_path(const CaptureEvent& event, Thread& thread) {
  constexpr std::uint32_t at_empty_path = 1;
  if (event.has(27)) {
    thread.exepath = without_deleted(event.text(27));
    return;
  }
  const EnterEvent& call = thread.enter;
  if (!call.valid) return;
  if (call.type == execve_19_e) {
    thread.exepath = call.path_null ? "<NA>" : join_path(state_.threads.cwd_of(thread), call.path);
    return;
  }
  bool empty_path = call.flags & at_empty_path;
  std::string base = call.path.starts_with('/') ? "." : base_of(call.dirfd);
  if ((!empty_path && call.path_null) || base == unknown_base)
    thread.exepath = "<NA>";
  else if (empty_path)
    thread.exepath = join_path("", base);
  else
    thread.exepath = join_path(base, call.path);
}

void Tracker::process_exit(const CaptureEvent& event) {
  if (!now_.thread) return;
  Thread& thread = *now_.thread;
  if (!(thread.flags & dead)) {
    thread.flags |= dead;
    if (thread.group) thread.group->alive--;
  }
  ended_thread_ = thread.tid;
  if (!thread.children.empty()) {
    if (event.count <= 4)
      thread.reaper = -1;
    else if (event.has(4))
      thread.reaper = event.number(4);
  }
}

void Tracker::change_directory(const CaptureEvent& event) {
  if (event.result() < 0) return;
  Thread* main = state_.threads.main_of(*now_.thread);
  if (!main) return;
  std::string_view path;
  if (event.type == fchdir_x) {
    if (!now_.fd) return;
    path = now_.fd->name;
  } else {
    path = event.path(1);
  }
  // Relative to the thread's own directory, which only a main thread has: a relative change in
  // another thread results in a relative directory. Rule files were tested with that.
  main->cwd = with_slash(join_path(now_.thread->cwd, path));
  state_.threads.changed(*main);
}

std::string Tracker::base_of(std::int64_t dirfd) const {
  constexpr std::int64_t at_fdcwd = -100;
  if (dirfd == at_fdcwd) return std::string(state_.threads.cwd_of(*now_.thread));
  const FdInfo* fd = state_.threads.fd_of(*now_.thread, dirfd);
  if (!fd) return std::string(unknown_base);
  if (fd->name.empty() || fd->name.back() == '/') return fd->name;
  return fd->name + '/';
}

}  // namespace saker::scap
