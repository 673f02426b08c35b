// SPDX-License-Identifier: Apache-2.0
// Where the container runtimes of this host keep their files: the default directories, those of
// k3s, microk8s and snaps, and directories from the runtimes' own configuration. Reads small files;
// one thread.
#pragma once

#include <string>
#include <vector>

namespace saker::enrich {

struct RuntimePaths {
  std::vector<std::string>
      containerd;  // each has one directory per containerd namespace, with one directory per task
  std::vector<std::string> docker;   // data-root
  std::vector<std::string> storage;  // of containers/storage, which podman and CRI-O use
  std::vector<std::string> containerd_stores = {};  // containerd's databases

  // `more`: directories from the configuration, before those that are found. Its `containerd` are
  // state directories, as in containerd's own configuration.
  static RuntimePaths find(const std::string& root, const RuntimePaths& more);
  // The directories of a user's own (rootless) runtimes.
  static RuntimePaths of_user(const std::string& root, const std::string& home, unsigned uid);
  bool operator==(const RuntimePaths&) const = default;
};

}  // namespace saker::enrich
