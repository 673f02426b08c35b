// SPDX-License-Identifier: Apache-2.0
#include "enrich/runtime_paths.h"

#include <algorithm>

#include "base/file.h"
#include "enrich/json_walk.h"

namespace saker::enrich {
namespace {

constexpr std::size_t max_bytes = 1u << 20;
constexpr std::string_view tasks = "io.containerd.runtime.v2.task";
constexpr std::string_view store = "io.containerd.metadata.v1.bolt/meta.db";

void add(std::vector<std::string>& to, std::string path) {
  if (path.starts_with('/') && std::find(to.begin(), to.end(), path) == to.end())
    to.push_back(std::move(path));
}

// The text of `key = "..."` in TOML files of this simple form: one key per line.
std::string toml_text(const std::string& file, std::string_view key) {
  Result<std::string> text = read_regular_file(file, max_bytes);
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with('=')) continue;
    std::size_t open = line.find_first_of("\"'");
    if (open == std::string_view::npos) continue;
    std::size_t close = line.find(line[open], open + 1);
    if (close != std::string_view::npos)
      return std::string(line.substr(open + 1, close - open - 1));
  }
  return "";
}

std::string docker_data_root(const std::string& file) {
  std::string out;
  Result<std::string> text = read_regular_file(file, max_bytes);
  const bool whole = text && walk_json(*text, [&](const JsonLeaf& leaf) {
                       if (leaf.is_text && (leaf.path.is({"data-root"}) || leaf.path.is({"graph"})))
                         out = leaf.text;
                     });
  return whole ? out : "";
}

}  // namespace

RuntimePaths RuntimePaths::find(const std::string& root, const RuntimePaths& more) {
  RuntimePaths out;
  for (const std::string& base : more.containerd)
    add(out.containerd, base + "/" + std::string(tasks));
  for (const std::string& base : more.docker) add(out.docker, base);
  for (const std::string& base : more.storage) add(out.storage, base);
  const std::string state = toml_text(root + "/etc/containerd/config.toml", "state");
  for (std::string base :
       {std::string("/run/containerd"), state, std::string("/run/k3s/containerd"),
        std::string("/var/snap/microk8s/common/run/containerd"), std::string("/run/k0s/containerd"),
        std::string("/run/docker/containerd/daemon")})
    if (!base.empty()) add(out.containerd, base + "/" + std::string(tasks));
  const std::string data = toml_text(root + "/etc/containerd/config.toml", "root");
  for (std::string base :
       {std::string("/var/lib/containerd"), data,
        std::string("/var/lib/rancher/k3s/agent/containerd"),
        std::string("/var/snap/microk8s/common/var/lib/containerd"),
        std::string("/var/lib/k0s/containerd"), std::string("/var/lib/docker/containerd/daemon")})
    if (!base.empty()) add(out.containerd_stores, base + "/" + std::string(store));
  add(out.docker, docker_data_root(root + "/etc/docker/daemon.json"));
  add(out.docker, "/var/lib/docker");
  add(out.docker, "/var/snap/docker/common/var-lib-docker");
  for (const char* file : {"/etc/containers/storage.conf", "/usr/share/containers/storage.conf"})
    for (const char* key : {"runroot", "graphroot"}) add(out.storage, toml_text(root + file, key));
  add(out.storage, "/run/containers/storage");
  add(out.storage, "/var/lib/containers/storage");
  return out;
}

RuntimePaths RuntimePaths::of_user(const std::string& root, const std::string& home, unsigned uid) {
  RuntimePaths out;
  const std::string run = "/run/user/" + std::to_string(uid);
  add(out.storage, run + "/containers");
  add(out.containerd, run + "/containerd/" + std::string(tasks));
  add(out.containerd, run + "/docker/containerd/daemon/" + std::string(tasks));
  if (!home.starts_with('/')) return out;
  add(out.storage, toml_text(root + home + "/.config/containers/storage.conf", "graphroot"));
  add(out.storage, home + "/.local/share/containers/storage");
  add(out.docker, home + "/.local/share/docker");
  add(out.containerd_stores, home + "/.local/share/containerd/" + std::string(store));
  return out;
}

}  // namespace saker::enrich
