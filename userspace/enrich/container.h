// SPDX-License-Identifier: Apache-2.0
// What is known of a container. Made once, filled at most once more when the runtime's files appear
// (a new object is published then), never changed: readers need no lock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace saker::enrich {

struct Container {
  std::string id;  // 12 characters of digits, Falco's container.id; or the whole name
  std::string full_id;
  std::string type;  // docker, containerd, cri-o, podman, systemd-nspawn, lxc
  std::string name;
  std::string image;  // as the runtime names it, with tag or digest
  std::string image_repository, image_tag, image_digest, image_id;
  std::string pod_name, pod_namespace, pod_uid;
  std::string pod_id;           // of its sandbox, in full
  std::string labels;           // pairs of a key and a value, each closed by a NUL, sorted by key
  std::string pod_labels;       // of its sandbox, likewise
  std::string ip, cni;          // IPv4 address; what the network plugins said, JSON
  std::string pod_ip, pod_cni;  // of its sandbox
  bool privileged = false;
  bool host_pid = false, host_network = false,
       host_ipc = false;     // shares that namespace with the host
  bool pod_network = false;  // pod_ip and pod_cni are known, be they empty
  bool metadata = false;     // the runtime described it; false: only the id is known
  struct Mount {
    std::string source, dest, mode, propagation;
    bool rdwr = false;
  };
  std::vector<Mount> mounts;
};

}  // namespace saker::enrich
