// SPDX-License-Identifier: Apache-2.0
// A container run by runc, with the layout of containerd's CRI plugin: the bundle in
// /run/containerd with Kubernetes' annotations, the cgroup below /kubepods, and as its root an
// overlay over a root file system that contains only busybox. The mounts are in this process's own
// mount namespace; the destructor removes the files and cgroups outside it.
#pragma once

#include <string>
#include <vector>

#include "../program.h"
#include "base/error.h"

namespace saker::cli {

class Stage;  // scenario.h

struct ContainerWish {
  std::string image = {};
  std::vector<std::string> command = {};
  unsigned uid = 0;
  bool terminal = false;
  bool net_admin = false;
  bool privileged = false;
  std::vector<std::string> programs = {};  // additional names of busybox in /bin
};

// Makes the container, runs it to its end and reports the result to `stage`.
void run_container(Stage& stage, const ContainerWish& wish);

class ContainerBundle {
 public:
  // What this machine lacks for containers; "" if nothing.
  static std::string missing();
  // Moves this process into a mount namespace of its own.
  static Result<ContainerBundle> make(const ContainerWish& wish, const std::string& tag);
  ~ContainerBundle();
  ContainerBundle(ContainerBundle&& other) noexcept;
  ContainerBundle& operator=(ContainerBundle&&) = delete;

  // Starts the container and waits for its end.
  Ended run();

 private:
  ContainerBundle() = default;
  Result<void> make_directory(const std::string& path);
  Result<void> make_root(const ContainerWish& wish);
  Result<void> write_config(const ContainerWish& wish, const std::string& tag);
  void remove_cgroups();

  std::string id_, bundle_, cgroup_, pod_cgroup_;
  bool terminal_ = false;
  std::vector<std::string> made_;  // directories and files outside the namespace, in order
};

}  // namespace saker::cli
