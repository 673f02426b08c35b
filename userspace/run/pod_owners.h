// SPDX-License-Identifier: Apache-2.0
// The namespace of a pod, and the ReplicaSet and Deployment that made it: each is asked for once,
// only its metadata, and kept until expire(). A watch of all of them on each node would cost the
// server far more. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "enrich/kube_json.h"
#include "enrich/pods.h"
#include "run/kube_client.h"

namespace saker::run {

class PodOwners {
 public:
  explicit PodOwners(KubeClient& client) : client_(client) {}

  struct Found {
    enrich::PodFacts facts;
    std::string missing;  // why something could not be asked for now; "": nothing is missing
  };
  // Only what is known already.
  enrich::PodFacts known(const enrich::Pod& pod) { return facts(pod, false).facts; }
  Found ask(const enrich::Pod& pod) { return facts(pod, true); }
  // What is known is to be asked for again; what nobody asked for since the last call is forgotten.
  void expire();
  // What the account may not see; "": nothing was refused.
  const std::string& refused() const { return refused_; }

 private:
  static constexpr std::size_t most_known = 8192;

  Found facts(const enrich::Pod& pod, bool ask);
  const enrich::KubeMetadata* object(const std::string& path, bool ask, std::string& missing);

  KubeClient& client_;
  struct Known {
    std::optional<enrich::KubeMetadata> object;  // nothing: there is none, or it may not be seen
    bool expired = false;
  };
  std::map<std::string, Known> known_;  // by path
  std::string refused_;
};

}  // namespace saker::run
