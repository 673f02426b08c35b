// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_json.h"

#include "enrich/json_values.h"

namespace saker::enrich {
namespace {

constexpr std::size_t short_id = 12;

// Captures have their own numbers for runtimes.
std::string type_name(const Json& from) {
  static constexpr const char* names[] = {"docker", "lxc",    "libvirt-lxc", "mesos",
                                          "rkt",    "custom", "cri",         "containerd",
                                          "cri-o",  "bpm",    "static",      "podman"};
  const Json& type = child(from, "type");
  if (!type.is_number_unsigned()) return "";
  std::size_t number = type.get<std::size_t>();
  return number < std::size(names) ? names[number] : "";
}

void read_mounts(const Json& list, Container& to) {
  if (!list.is_array()) return;
  for (const Json& each : list)
    if (each.is_object())
      to.mounts.push_back({text(each, "Source"), text(each, "Destination"), text(each, "Mode"),
                           text(each, "Propagation"), flag(each, "RW")});
}

Container read(const Json& from, std::string id) {
  Container made;
  made.id = std::move(id);
  made.full_id = text(from, "full_id");
  made.type = type_name(from);
  made.name = text(from, "name");
  made.image = text(from, "image");
  made.image_id = text(from, "imageid");
  made.image_repository = text(from, "imagerepo");
  made.image_tag = text(from, "imagetag");
  made.image_digest = text(from, "imagedigest");
  made.privileged = flag(from, "privileged");
  made.host_pid = flag(from, "host_pid");
  made.host_network = flag(from, "host_network");
  made.host_ipc = flag(from, "host_ipc");
  made.ip = text(from, "ip");
  made.cni = text(from, "cni_json");
  made.metadata = true;
  read_mounts(child(from, "Mounts"), made);
  const Json& labels = child(from, "labels");
  made.labels = labels_text(labels);
  if (labels.is_object()) {
    made.pod_name = text(labels, "io.kubernetes.pod.name");
    made.pod_namespace = text(labels, "io.kubernetes.pod.namespace");
    made.pod_uid = text(labels, "io.kubernetes.pod.uid");
  }
  made.pod_id = text(from, "pod_sandbox_id");
  made.pod_labels = labels_text(child(from, "pod_sandbox_labels"));
  return made;
}

}  // namespace

const Container* ContainerCatalog::take(std::string_view text_of_it) {
  // A text may include its terminating NUL.
  text_of_it = text_of_it.substr(0, text_of_it.find('\0'));
  Json all = Json::parse(text_of_it, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return nullptr;
  const Json& inner = child(all, "container");
  const Json& from = inner.is_object() ? inner : all;
  std::string id = text(from, "id").substr(0, short_id);
  if (id.empty()) return nullptr;
  Container& place = all_[id];
  place = read(from, id);
  fill_pods();
  return &place;
}

// If a container has no network data of its own, the sandbox's data applies; the sandbox may come
// before or after it.
void ContainerCatalog::fill_pods() {
  for (auto& [id, container] : all_) {
    const Container* sandbox =
        container.cni.empty() ? find(container.pod_id.substr(0, short_id)) : &container;
    container.pod_network = sandbox != nullptr;
    if (!sandbox) continue;
    container.pod_ip = sandbox->ip;
    container.pod_cni = sandbox->cni;
    if (sandbox != &container) container.pod_labels = sandbox->pod_labels;
  }
}

const Container* ContainerCatalog::find(const std::string& id) const {
  auto at = all_.find(id);
  return at == all_.end() ? nullptr : &at->second;
}

}  // namespace saker::enrich
