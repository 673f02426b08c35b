// SPDX-License-Identifier: Apache-2.0
// What the events of a capture did to threads and descriptors. One event at a time: `begin`, then
// whoever looks at the result (record, fields) may do so until the next `begin`, which first
// removes what the event before it ended. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scap/address.h"
#include "scap/convert.h"
#include "scap/event.h"
#include "scap/state/ended.h"
#include "scap/state/socket.h"
#include "scap/state/thread.h"

namespace saker::scap {

struct UserEntry {
  std::uint32_t uid = 0, gid = 0;
  std::string name, home, shell;
  bool operator==(const UserEntry&) const = default;
};
struct GroupEntry {
  std::uint32_t gid = 0;
  std::string name;
  bool operator==(const GroupEntry&) const = default;
};

struct Machine {
  std::uint32_t cpus = 0;
  std::uint64_t memory = 0;
  std::string host;
  std::uint64_t boot_time = 0;  // ns since 1970
};

// What a capture says of a container, where it holds metadata: JSON as its writer put it.
struct ContainerEntry {
  std::string json;
  bool removed = false;  // it is gone behind this event
};

struct CaptureState {
  Machine machine;
  ThreadTable threads;
  Interfaces interfaces;
  std::unordered_map<std::uint32_t, UserEntry> users;
  std::unordered_map<std::uint32_t, GroupEntry> groups;
  std::uint64_t users_changed = 0;  // counts changes of both; telling the same again is none
  std::vector<ContainerEntry>
      containers;  // in the order met; a later one beats an earlier one of the same id
  ContainerAddresses addresses;  // of these
  bool swapped = false;          // byte order of the section

  void put_user(const UserEntry& user);
  void put_group(const GroupEntry& group);
};

// Whether an end of an IP socket is local to a thread; null: one of the host.
bool local_end(const CaptureState& state, const Thread* thread, const FdInfo& fd, bool source);

// What is known of the event at hand beside its parameters.
struct EventState {
  Thread* thread = nullptr;
  FdInfo* fd = nullptr;         // the descriptor it is about; null: none, or not known
  std::int64_t fd_number = -1;  // fd.num
  bool has_fd = false;          // the type has to do with a descriptor
  bool name_changed = false;    // it changed the ends of a socket
  std::string path;             // open family: what was opened, as a replay joins it
};

class Tracker {
 public:
  explicit Tracker(CaptureState& state) : state_(state) {}

  // Ends the event before and does what this one does. The context is valid until the next call.
  const EventState& begin(const CaptureEvent& event);
  // Container ids of all threads, after the process list was read.
  void find_containers();
  // A new section: nothing is kept of the one before.
  void clear();

 private:
  void finish_previous(std::uint64_t now);
  void attach(const CaptureEvent& event);
  void attach_fd(const CaptureEvent& event);
  void enter(const CaptureEvent& event);
  void exit(const CaptureEvent& event);
  void process_event(const CaptureEvent& event);
  void credentials(const CaptureEvent& event);
  void limits(const CaptureEvent& event);
  void memory(const CaptureEvent& event);
  void scheduled(const CaptureEvent& event);
  void fd_event(const CaptureEvent& event);
  void meta_event(const CaptureEvent& event);
  void container_event(const CaptureEvent& event);

  // tracker_process.cc
  void clone(const CaptureEvent& event);
  void clone_in_child(const CaptureEvent& event);
  void clone_in_parent(const CaptureEvent& event);
  void take_program(Thread& thread, const CaptureEvent& event);
  void take_memory(Thread& thread, const CaptureEvent& event);
  void take_clone_params(Thread& thread, const CaptureEvent& event);
  void inherit(Thread& child, Thread& parent);
  void exec(const CaptureEvent& event);
  void exec_path(const CaptureEvent& event, Thread& thread);
  void finish_exec(Thread& thread);
  std::string base_of(std::int64_t dirfd) const;
  void process_exit(const CaptureEvent& event);
  void change_directory(const CaptureEvent& event);

  // tracker_fd.cc
  void open(const CaptureEvent& event);
  void close_range(const CaptureEvent& event);
  void duplicate(const CaptureEvent& event, std::int64_t from, std::int64_t to, bool cloexec);
  void fcntl(const CaptureEvent& event);
  void pipe(const CaptureEvent& event);
  void new_fd(const CaptureEvent& event, FdType type, std::uint32_t flags);
  void memfd_create(const CaptureEvent& event);
  void pidfd_getfd(const CaptureEvent& event);

  // tracker_socket.cc
  void socket(const CaptureEvent& event);
  void socketpair(const CaptureEvent& event);
  void bind(const CaptureEvent& event);
  void connect(const CaptureEvent& event);
  void accept(const CaptureEvent& event);
  void transfer(const CaptureEvent& event, unsigned tuple_index, bool receives);
  bool update(FdInfo& fd, const SocketTuple& tuple);

  FdInfo* store(std::int64_t number, FdInfo fd);

  CaptureState& state_;
  EventState now_;
  std::int64_t exit_of_ = -1;  // whose exit event the one before was; -1: it was none
  bool used_before_ = false;   // the descriptor was known before the event
  std::string name_before_;    // of what is no file
  std::int64_t ended_thread_ = -1;
  std::vector<std::int64_t> ended_fds_;
  std::int64_t ended_fds_of_ = -1;
  RecentlyEnded recently_;
};

// The container id of a thread by its cgroups (a list of subsystem=path): 12 digits, or "" for the
// host.
struct ContainerMatch {
  std::string id;         // empty: the host
  std::string_view type;  // of runtimes that tell of no more than their id
};
ContainerMatch container_of(std::string_view cgroups);

}  // namespace saker::scap
