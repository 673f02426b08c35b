// SPDX-License-Identifier: Apache-2.0
#include "run/pod_owners.h"

#include <algorithm>

namespace saker::run {
namespace {

constexpr const char* metadata_only =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

// The creator of a pod writes its references to owners: such a name must not lead to another path.
bool is_name(const std::string& text) {
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

void PodOwners::expire() {
  std::erase_if(known_, [](const auto& each) { return each.second.expired; });
  for (auto& [path, known] : known_) known.expired = true;
}

// If the server does not answer now, what was known stays.
const enrich::KubeMetadata* PodOwners::object(const std::string& path, bool ask,
                                              std::string& missing) {
  auto at = known_.find(path);
  const bool wanted = at == known_.end() || at->second.expired;
  if (wanted && ask && missing.empty()) {
    const KubeAnswer answer = client_.get(path, metadata_only);
    if (answer.status == 403 && refused_.empty()) refused_ = path;
    const bool none = answer.status == 403 || answer.status == 404 || answer.too_long;
    if (none || (answer.status == 200 && answer.error.empty())) {
      if (known_.size() >= most_known) known_.clear();
      at = known_.insert_or_assign(path, Known{}).first;
      if (!none) at->second.object = enrich::read_kube_metadata(answer.text);
    } else {
      missing = path + ": " +
                (answer.error.empty() ? "the server answers " + std::to_string(answer.status)
                                      : answer.error);
    }
  }
  return at != known_.end() && at->second.object ? &*at->second.object : nullptr;
}

PodOwners::Found PodOwners::facts(const enrich::Pod& pod, bool ask) {
  Found out{.facts = {.pod = pod, .space = {}, .replica_set = {}, .deployment = {}}, .missing = {}};
  if (!is_name(pod.space)) return out;
  if (const auto* space = object("/api/v1/namespaces/" + pod.space, ask, out.missing))
    out.facts.space = space->object;
  if (pod.controller.kind != "ReplicaSet") return out;
  enrich::KubeObject &set = out.facts.replica_set, &deployment = out.facts.deployment;
  set.name = pod.controller.name;
  set.uid = pod.controller.uid;
  if (!is_name(set.name)) return out;
  const std::string apps = "/apis/apps/v1/namespaces/" + pod.space;
  const auto* found = object(apps + "/replicasets/" + set.name, ask, out.missing);
  // Another one may have that name now.
  if (!found || found->object.uid != set.uid) return out;
  set.labels = found->object.labels;
  if (found->controller.kind != "Deployment") return out;
  deployment.name = found->controller.name;
  deployment.uid = found->controller.uid;
  if (!is_name(deployment.name)) return out;
  const auto* made = object(apps + "/deployments/" + deployment.name, ask, out.missing);
  if (made && made->object.uid == deployment.uid) deployment.labels = made->object.labels;
  return out;
}

}  // namespace saker::run
