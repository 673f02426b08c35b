// SPDX-License-Identifier: Apache-2.0
// A process table and the records that change it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "decode/build.h"
#include "enrich/table.h"

namespace saker::enrich {

inline constexpr std::uint64_t second = 1'000'000'000;

// A table with one drain thread, and the records that change it.
struct Fixture {
  Epochs epochs{1};
  Containers containers;
  std::unique_ptr<ProcessTable> table = std::move(*ProcessTable::make(epochs, containers));
  decode::RecordBuilder builder;

  const Process* take() { return table->apply(decode::Record(builder.finish().data())); }
  const Process* fork(std::uint32_t parent, std::uint32_t child, std::uint64_t ts,
                      std::string_view comm = "") {
    builder.begin(SAKER_EV_clone)
        .number(SAKER_P_fork_child_pid, child)
        .number(SAKER_P_fork_child_vpid, child)
        .number(SAKER_P_fork_ppid, parent)
        .number(SAKER_P_fork_start_time, ts)
        .blob(SAKER_P_fork_comm, comm);
    builder.head().pid = parent;
    builder.head().ts = ts;
    return take();
  }
  const Process* exec(std::uint32_t pid, std::uint32_t ppid, std::uint64_t start, std::uint64_t ts,
                      std::string_view comm, std::string_view cgroup = "/",
                      std::uint32_t ns_mnt = 1) {
    std::string path = "/bin/" + std::string(comm);
    std::string argv = std::string(comm) + '\0' + "-x" + '\0' + "two words" + '\0';
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, comm)
        .blob(SAKER_P_exec_exepath, path)
        .blob(SAKER_P_exec_args, argv)
        .blob(SAKER_P_exec_env, std::string_view("A=1\0B=2\0", 8))
        .blob(SAKER_P_exec_cwd, "/srv")
        .blob(SAKER_P_exec_cgroup, cgroup)
        .number(SAKER_P_exec_ppid, ppid)
        .number(SAKER_P_exec_ns_mnt, ns_mnt)
        .number(SAKER_P_exec_start_time, start);
    builder.head().pid = pid;
    builder.head().ts = ts;
    return take();
  }
  const Process* exit(std::uint32_t pid, std::uint64_t start, std::uint64_t ts) {
    builder.begin(SAKER_EV_procexit).number(SAKER_P_exit_start_time, start);
    builder.head().pid = pid;
    builder.head().ts = ts;
    return take();
  }
  const Process* setuid(std::uint32_t pid, std::uint32_t uid, std::uint64_t ts,
                        std::int64_t ret = 0) {
    builder.begin(SAKER_EV_setuid).number(SAKER_P_cred_uid, uid).number(SAKER_P_cred_euid, uid);
    builder.head().pid = pid;
    builder.head().ts = ts;
    builder.head().ret = ret;
    return take();
  }
  void scanned(std::uint32_t pid, std::uint32_t ppid, std::uint64_t start, std::string_view comm) {
    auto image = std::make_unique<Image>();
    image->pid = pid;
    image->ppid = ppid;
    image->start_time = image->since = start / 10'000'000 * 10'000'000;
    image->known = true;
    image->set_text(TextBlock::make({comm, "/bin/scanned", "/", "/", "", ""}));
    table->add(std::move(image));
  }
  // The drain thread ends an empty batch; `times`: a retired image needs two.
  void batches(int times) {
    for (int i = 0; i < times; i++) {
      table->collect();
      epochs.end(0, epochs.begin());
      table->collect();
    }
  }
};

}  // namespace saker::enrich
