// SPDX-License-Identifier: Apache-2.0
// Reads what the API server of Kubernetes answers: a list of pods, an event of a watch, the
// metadata of one object. Texts that are too long are cut; an answer that is not JSON, or not what
// was asked for, gives nothing. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/pods.h"

namespace saker::enrich {

struct PodList {
  std::vector<Pod> pods;
  std::string version;  // the list is of this version of the store
  std::string next;     // "": it was the last part
};
std::optional<PodList> read_pod_list(std::string_view json);

struct PodEvent {
  // gone: the pod was deleted. bookmark: only the version is new. error: `why` is the reason, and
  // "Expired" or "Gone" if the pods must be listed again.
  enum class Kind : unsigned char { changed, gone, bookmark, error } kind = Kind::error;
  Pod pod;
  std::string version;
  std::string why;
};
std::optional<PodEvent> read_pod_event(std::string_view json);

struct KubeMetadata {
  KubeObject object;
  KubeController controller;
};
std::optional<KubeMetadata> read_kube_metadata(std::string_view json);

}  // namespace saker::enrich
