// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_files.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "enrich/json_values.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;

// A pod's bundle has some ten KiB. Whoever can write a larger one in these places needs no other way to hide.
constexpr std::size_t max_bytes = 512u << 10;

Json parse_file(const std::string& path) {
  Result<std::string> text = read_file(path, max_bytes);
  if (!text) return Json();
  return Json::parse(*text, nullptr, false);
}

void set(std::string& to, std::string value) {
  if (!value.empty()) to = std::move(value);
}

bool has_string(const Json& list, std::string_view wanted) {
  return list.is_array() && std::any_of(list.begin(), list.end(), [&](const Json& item) {
           return item.is_string() && item.get_ref<const std::string&>() == wanted;
         });
}

// Annotations of an OCI bundle: containerd's CRI and CRI-O each have their own keys; the kubelet's labels are in both.
void take_annotations(const Json& notes, Container& out) {
  for (const char* key : {"io.kubernetes.cri.sandbox-name", "io.kubernetes.cri-o.KubeName",
                          "io.kubernetes.pod.name"})
    if (out.pod_name.empty()) set(out.pod_name, text(notes, key));
  for (const char* key : {"io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri-o.Namespace",
                          "io.kubernetes.pod.namespace"})
    if (out.pod_namespace.empty()) set(out.pod_namespace, text(notes, key));
  for (const char* key : {"io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"})
    if (out.pod_uid.empty()) set(out.pod_uid, text(notes, key));
  for (const char* key : {"io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID"})
    if (out.pod_id.empty()) set(out.pod_id, text(notes, key));
  for (const char* key : {"io.kubernetes.cri.container-name", "io.kubernetes.container.name",
                          "nerdctl/name", "io.kubernetes.cri-o.Name"})
    if (out.name.empty()) set(out.name, text(notes, key));
  for (const char* key : {"io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName",
                          "io.kubernetes.cri-o.Image", "org.opencontainers.image.ref.name"})
    if (out.image.empty()) set(out.image, text(notes, key));
  set(out.image_id, text(notes, "io.kubernetes.cri-o.ImageRef"));
  // "Labels" is itself JSON, as text.
  set(out.labels, labels_text(Json::parse(text(notes, "io.kubernetes.cri-o.Labels"), nullptr, false)));
  bool sandbox = text(notes, "io.kubernetes.cri.container-type") == "sandbox" ||
                 text(notes, "io.kubernetes.cri-o.ContainerType") == "sandbox";
  if (sandbox) {
    if (out.name.empty()) out.name = "POD";
    if (out.pod_id.empty()) out.pod_id = out.full_id;
  }
}

void take_oci_mounts(const Json& mounts, Container& out) {
  if (!mounts.is_array()) return;
  for (const Json& mount : mounts) {
    const Json& options = child(mount, "options");
    if (!has_string(options, "rbind") && !has_string(options, "bind")) continue;
    Container::Mount m;
    m.source = text(mount, "source");
    m.dest = text(mount, "destination");
    m.rdwr = !has_string(options, "ro");
    for (const char* way : {"rprivate", "private", "rshared", "shared", "rslave", "slave"})
      if (m.propagation.empty() && has_string(options, way)) m.propagation = way;
    out.mounts.push_back(std::move(m));
  }
}

// Kubernetes' containers are in the namespaces of their sandbox, named by a path; that of the host is one without a row.
bool has_own(const Json& spaces, std::string_view type) {
  return spaces.is_array() && std::any_of(spaces.begin(), spaces.end(),
                                          [&](const Json& space) { return text(space, "type") == type; });
}

// A bundle does not say "privileged"; it shows in nothing being masked and every capability being there.
bool looks_privileged(const Json& spec) {
  const Json& linux_part = child(spec, "linux");
  const Json& bounding = child(child(child(spec, "process"), "capabilities"), "bounding");
  return child(linux_part, "maskedPaths").empty() && child(linux_part, "readonlyPaths").empty() &&
         has_string(bounding, "CAP_SYS_ADMIN") && has_string(bounding, "CAP_SYS_MODULE");
}

bool take_bundle(const std::string& path, Container& out) {
  Json spec = parse_file(path);
  if (!spec.is_object()) return false;
  take_annotations(child(spec, "annotations"), out);
  take_oci_mounts(child(spec, "mounts"), out);
  out.privileged = looks_privileged(spec);
  const Json& spaces = child(child(spec, "linux"), "namespaces");
  out.host_pid = !has_own(spaces, "pid");
  out.host_network = !has_own(spaces, "network");
  out.host_ipc = !has_own(spaces, "ipc");
  return true;
}

bool from_containerd(const std::string& root, Container& out) {
  std::error_code error;
  // One directory for each containerd namespace: k8s.io, moby, default, ...
  fs::path tasks = root + "/run/containerd/io.containerd.runtime.v2.task";
  for (const fs::directory_entry& space : fs::directory_iterator(tasks, error)) {
    if (!take_bundle(space.path() / out.full_id / "config.json", out)) continue;
    if (out.type.empty()) out.type = "containerd";
    return true;
  }
  return false;
}

void take_docker_mounts(const Json& points, Container& out) {
  if (!points.is_object()) return;
  for (const auto& [dest, point] : points.items()) {
    Container::Mount m;
    m.source = text(point, "Source");
    m.dest = dest;
    m.mode = text(point, "Mode");
    m.propagation = text(point, "Propagation");
    m.rdwr = flag(point, "RW");
    out.mounts.push_back(std::move(m));
  }
}

// Of the default network, else of the first one that has an address.
void take_docker_address(const Json& network, Container& out) {
  set(out.ip, text(network, "IPAddress"));
  const Json& networks = child(network, "Networks");
  if (!networks.is_object()) return;
  for (const auto& [name, one] : networks.items())
    if (out.ip.empty()) set(out.ip, text(one, "IPAddress"));
}

bool from_docker(const std::string& root, Container& out) {
  std::string directory = root + "/var/lib/docker/containers/" + out.full_id;
  Json config = parse_file(directory + "/config.v2.json");
  if (!config.is_object()) return false;
  out.type = "docker";
  std::string name = text(config, "Name");
  set(out.name, name.starts_with('/') ? name.substr(1) : name);
  set(out.image, text(child(config, "Config"), "Image"));
  std::string id = text(config, "Image");
  set(out.image_id, id.starts_with("sha256:") ? id.substr(7) : id);
  take_annotations(child(child(config, "Config"), "Labels"), out);
  take_docker_mounts(child(config, "MountPoints"), out);
  set(out.labels, labels_text(child(child(config, "Config"), "Labels")));
  Json host = parse_file(directory + "/hostconfig.json");
  out.privileged = flag(host, "Privileged");
  out.host_pid = text(host, "PidMode") == "host";
  out.host_network = text(host, "NetworkMode") == "host";
  out.host_ipc = text(host, "IpcMode") == "host";
  take_docker_address(child(config, "NetworkSettings"), out);
  return true;
}

// The name and the image of a container in the list that containers/storage keeps.
void take_storage_list(const std::string& path, Container& out) {
  Json list = parse_file(path);
  if (!list.is_array()) return;
  for (const Json& entry : list) {
    if (text(entry, "id") != out.full_id) continue;
    const Json& names = child(entry, "names");
    if (out.name.empty() && names.is_array() && !names.empty() && names[0].is_string())
      out.name = names[0].get<std::string>();
    if (out.image_id.empty()) set(out.image_id, text(entry, "image"));
    // "metadata" is itself JSON, as text.
    Json meta = Json::parse(text(entry, "metadata"), nullptr, false);
    if (out.image.empty()) set(out.image, text(meta, "image-name"));
  }
}

bool from_storage(const std::string& root, Container& out) {
  bool found = false;
  for (const char* base : {"/run/containers/storage", "/var/lib/containers/storage"}) {
    std::string directory = root + base + "/overlay-containers/";
    found |= take_bundle(directory + out.full_id + "/userdata/config.json", out);
    if (found) take_storage_list(directory + "containers.json", out);
  }
  if (found && out.type.empty()) out.type = out.pod_name.empty() ? "podman" : "cri-o";
  return found;
}

}  // namespace

void split_image(std::string_view image, Container& out) {
  std::size_t at = image.find('@');
  if (at != std::string_view::npos) {
    out.image_digest = image.substr(at + 1);
    image = image.substr(0, at);
  } else if (image.starts_with("sha256:")) {
    out.image_digest = image;
    return;
  }
  // A colon before the last slash belongs to the registry's port.
  std::size_t slash = image.rfind('/');
  std::size_t colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    out.image_tag = image.substr(colon + 1);
    image = image.substr(0, colon);
  }
  out.image_repository = image;
}

bool read_container_files(const std::string& root, Container& out) {
  bool found = false;
  if (out.type == "docker") {
    found = from_docker(root, out) || from_containerd(root, out);
  } else if (out.type == "cri-o" || out.type == "podman") {
    found = from_storage(root, out);
  } else if (out.type == "systemd-nspawn") {
    out.name = out.full_id;
    found = true;
  } else {
    found = from_containerd(root, out) || from_storage(root, out) || from_docker(root, out);
  }
  if (found && !out.image.empty()) split_image(out.image, out);
  out.metadata = found;
  return found;
}

}  // namespace saker::enrich
