// SPDX-License-Identifier: Apache-2.0
// Which container a control group belongs to, by its path alone. Pure functions, any thread.
//
// Whoever may write in a part of the hierarchy can make groups of any name there. So only the
// outermost group that a runtime made counts, and only in a place where it makes them: below slices
// and at the top, which belong to root; in a service's own part only where that service is a
// runtime. Below user.slice everything belongs to the user: a container there is that user's, and
// is named as such.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::enrich {

struct CgroupContainer {
  std::string id;          // 64 hexadecimal digits, or a machine's name; never "host"
  std::string_view type;   // docker, containerd, cri-o, podman, systemd-nspawn, lxc; "" where the
                           // path does not say
  std::string_view group;  // the part of the path that ends with the container's own group
  bool named = false;      // the id is a name that somebody chose
  bool in_pod = false;     // Kubernetes made the group around it
  std::optional<std::uint32_t> user;  // whose rootless runtime made it
};

// Nothing: not in a container. The path may be of either hierarchy version; the result points into
// it.
std::optional<CgroupContainer> container_of_cgroup(std::string_view path);

// The path that counts, out of a /proc/PID/cgroup: that of the unified hierarchy; if that is "/",
// the first other.
std::string_view cgroup_path(std::string_view proc_cgroup);

}  // namespace saker::enrich
