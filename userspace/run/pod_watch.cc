// SPDX-License-Identifier: Apache-2.0
#include "run/pod_watch.h"

#include <utility>

#include "output/escape.h"
#include "output/sinks/curl_library.h"
#include "output/sinks/kube_api.h"
#include "run/generation.h"

namespace saker::run {
namespace {

// So long after a list the owners of the pods are asked for again.
constexpr std::uint64_t again_s = 3600;

KubeWatch::Words words(const std::string& node) {
  return {.name = "pods",
          .path = "/api/v1/pods?fieldSelector=spec.nodeName%3D" + output::url_escaped(node) + "&",
          .description = "pods of node " + node,
          .again_s = again_s};
}

}  // namespace

Result<std::unique_ptr<PodWatch>> PodWatch::make(const KubernetesConfig& config, enrich::Pods& pods,
                                                 const Log& log, Changed changed) {
  if (Result<void> loaded = output::load_curl(); !loaded)
    return Error{"[kubernetes]: " + loaded.error().message, loaded.error().code};
  const std::string url = output::kube_url(config.apiserver);
  if (url.empty())
    return Error{
        "[kubernetes]: there is no server of Kubernetes\n"
        "  hint: add apiserver = \"https://HOST:6443\""};
  return std::unique_ptr<PodWatch>(new PodWatch(
      config, url, config.node.empty() ? host_name() : config.node, pods, log, std::move(changed)));
}

PodWatch::PodWatch(const KubernetesConfig& config, const std::string& url, const std::string& node,
                   enrich::Pods& pods, const Log& log, Changed changed)
    : pods_(pods),
      log_(log),
      changed_(std::move(changed)),
      watch_(config, url, words(node), *this, log),
      owners_(watch_.client()),
      services_(config, url, pods, log, changed_) {}

void PodWatch::start() {
  watch_.start();
  services_.start();
}

void PodWatch::stop() {
  watch_.stop();
  services_.stop();
}

void PodWatch::begin_list() {
  incomplete_.clear();
  pods_.begin_list();
}

std::optional<enrich::KubeList> PodWatch::take_part(std::string_view json) {
  std::optional<enrich::PodList> list = enrich::read_pod_list(json);
  if (!list) return std::nullopt;
  for (const enrich::Pod& pod : list->pods) {
    put(owners_.known(pod));
    if (incomplete_.size() < enrich::Pods::most_pods) incomplete_[pod.object.uid] = pod;
  }
  return std::move(*list);
}

void PodWatch::end_list() {
  for (const std::string& uid : pods_.end_list()) changed_(uid);
}

std::optional<enrich::KubeEvent> PodWatch::take_event(std::string_view line) {
  std::optional<enrich::PodEvent> event = enrich::read_pod_event(line);
  if (!event) return std::nullopt;
  const std::string& uid = event->pod.object.uid;
  if (event->kind == enrich::KubeEvent::Kind::gone) {
    pods_.remove(uid);
    incomplete_.erase(uid);
    changed_(uid);
  } else if (event->kind == enrich::KubeEvent::Kind::changed) {
    put(owners_.known(event->pod));
    incomplete_[uid] = event->pod;
  }
  return std::move(*event);
}

void PodWatch::put(const enrich::PodFacts& facts) {
  if (!pods_.put(facts)) return;
  changed_(facts.pod.object.uid);
  if (!facts.pod.static_uid.empty()) changed_(facts.pod.static_uid);
}

// Asks for the owners that are not known yet.
std::string PodWatch::complete() {
  while (!incomplete_.empty()) {
    const PodOwners::Found found = owners_.ask(incomplete_.begin()->second);
    put(found.facts);
    if (!found.missing.empty()) return found.missing;
    incomplete_.erase(incomplete_.begin());
  }
  if (!owners_.refused().empty() && !std::exchange(refusal_said_, true))
    log_.warning("the account of kubernetes.token_file may not get " + owners_.refused() +
                 ": k8smeta fields of it are not set\n  hint: the chart's kubernetes.enabled has "
                 "the ClusterRole");
  return "";
}

}  // namespace saker::run
