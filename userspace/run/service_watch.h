// SPDX-License-Identifier: Apache-2.0
// Keeps the services of the cluster like the API server of Kubernetes has them. Those of all
// namespaces, as kube-proxy does on each node: the next pod of this node may be in any. For the
// main thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/log.h"
#include "enrich/pods.h"
#include "run/config.h"
#include "run/kube_watch.h"

namespace saker::run {

class ServiceWatch final : KubeKind {
 public:
  // Called in its thread: the pod whose control group has this uid has other services.
  using Changed = std::function<void(const std::string& uid)>;

  // As KubeWatch and PodWatch.
  ServiceWatch(const KubernetesConfig& config, const std::string& url, enrich::Pods& pods,
               const Log& log, Changed changed);
  ~ServiceWatch() override { stop(); }

  void start() { watch_.start(); }
  void stop() { watch_.stop(); }
  const KubeWatch& watch() const { return watch_; }

 private:
  void begin_list() override { pods_.begin_services(); }
  std::optional<enrich::KubeList> take_part(std::string_view json) override;
  void end_list() override;
  std::optional<enrich::KubeEvent> take_event(std::string_view line) override;
  std::size_t count() const override { return pods_.services(); }

  enrich::Pods& pods_;
  const Changed changed_;
  KubeWatch watch_;
};

}  // namespace saker::run
