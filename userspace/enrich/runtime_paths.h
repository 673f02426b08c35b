// SPDX-License-Identifier: Apache-2.0
// Where the container runtimes of this host keep their files: the usual places, those of k3s,
// microk8s and snaps, and what the runtimes' own configuration says. Reads small files; one thread.
#pragma once

#include <string>
#include <vector>

namespace saker::enrich {

struct RuntimePaths {
  std::vector<std::string>
      containerd;  // each has a directory for each containerd namespace, that one for each task
  std::vector<std::string> docker;   // data-root
  std::vector<std::string> storage;  // of containers/storage: podman and CRI-O

  // Added to what is found, from the configuration.
  static RuntimePaths find(const std::string& root, const RuntimePaths& more);
  // Of a user's own runtimes.
  static RuntimePaths of_user(const std::string& root, const std::string& home, unsigned uid);
};

}  // namespace saker::enrich
