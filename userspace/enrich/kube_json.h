// SPDX-License-Identifier: Apache-2.0
// Reads what the API server of Kubernetes answers: a list of pods or services, an event of a watch,
// the metadata of one object. Texts that are too long are cut; an answer that is not JSON, or not
// what was asked for, gives nothing. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/pods.h"

namespace saker::enrich {

// A list, or a part of one.
struct KubeList {
  std::string version;  // the list is of this version of the store
  std::string next;     // "": it was the last part
};
struct PodList : KubeList {
  std::vector<Pod> pods;
};
struct ServiceList : KubeList {
  std::vector<Service> services;
};
std::optional<PodList> read_pod_list(std::string_view json);
std::optional<ServiceList> read_service_list(std::string_view json);

struct KubeEvent {
  // gone: the object was deleted. bookmark: only the version is new. error: `why` is the reason,
  // and "Expired" or "Gone" if the objects must be listed again.
  enum class Kind : unsigned char { changed, gone, bookmark, error } kind = Kind::error;
  std::string version;
  std::string why;
};
struct PodEvent : KubeEvent {
  Pod pod;
};
struct ServiceEvent : KubeEvent {
  Service service;
};
std::optional<PodEvent> read_pod_event(std::string_view json);
std::optional<ServiceEvent> read_service_event(std::string_view json);

struct KubeMetadata {
  KubeObject object;
  KubeController controller;
};
std::optional<KubeMetadata> read_kube_metadata(std::string_view json);

}  // namespace saker::enrich
