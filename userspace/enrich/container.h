// SPDX-License-Identifier: Apache-2.0
// What is known of a container. Made once, filled at most once more when the runtime's files appear (a new object is
// published then), never changed: readers need no lock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace saker::enrich {

struct Container {
  std::string id;        // 12 characters, Falco's container.id
  std::string full_id;
  std::string type;      // docker, containerd, cri-o, podman, systemd-nspawn
  std::string name;
  std::string image;     // as the runtime names it, with tag or digest
  std::string image_repository, image_tag, image_digest, image_id;
  std::string pod_name, pod_namespace, pod_uid, pod_id;
  bool privileged = false;
  bool metadata = false;  // the runtime's files were read; false: only the id is known
  struct Mount {
    std::string source, dest, mode, propagation;
    bool rdwr = false;
  };
  std::vector<Mount> mounts;
};

}  // namespace saker::enrich
