// SPDX-License-Identifier: Apache-2.0
#include "enrich/pods.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace saker::enrich {
namespace {

std::size_t bytes_of(const PodFacts& facts) {
  const Pod& pod = facts.pod;
  std::size_t sum = sizeof(PodFacts) + pod.space.size() + pod.ip.size() + pod.static_uid.size() +
                    pod.controller.kind.size() + pod.controller.name.size() +
                    pod.controller.uid.size();
  for (const KubeObject* object :
       {&pod.object, &facts.space, &facts.replica_set, &facts.deployment})
    sum += object->bytes();
  return sum;
}

void set_first(std::string& to, const std::string& value) {
  if (to.empty()) to = value;
}

// All that describe() sets, besides the names that the runtime may have given.
constexpr std::string Container::*described[] = {
    &Container::pod_labels,
    &Container::pod_ip,
    &Container::namespace_uid,
    &Container::namespace_labels,
    &Container::replica_set_name,
    &Container::replica_set_uid,
    &Container::replica_set_labels,
    &Container::deployment_name,
    &Container::deployment_uid,
    &Container::deployment_labels,
    &Container::replication_controller_name,
    &Container::replication_controller_uid,
    &Container::service_names,
    &Container::service_uids,
    &Container::service_labels,
};

}  // namespace

Pods::Entries::iterator Pods::erase(Entries::iterator at) {
  bytes_ -= at->second.bytes;
  const auto alias = static_.find(at->second.facts.pod.static_uid);
  if (alias != static_.end() && alias->second == at->first) static_.erase(alias);
  return pods_.erase(at);
}

bool Pods::put(const PodFacts& facts) {
  const std::string& uid = facts.pod.object.uid;
  const std::size_t bytes = bytes_of(facts);
  std::lock_guard guard(lock_);
  auto at = pods_.find(uid);
  if (at != pods_.end() && at->second.facts == facts) {
    at->second.list = list_;
    return false;
  }
  if (at != pods_.end()) erase(at);
  const bool fits = pods_.size() < most_pods && bytes_ + bytes <= most_bytes;
  if (fits) {
    pods_.emplace(uid, Entry{facts, bytes, list_});
    bytes_ += bytes;
    // The first one counts: a later pod cannot claim the containers of another one.
    if (!facts.pod.static_uid.empty()) static_.emplace(facts.pod.static_uid, uid);
  } else {
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
  count_.store(pods_.size(), std::memory_order_relaxed);
  return fits;
}

void Pods::remove(std::string_view uid) {
  std::lock_guard guard(lock_);
  const auto at = pods_.find(uid);
  if (at != pods_.end()) erase(at);
  count_.store(pods_.size(), std::memory_order_relaxed);
}

std::vector<std::string> Pods::end_list() {
  std::vector<std::string> removed;
  std::lock_guard guard(lock_);
  for (auto at = pods_.begin(); at != pods_.end();) {
    if (at->second.list == list_) {
      ++at;
    } else {
      removed.push_back(at->first);
      at = erase(at);
    }
  }
  count_.store(pods_.size(), std::memory_order_relaxed);
  return removed;
}

// Each once, however many services changed.
std::vector<std::string> Pods::selected(const std::vector<Services::Change>& changes) const {
  std::map<std::string_view, std::vector<const Services::Change*>> by_space;
  for (const Services::Change& change : changes) by_space[change.space].push_back(&change);
  std::vector<std::string> out;
  if (by_space.empty()) return out;
  for (const auto& [uid, entry] : pods_) {
    const Pod& pod = entry.facts.pod;
    const auto at = by_space.find(pod.space);
    if (at == by_space.end()) continue;
    const LabelSet labels(pod.object.labels);
    if (std::ranges::none_of(at->second, [&](const Services::Change* change) {
          return labels.has_all_of(change->before) || labels.has_all_of(change->after);
        }))
      continue;
    out.push_back(uid);
    if (!pod.static_uid.empty()) out.push_back(pod.static_uid);
  }
  return out;
}

std::vector<std::string> Pods::put_services(const std::vector<Service>& services) {
  std::vector<Services::Change> changes;
  std::lock_guard guard(lock_);
  for (const Service& service : services)
    if (auto change = services_.put(service)) changes.push_back(std::move(*change));
  return selected(changes);
}

std::vector<std::string> Pods::remove_service(const Service& service) {
  std::lock_guard guard(lock_);
  const std::optional<Services::Change> change = services_.remove(service);
  return change ? selected({*change}) : std::vector<std::string>();
}

void Pods::begin_services() {
  std::lock_guard guard(lock_);
  services_.begin_list();
}

std::vector<std::string> Pods::end_services() {
  std::lock_guard guard(lock_);
  return selected(services_.end_list());
}

std::size_t Pods::services() const {
  std::lock_guard guard(lock_);
  return services_.count();
}

std::uint64_t Pods::services_refused() const {
  std::lock_guard guard(lock_);
  return services_.refused();
}

bool Pods::describe(std::string_view uid, Container& out) const {
  std::lock_guard guard(lock_);
  auto at = pods_.find(uid);
  if (at == pods_.end()) {
    const auto alias = static_.find(uid);
    if (alias != static_.end()) at = pods_.find(alias->second);
  }
  if (at == pods_.end()) return false;
  const PodFacts& facts = at->second.facts;
  const Pod& pod = facts.pod;
  set_first(out.pod_name, pod.object.name);
  set_first(out.pod_namespace, pod.space);
  set_first(out.pod_uid, std::string(uid));
  out.pod_labels = pod.object.labels;
  out.pod_ip = pod.ip;
  out.pod_network = !pod.ip.empty();
  out.namespace_uid = facts.space.uid;
  out.namespace_labels = facts.space.labels;
  out.replica_set_name = facts.replica_set.name;
  out.replica_set_uid = facts.replica_set.uid;
  out.replica_set_labels = facts.replica_set.labels;
  out.deployment_name = facts.deployment.name;
  out.deployment_uid = facts.deployment.uid;
  out.deployment_labels = facts.deployment.labels;
  const bool replicated = pod.controller.kind == "ReplicationController";
  out.replication_controller_name = replicated ? pod.controller.name : "";
  out.replication_controller_uid = replicated ? pod.controller.uid : "";
  services_.describe(pod.space, pod.object.labels, out);
  return true;
}

void keep_pod(const Container& before, Container& now) {
  set_first(now.pod_name, before.pod_name);
  set_first(now.pod_namespace, before.pod_namespace);
  set_first(now.pod_uid, before.pod_uid);
  for (std::string Container::*member : described) now.*member = before.*member;
  now.pod_network = before.pod_network;
}

}  // namespace saker::enrich
