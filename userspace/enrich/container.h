// SPDX-License-Identifier: Apache-2.0
// What is known about a container. It is made once and never changed. When the runtime's files
// appear or change, a new object with their content replaces it. Readers need no lock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace saker::enrich {

struct Container {
  std::string id;  // Falco's container.id: 12 characters of digits, or the whole name
  std::string full_id;
  std::string type;  // docker, containerd, cri-o, podman, systemd-nspawn, lxc
  std::string name;
  std::string image;  // as the runtime names it, with tag or digest
  std::string image_repository, image_tag, image_digest, image_id;
  std::string pod_name, pod_namespace, pod_uid;
  std::string pod_id;           // full id of its sandbox
  std::string labels;           // pairs of key and value, each terminated by NUL, sorted by key
  std::string pod_labels;       // labels of its sandbox, in the same form
  std::string ip, cni;          // IPv4 address; result of the network plugins, JSON
  std::string pod_ip, pod_cni;  // the same for its sandbox
  // From the API server (pods.h): the pod's namespace, and what made the pod. Labels are in the
  // form of `labels`.
  std::string namespace_uid, namespace_labels;
  std::string replica_set_name, replica_set_uid, replica_set_labels;
  std::string deployment_name, deployment_uid, deployment_labels;
  std::string replication_controller_name, replication_controller_uid;
  // Of the pod's services: names and uids, each terminated by NUL, and the labels of all of them in
  // the form of `labels`, but in the order of the names.
  std::string service_names, service_uids, service_labels;
  bool privileged = false;
  bool host_pid = false, host_network = false,
       host_ipc = false;     // shares that namespace with the host
  bool pod_network = false;  // pod_ip and pod_cni are known, even if empty
  bool metadata = false;     // the runtime described it; false: only the id is known
  struct Mount {
    std::string source, dest, mode, propagation;
    bool rdwr = false;
    bool operator==(const Mount&) const = default;
  };
  std::vector<Mount> mounts;

  bool operator==(const Container&) const = default;
};

}  // namespace saker::enrich
