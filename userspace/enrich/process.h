// SPDX-License-Identifier: Apache-2.0
// One image of a process: its state after a fork or an exec, plus its container. Written by the one
// thread that drains lane LIFE (holder of the life lock); read by every drain thread without a
// lock. An image is immutable once it is published, except for the links and the atomic members;
// exec, setuid and setns publish a new image whose `prev` is the old one. To find the image for a
// record with time `ts`, a reader follows `prev` while since > ts (ProcessTable::find does). A
// reader may use a Process, and every text in it, until the end of its batch (see table.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/link.h"
#include "enrich/process_cache.h"

namespace saker::enrich {

struct Chain;      // image.h
struct Container;  // container.h; lives as long as a Process points to it
struct Image;      // image.h
struct Process;

// What a capture knows beyond a live image: threads and descriptors, as they are at the event.
struct CaptureFacts {
  std::int64_t vtid = -1;
  std::uint32_t threads = 0, other_threads = 0;  // alive; other_threads: without the main thread
  std::uint32_t descriptors = 0;
  struct Standard {
    std::uint32_t type = 0;  // SAKER_FD_*; 0: closed or unknown
    std::string_view name;
  };
  Standard standard[3];      // stdin, stdout, stderr
  std::string_view cgroups;  // "subsystem=path", separated by spaces
};

// Works them out when they are asked for: they change with nearly every event, and few rules need
// them. Valid as long as the event.
class FactsSource {
 public:
  virtual const CaptureFacts& facts() const = 0;

 protected:
  FactsSource() = default;
  ~FactsSource() = default;
};

// What exec sets: shared by the images of one program, so a fork and new credentials copy nothing
// of it.
struct ProgramFacts {
  std::uint64_t exe_flags = 0;  // SAKER_EXE_*
  std::uint64_t exe_ino = 0, exe_dev = 0, exe_ctime = 0, exe_mtime = 0;
  // Only in a replay: start of the first process of the process's pid namespace, ns since 1970; 0:
  // unknown.
  std::uint64_t pidns_start = 0;
  std::string_view comm;     // proc.name
  std::string_view exe;      // proc.exe: argv[0]
  std::string_view exepath;  // proc.exepath
  std::string_view cwd;      // ends in '/'
  std::string_view cgroup;
  std::string_view cmdline;                // comm and args joined by spaces, as proc.cmdline
  std::span<const std::string_view> args;  // without argv[0]
  std::span<const std::string_view> env;
};
inline constexpr ProgramFacts no_program;

// What each image has of its own. A later image of the process, or one of a child, begins as a
// copy.
struct ProcessFacts {
  std::uint64_t since = 0;       // this image is valid for records from this time on
  std::uint64_t start_time = 0;  // of the process, CLOCK_BOOTTIME ns
  std::uint32_t pid = 0;         // thread group, initial pid namespace
  std::uint32_t ppid = 0;
  std::uint32_t vpid = 0;
  std::uint32_t pgid = 0, vpgid = 0, sid = 0;
  std::uint32_t tty = 0;
  std::uint32_t loginuid = ~0u;
  std::uint32_t uid = 0, euid = 0, gid = 0, egid = 0;
  std::uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  std::uint64_t cgroup_id = 0;
  std::uint32_t ns_mnt = 0, ns_pid = 0, ns_net = 0, ns_user = 0;
  bool known = false;  // false: only the pid is known; the fields are unset
  bool exec_seen = false;
};

// What the table of processes needs of each image that it lets go; only for the table.
struct TableState {
  // References: 1 while it can be reached through the table, plus 1 for each image whose parent it
  // is, or was until a moment ago.
  std::uint32_t refs = 1;
  bool retired = false;
  bool settled = false;    // its container agrees with that of its ancestors
  bool ancestral = false;  // it is kept only for its descendants
  // if it is ancestral: images between it and the nearest descendant that is more
  std::uint8_t below = 0;
  std::uint32_t depth = 0;  // images of this process before it
  std::uint32_t jump_depth = 0;
  Image* next = nullptr;   // the next newer image, whose `prev` is this one
  Chain* chain = nullptr;  // null: the process has few images
};

// Together one line of memory, so that freeing an image reads just that.
struct alignas(64) ProcessLinks : TableState {
  Link<const Container> container;  // null: host
  Link<const Process> parent;       // the parent's image when this one was made; null: none
  Link<const Process> prev;         // the previous image of this process
  const ProgramFacts* program = &no_program;  // never null
};

static_assert(sizeof(ProcessLinks) == 64);

struct Process : ProcessLinks, ProcessFacts {
  std::atomic<std::uint64_t> exit_ts{0};  // 0: alive
  mutable ProcessCache verdicts;          // used by match/
};

// A process with a program of its own, for those that are not in a table.
struct LoneProcess : Process {
  LoneProcess() { program = &own; }
  ProgramFacts own;
};

}  // namespace saker::enrich
