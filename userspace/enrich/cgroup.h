// SPDX-License-Identifier: Apache-2.0
// Which container a control group belongs to, by its path alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace saker::enrich {

struct CgroupContainer {
  std::string id;         // as in the path: 64 hexadecimal digits, or a machine's name
  std::string_view type;  // docker, containerd, cri-o, podman, systemd-nspawn; "" where the path does not tell
};

// Nothing: not in a container. The path may be of either hierarchy version.
std::optional<CgroupContainer> container_of_cgroup(std::string_view path);

// The path that counts, out of a /proc/PID/cgroup: that of the unified hierarchy; if that is "/", the first other.
std::string_view cgroup_path(std::string_view proc_cgroup);

}  // namespace saker::enrich
