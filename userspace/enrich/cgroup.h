// SPDX-License-Identifier: Apache-2.0
// Which container a control group belongs to, from its path alone. Pure functions, any thread.
//
// Anyone who may write to a part of the hierarchy can make groups of any name there. So only the
// outermost group that a runtime made counts, and only in places where runtimes make them: below
// slices and at the top, which belong to root; inside a service's own part only if that service is
// a runtime. Everything below user.slice belongs to the user: a container there is the user's, and
// is marked so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::enrich {

struct CgroupContainer {
  std::string id;  // 64 hexadecimal digits, or a machine's name; never "host"
  // docker, containerd, cri-o, podman, systemd-nspawn, lxc; "" if the path does not say
  std::string_view type;
  std::string_view group;             // the part of the path up to the container's own group
  bool named = false;                 // the id is a name that somebody chose
  bool in_pod = false;                // Kubernetes made the group around it
  std::string pod_uid;                // that group's pod; "": it does not say
  std::optional<std::uint32_t> user;  // the user whose rootless runtime made it
};

// Nothing: not in a container. The path may belong to either hierarchy version; the result points
// into it.
std::optional<CgroupContainer> container_of_cgroup(std::string_view path);

// The relevant path in the text of /proc/PID/cgroup: the path in the unified hierarchy; if that is
// "/", the first other path.
std::string_view cgroup_path(std::string_view proc_cgroup);

}  // namespace saker::enrich
