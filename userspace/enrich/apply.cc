// SPDX-License-Identifier: Apache-2.0
// The effect of each record of lane LIFE on the table. Each record describes the state after the
// call, so applying a record twice, or after a scan of /proc that saw its effect, does not change
// correct data.
#include <saker/event.h>

#include "enrich/proc_scan.h"
#include "enrich/table.h"

namespace saker::enrich {

using decode::Family;
using decode::Record;

const Process* ProcessTable::apply(const Record& record) {
  if (record.head().pid == watched_) watched_changed_ = true;
  switch (record.family()) {
    case Family::exec: return apply_exec(record);
    case Family::fork: return apply_fork(record);
    case Family::exit: return apply_exit(record);
    case Family::cred: return apply_cred(record);
    case Family::ns: return apply_ns(record);
    case Family::simple: return apply_simple(record);
    default: return at(record.head().pid, record.head().ts);
  }
}

Image* ProcessTable::at(std::uint32_t pid, std::uint64_t ts) const {
  return const_cast<Image*>(static_cast<const Image*>(find(pid, ts)));
}

namespace {

// If a record flags a text as unreadable, the previous text stays.
std::string_view text_or(const Record& record, unsigned slot, std::string_view before) {
  constexpr unsigned missing = SAKER_BLOB_ABSENT | SAKER_BLOB_UNREADABLE;
  std::string_view text = record.str(slot);
  return text.empty() && (record.blob_flags(slot) & missing) ? before : text;
}

void take_exec_numbers(Image& to, const Record& r) {
  to.ppid = r.u32(SAKER_P_exec_ppid);
  to.vpid = r.u32(SAKER_P_exec_vpid);
  to.pgid = r.u32(SAKER_P_exec_pgid);
  to.vpgid = r.u32(SAKER_P_exec_vpgid);
  to.sid = r.u32(SAKER_P_exec_sid);
  to.tty = r.u32(SAKER_P_exec_tty);
  to.loginuid = r.u32(SAKER_P_exec_loginuid);
  to.uid = r.u32(SAKER_P_exec_uid);
  to.euid = r.u32(SAKER_P_exec_euid);
  to.gid = r.u32(SAKER_P_exec_gid);
  to.egid = r.u32(SAKER_P_exec_egid);
  to.cap_inheritable = r.u64(SAKER_P_exec_cap_inheritable);
  to.cap_permitted = r.u64(SAKER_P_exec_cap_permitted);
  to.cap_effective = r.u64(SAKER_P_exec_cap_effective);
  to.start_time = r.u64(SAKER_P_exec_start_time);
  to.cgroup_id = r.u64(SAKER_P_exec_cgroup_id);
  to.ns_mnt = r.u32(SAKER_P_exec_ns_mnt);
  to.ns_pid = r.u32(SAKER_P_exec_ns_pid);
  to.ns_net = r.u32(SAKER_P_exec_ns_net);
  to.ns_user = r.u32(SAKER_P_exec_ns_user);
}

void take_exec_file(ProgramFacts& to, const Record& r) {
  to.exe_flags = r.u64(SAKER_P_exec_exe_flags);
  to.exe_ino = r.u64(SAKER_P_exec_exe_ino);
  to.exe_dev = r.u64(SAKER_P_exec_exe_dev);
  to.exe_ctime = r.u64(SAKER_P_exec_exe_ctime);
  to.exe_mtime = r.u64(SAKER_P_exec_exe_mtime);
}

}  // namespace

const Process* ProcessTable::apply_exec(const Record& r) {
  const std::uint32_t pid = r.head().pid;
  if (r.head().ret < 0) return at(pid, r.head().ts);  // nothing was started
  if (pid == 0 || pid >= max_pid) return nullptr;
  const Image* before = alive(pid);
  if (before && !same_start(before->start_time, r.u64(SAKER_P_exec_start_time))) before = nullptr;

  Image* image = make_image();
  image->pid = pid;
  image->since = r.head().ts;
  image->known = true;
  image->exec_seen = true;
  take_exec_numbers(*image, r);
  Text text;
  text.comm = text_or(r, SAKER_P_exec_comm, before ? before->program->comm : "");
  text.exepath = text_or(r, SAKER_P_exec_exepath, r.str(SAKER_P_exec_filename));
  text.cwd = text_or(r, SAKER_P_exec_cwd, before ? before->program->cwd : "");
  text.cgroup = text_or(r, SAKER_P_exec_cgroup, before ? before->program->cgroup : "");
  text.argv = r.str(SAKER_P_exec_args);
  text.env = r.str(SAKER_P_exec_env);
  TextBlock* block = TextBlock::make(text);
  take_exec_file(*block, r);
  image->set_text(block);
  Image* parent = image->ppid != pid ? alive(image->ppid) : nullptr;
  // The parent has exited since, or was never seen: use the parent at the time when the process
  // began.
  if (!parent && before && before->ppid == image->ppid) parent = before->parent_image();
  image->set_parent(parent);
  set_container(image, before);
  cut_ancestors(image->parent_image(), 0);
  publish(image);
  note_lengthy(*image);
  return image;
}

const Process* ProcessTable::apply_fork(const Record& r) {
  const std::uint32_t child_pid = r.u32(SAKER_P_fork_child_pid);
  const std::uint64_t start = r.u64(SAKER_P_fork_start_time);
  Image* caller = at(r.head().pid, r.head().ts);
  if (child_pid == 0 || child_pid >= max_pid) return caller;
  if (const Image* now = alive(child_pid)) {
    // The scan has already seen this process, or a later process with that number.
    if (same_start(now->start_time, start) || now->start_time > start) return caller;
  }

  Image* child = caller ? make_copy(*caller) : make_image();
  if (TextBlock* block = child->block(); block && block->lengthy) child->set_text(block->brief());
  child->pid = child_pid;
  child->vpid = r.u32(SAKER_P_fork_child_vpid);
  child->ppid = r.u32(SAKER_P_fork_ppid);
  child->start_time = start;
  child->since = r.head().ts;
  child->exec_seen = false;
  child->ns_pid = r.u32(SAKER_P_fork_ns_pid);
  child->ns_mnt = r.u32(SAKER_P_fork_ns_mnt);
  child->ns_net = r.u32(SAKER_P_fork_ns_net);
  child->ns_user = r.u32(SAKER_P_fork_ns_user);
  child->cgroup_id = r.u64(SAKER_P_fork_cgroup_id);
  std::string_view comm = r.str(SAKER_P_fork_comm);
  if (!child->block()) {
    child->set_text(TextBlock::make({comm, "", "", "", "", ""}));
  } else if (!comm.empty() && comm != child->program->comm) {
    // A thread with its own name forked: the child keeps that name.
    child->set_text(child->block()->renamed(comm));
  }
  child->set_parent(child->ppid == r.head().pid ? caller : alive(child->ppid));
  set_container(child, caller);
  cut_ancestors(child->parent_image(), 0);
  publish(child);
  return caller;
}

const Process* ProcessTable::apply_exit(const Record& r) {
  Image* image = at(r.head().pid, r.head().ts);
  if (!image || image->retired || !same_start(image->start_time, r.u64(SAKER_P_exit_start_time)))
    return image;
  image->exit_ts.store(r.head().ts, std::memory_order_relaxed);
  retire(image);
  return image;
}

const Process* ProcessTable::apply_cred(const Record& r) {
  Image* before = at(r.head().pid, r.head().ts);
  if (!before || before->retired || r.head().ret < 0 || !r.has(SAKER_P_cred_cap_effective))
    return before;
  bool same = before->uid == r.u32(SAKER_P_cred_uid) && before->euid == r.u32(SAKER_P_cred_euid) &&
              before->gid == r.u32(SAKER_P_cred_gid) && before->egid == r.u32(SAKER_P_cred_egid) &&
              before->cap_permitted == r.u64(SAKER_P_cred_cap_permitted) &&
              before->cap_effective == r.u64(SAKER_P_cred_cap_effective) &&
              before->cap_inheritable == r.u64(SAKER_P_cred_cap_inheritable);
  if (same) return before;
  Image* image = successor(*before, r.head().ts);
  image->uid = r.u32(SAKER_P_cred_uid);
  image->euid = r.u32(SAKER_P_cred_euid);
  image->gid = r.u32(SAKER_P_cred_gid);
  image->egid = r.u32(SAKER_P_cred_egid);
  image->cap_inheritable = r.u64(SAKER_P_cred_cap_inheritable);
  image->cap_permitted = r.u64(SAKER_P_cred_cap_permitted);
  image->cap_effective = r.u64(SAKER_P_cred_cap_effective);
  publish(image);
  return image;
}

const Process* ProcessTable::apply_ns(const Record& r) {
  Image* before = at(r.head().pid, r.head().ts);
  if (!before || before->retired || r.head().ret < 0 || !r.has(SAKER_P_ns_ns_user)) return before;
  bool same =
      before->ns_mnt == r.u32(SAKER_P_ns_ns_mnt) && before->ns_pid == r.u32(SAKER_P_ns_ns_pid) &&
      before->ns_net == r.u32(SAKER_P_ns_ns_net) && before->ns_user == r.u32(SAKER_P_ns_ns_user);
  if (same) return before;
  Image* image = successor(*before, r.head().ts);
  image->ns_mnt = r.u32(SAKER_P_ns_ns_mnt);
  image->ns_pid = r.u32(SAKER_P_ns_ns_pid);
  image->ns_net = r.u32(SAKER_P_ns_ns_net);
  image->ns_user = r.u32(SAKER_P_ns_ns_user);
  publish(image);
  return image;
}

// A process went to another directory, group or session, or has other capabilities.
const Process* ProcessTable::apply_simple(const Record& r) {
  Image* caller = at(r.head().pid, r.head().ts);
  if (r.head().ret < 0) return caller;
  switch (r.type()) {
    case SAKER_EV_chdir:
    case SAKER_EV_fchdir: return caller ? move(*caller, r) : nullptr;
    case SAKER_EV_capset: return caller ? limit(*caller, r) : nullptr;
    case SAKER_EV_setsid:
    case SAKER_EV_setpgid: return regroup(caller, r);
    default: return caller;
  }
}

const Process* ProcessTable::regroup(Image* caller, const Record& r) {
  const std::uint32_t pid = r.u32(SAKER_P_simple_arg2);
  if (pid == watched_) watched_changed_ = true;
  Image* before = at(pid, r.head().ts);
  if (pid == 0 || !before || before->retired) return caller;
  const bool session = r.type() == SAKER_EV_setsid;
  if (!session && before->pgid == r.u32(SAKER_P_simple_arg3)) return caller;
  Image* image = successor(*before, r.head().ts);
  image->pgid = r.u32(SAKER_P_simple_arg3);
  image->vpgid = r.u32(SAKER_P_simple_arg4);
  if (session) {
    image->sid = r.u32(SAKER_P_simple_arg0);
    image->tty = 0;
  }
  publish(image);
  return before == caller ? image : caller;
}

const Process* ProcessTable::limit(Image& before, const Record& r) {
  if (before.retired || (before.cap_inheritable == r.u64(SAKER_P_simple_arg0) &&
                         before.cap_permitted == r.u64(SAKER_P_simple_arg1) &&
                         before.cap_effective == r.u64(SAKER_P_simple_arg2)))
    return &before;
  Image* image = successor(before, r.head().ts);
  image->cap_inheritable = r.u64(SAKER_P_simple_arg0);
  image->cap_permitted = r.u64(SAKER_P_simple_arg1);
  image->cap_effective = r.u64(SAKER_P_simple_arg2);
  publish(image);
  return image;
}

const Process* ProcessTable::move(Image& before, const Record& r) {
  const std::string_view cwd = r.str(SAKER_P_simple_cwd);
  if (before.retired || cwd.empty() || !before.block() || before.block()->is_in(cwd))
    return &before;
  Image* image = successor(before, r.head().ts);
  image->set_text(before.block()->moved(cwd));
  publish(image);
  return image;
}

Image* ProcessTable::successor(const Image& before, std::uint64_t ts) {
  Image* image = make_copy(before);
  image->since = ts;
  image->set_parent(before.parent_image());
  join(image, before.container);
  image->settled = before.settled;
  return image;
}

}  // namespace saker::enrich
