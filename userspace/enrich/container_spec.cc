// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_spec.h"

#include <algorithm>
#include <iterator>

namespace saker::enrich {
namespace {

constexpr std::size_t max_text = 4096, max_mounts = 1000;

struct Row {
  Annotator by;
  std::string_view key;
  std::string Container::*member;
};

// If several rows fill the same member, the first one present counts.
constexpr Row rows[] = {
    {Annotator::containerd, "io.kubernetes.cri.sandbox-name", &Container::pod_name},
    {Annotator::containerd, "io.kubernetes.cri.sandbox-namespace", &Container::pod_namespace},
    {Annotator::containerd, "io.kubernetes.cri.sandbox-uid", &Container::pod_uid},
    {Annotator::containerd, "io.kubernetes.cri.sandbox-id", &Container::pod_id},
    {Annotator::containerd, "io.kubernetes.cri.container-name", &Container::name},
    {Annotator::containerd, "nerdctl/name", &Container::name},
    {Annotator::containerd, "io.kubernetes.cri.image-name", &Container::image},
    {Annotator::crio, "io.kubernetes.cri-o.KubeName", &Container::pod_name},
    {Annotator::crio, "io.kubernetes.pod.name", &Container::pod_name},
    {Annotator::crio, "io.kubernetes.cri-o.Namespace", &Container::pod_namespace},
    {Annotator::crio, "io.kubernetes.pod.namespace", &Container::pod_namespace},
    {Annotator::crio, "io.kubernetes.pod.uid", &Container::pod_uid},
    {Annotator::crio, "io.kubernetes.cri-o.SandboxID", &Container::pod_id},
    {Annotator::crio, "io.kubernetes.container.name", &Container::name},
    {Annotator::crio, "io.kubernetes.cri-o.Name", &Container::name},
    {Annotator::crio, "io.kubernetes.cri-o.ImageName", &Container::image},
    {Annotator::crio, "io.kubernetes.cri-o.Image", &Container::image},
    {Annotator::crio, "io.kubernetes.cri-o.ImageRef", &Container::image_id},
    {Annotator::kubelet, "io.kubernetes.pod.name", &Container::pod_name},
    {Annotator::kubelet, "io.kubernetes.pod.namespace", &Container::pod_namespace},
    {Annotator::kubelet, "io.kubernetes.pod.uid", &Container::pod_uid},
    {Annotator::kubelet, "io.kubernetes.sandbox.id", &Container::pod_id},
};

}  // namespace

void Annotations::take(std::string_view key, std::string_view value) {
  static_assert(std::size(rows) <= max_rows);
  for (std::size_t i = 0; i < std::size(rows); i++)
    if (rows[i].by == by_ && rows[i].key == key) values_[i] = value.substr(0, max_text);
  if (by_ == Annotator::crio && key == "io.kubernetes.cri-o.Labels") labels_ = value;
  sandbox_ |= value == "sandbox" &&
              ((by_ == Annotator::containerd && key == "io.kubernetes.cri.container-type") ||
               (by_ == Annotator::crio && key == "io.kubernetes.cri-o.ContainerType"));
}

void Annotations::fill(Container& out) const {
  for (std::size_t i = 0; i < std::size(rows); i++) {
    std::string& to = out.*rows[i].member;
    if (to.empty()) to = values_[i];
  }
  ContainerLabels labels;
  const bool whole = walk_json(labels_, [&](const JsonLeaf& leaf) {
    if (leaf.is_text && leaf.path.size() == 1) labels.add(leaf.path.key(0), leaf.text);
  });
  if (whole) out.labels = labels.text();
  if (!sandbox_) return;
  if (out.name.empty()) out.name = "POD";
  if (out.pod_id.empty()) out.pod_id = out.full_id;
}

void OciSpec::take(const JsonLeaf& leaf) {
  const JsonPath& path = leaf.path;
  if (!leaf.is_text || path.size() < 2) return;
  if (path.is({"annotations", "*"})) {
    notes_.take(path.key(1), leaf.text);
  } else if (path.key(0) == "mounts") {
    take_mount(leaf);
  } else if (path.is({"linux", "maskedPaths", "*"})) {
    masked_ = true;
  } else if (path.is({"linux", "readonlyPaths", "*"})) {
    read_only_ = true;
  } else if (path.is({"linux", "namespaces", "*", "type"})) {
    // Kubernetes' containers join the namespaces of their sandbox by a path; a container that uses
    // the host's namespace has no row for it.
    own_pid_ |= leaf.text == "pid";
    own_network_ |= leaf.text == "network";
    own_ipc_ |= leaf.text == "ipc";
  } else if (path.is({"process", "capabilities", "bounding", "*"})) {
    admin_ |= leaf.text == "CAP_SYS_ADMIN";
    module_ |= leaf.text == "CAP_SYS_MODULE";
  }
}

void OciSpec::take_mount(const JsonLeaf& leaf) {
  if (leaf.path.size() < 3) return;
  const std::size_t index = leaf.path.index(1);
  if (mounts_.empty() || mounts_.back().index != index) {
    if (mounts_.size() >= max_mounts) return;
    mounts_.emplace_back().index = index;
  }
  Mount& mount = mounts_.back();
  const std::string_view text = leaf.text.substr(0, max_text);
  if (leaf.path.is({"mounts", "*", "source"}))
    mount.source = text;
  else if (leaf.path.is({"mounts", "*", "destination"}))
    mount.dest = text;
  if (!leaf.path.is({"mounts", "*", "options", "*"})) return;
  mount.bind |= text == "rbind" || text == "bind";
  mount.read_only |= text == "ro";
  static constexpr std::string_view ways[] = {"rprivate", "private", "rshared",
                                              "shared",   "rslave",  "slave"};
  const auto* way = std::find(std::begin(ways), std::end(ways), text);
  if (way != std::end(ways) && mount.propagation.empty()) mount.propagation = text;
}

void OciSpec::fill(Container& out) const {
  notes_.fill(out);
  for (const Mount& mount : mounts_)
    if (mount.bind)
      out.mounts.push_back({mount.source, mount.dest, "", mount.propagation, !mount.read_only});
  // A bundle does not say "privileged". It shows because nothing is masked and every capability is
  // present.
  out.privileged = !masked_ && !read_only_ && admin_ && module_;
  out.host_pid = !own_pid_;
  out.host_network = !own_network_;
  out.host_ipc = !own_ipc_;
}

}  // namespace saker::enrich
