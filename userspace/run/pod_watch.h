// SPDX-License-Identifier: Apache-2.0
// Keeps the table of this node's pods, and of the services that select them, like the API server of
// Kubernetes has them: each by a KubeWatch. For the main thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "enrich/pods.h"
#include "run/config.h"
#include "run/kube_watch.h"
#include "run/pod_owners.h"
#include "run/service_watch.h"

namespace saker::run {

class PodWatch final : KubeKind {
 public:
  // Called in the threads of the watches: there is something new about the pod whose control group
  // has this uid, or it is gone.
  using Changed = std::function<void(const std::string& uid)>;

  // Loads libcurl. `pods` and `log` must outlive it. The error: it cannot work, and what to do.
  static Result<std::unique_ptr<PodWatch>> make(const KubernetesConfig& config, enrich::Pods& pods,
                                                const Log& log, Changed changed);
  ~PodWatch() override { stop(); }

  void start();
  void stop();

  const KubeWatch& pods() const { return watch_; }
  // What befalls one does not concern the other.
  const KubeWatch& services() const { return services_.watch(); }

 private:
  PodWatch(const KubernetesConfig& config, const std::string& url, const std::string& node,
           enrich::Pods& pods, const Log& log, Changed changed);
  void begin_list() override;
  std::optional<enrich::KubeList> take_part(std::string_view json) override;
  void end_list() override;
  std::optional<enrich::KubeEvent> take_event(std::string_view line) override;
  std::string complete() override;
  void expire() override { owners_.expire(); }
  std::size_t count() const override { return pods_.count(); }
  void put(const enrich::PodFacts& facts);

  enrich::Pods& pods_;
  const Log& log_;
  const Changed changed_;
  KubeWatch watch_;
  PodOwners owners_;
  std::map<std::string, enrich::Pod> incomplete_;  // their owners are still to be asked for
  bool refusal_said_ = false;
  ServiceWatch services_;
};

}  // namespace saker::run
