// SPDX-License-Identifier: Apache-2.0
// What the events of a capture did to threads and descriptors. One event at a time: call `begin`;
// then other code (record, fields) may use the result until the next `begin`, which first removes
// what the previous event ended. One thread.
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

// What a capture says about a container in its metadata: JSON as its writer wrote it.
struct ContainerEntry {
  std::string json;
  bool removed = false;  // this event removes it; it is gone afterwards
};

struct CaptureState {
  Machine machine;
  ThreadTable threads;
  Interfaces interfaces;
  std::unordered_map<std::uint32_t, UserEntry> users;
  std::unordered_map<std::uint32_t, GroupEntry> groups;
  std::uint64_t users_changed = 0;  // counts changes of both; the same data again is not a change
  std::vector<ContainerEntry>
      // in the order of appearance; a later entry replaces an earlier one with the same id
      containers;
  ContainerAddresses addresses;  // of these containers
  bool swapped = false;          // byte order of the section

  void put_user(const UserEntry& user);
  void put_group(const GroupEntry& group);
};

// Whether an end of an IP socket is local to a thread; null thread: to the host.
bool local_end(const CaptureState& state, const Thread* thread, const FdInfo& fd, bool source);

// What is known about the current event besides its parameters.
struct EventState {
  Thread* thread = nullptr;
  FdInfo* fd = nullptr;         // the descriptor it is about; null: none, or unknown
  std::int64_t fd_number = -1;  // fd.num
  bool has_fd = false;          // events of this type have a descriptor
  bool name_changed = false;    // it changed the ends of a socket
  std::string path;             // open family: the opened path, as Falco's engine joins it
};

class Tracker {
 public:
  explicit Tracker(CaptureState& state) : state_(state) {}

  // Finishes the previous event and applies this one. The result is valid until the next call.
  const EventState& begin(const CaptureEvent& event);
  // Sets the container ids of all threads, after the process list was read.
  void find_containers();
  // A new section: drops everything from the one before.
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
  // the thread whose exit event the previous event was; -1: it was not an exit
  std::int64_t exit_of_ = -1;
  bool used_before_ = false;  // the descriptor was known before the event
  std::string name_before_;   // for a descriptor that is not a file
  std::int64_t ended_thread_ = -1;
  std::vector<std::int64_t> ended_fds_;
  std::int64_t ended_fds_of_ = -1;
  RecentlyEnded recently_;
};

// The container id of a thread from its cgroups (a list of subsystem=path): 12 digits, or "" for
// the host.
struct ContainerMatch {
  std::string id;         // empty: the host
  std::string_view type;  // for runtimes of which only the id is known
};
ContainerMatch container_of(std::string_view cgroups);

}  // namespace saker::scap
