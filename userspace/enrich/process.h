// SPDX-License-Identifier: Apache-2.0
// One image of a process: what fork and exec left, plus its container. Written by the one thread that drains lane LIFE
// (holder of the life lock); read by every drain thread without a lock.
// An image is immutable once it is published, but for the members marked atomic; exec, setuid, setns publish a new image
// whose `prev` is the old one. A reader of a record with time `ts` follows `prev` while since > ts (Table::find does).
// Memory is given back only after every drain thread has begun and ended a batch since (see table.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace saker::enrich {

struct Container;  // container.h; immortal while a Process points to it

struct Process {
  std::uint32_t pid = 0;   // thread group, initial pid namespace
  std::uint32_t ppid = 0;
  std::uint32_t vpid = 0;
  std::uint32_t pgid = 0, vpgid = 0, sid = 0;
  std::uint32_t tty = 0;
  std::uint32_t loginuid = ~0u;
  std::uint32_t uid = 0, euid = 0, gid = 0, egid = 0;
  std::uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  std::uint64_t exe_flags = 0;  // SAKER_EXE_*
  std::uint64_t exe_ino = 0, exe_dev = 0, exe_ctime = 0, exe_mtime = 0;
  std::uint64_t start_time = 0;  // of the process, CLOCK_BOOTTIME ns
  std::uint64_t clone_time = 0;  // fork, CLOCK_BOOTTIME ns
  std::uint64_t since = 0;       // this image holds for records from this time on
  std::uint64_t cgroup_id = 0;
  std::uint32_t ns_mnt = 0, ns_pid = 0, ns_net = 0, ns_user = 0;
  bool known = false;  // false: only the number is known; its fields are unset
  bool exec_seen = false;

  std::string comm;               // proc.name
  std::string exe;                // proc.exe: argv[0]
  std::string exepath;            // proc.exepath
  std::string cwd;                // ends in '/'
  std::string cgroup;
  std::vector<std::string> args;  // without argv[0]
  std::vector<std::string> env;
  std::string cmdline;            // comm and args joined by blanks, as proc.cmdline

  const Container* container = nullptr;    // null: host
  const Process* parent = nullptr;         // its image when this one was made; null: none
  const Process* prev = nullptr;           // the image before this one
  std::atomic<std::uint64_t> exit_ts{0};   // 0: alive
  // Verdicts of predicates on the process alone, kept with it; owned by match/. Bits are valid for `bits_program` only.
  mutable std::atomic<std::uint64_t> bits_program{0};
  mutable std::atomic<std::uint64_t> bits_known{0}, bits_true{0};
};

}  // namespace saker::enrich
