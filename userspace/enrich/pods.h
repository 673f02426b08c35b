// SPDX-License-Identifier: Apache-2.0
// The pods of this node as the API server of Kubernetes describes them, by their uid, which is also
// part of the path of their control groups, and the services that select them. One thread writes
// pods (run/pod_watch), one writes services (run/service_watch); any thread may read.
//
// A user who may create pods chooses their names and labels: number and sizes are bounded, and what
// does not fit is counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/container.h"
#include "enrich/kube_object.h"
#include "enrich/services.h"

namespace saker::enrich {

// The owner that made an object and manages it.
struct KubeController {
  std::string kind, name, uid;

  bool operator==(const KubeController&) const = default;
};

struct Pod {
  KubeObject object;
  std::string space;  // the name of its namespace
  std::string ip;
  // The kubelet runs a static pod under a uid of its own; the API server's object is a mirror of it
  // that has another one. "": it is no mirror.
  std::string static_uid;
  KubeController controller;

  bool operator==(const Pod&) const = default;
};

// A pod with the objects that it refers to, as far as they are known.
struct PodFacts {
  Pod pod;
  KubeObject space, replica_set, deployment;

  bool operator==(const PodFacts&) const = default;
};

// What describe() added to a container, for a later object of it.
void keep_pod(const Container& before, Container& now);

class Pods {
 public:
  static constexpr std::size_t most_pods = 4096;
  static constexpr std::size_t most_bytes = 32u << 20;

  // True: something is new.
  bool put(const PodFacts& facts);
  void remove(std::string_view uid);
  // Between the two the whole list is put; then pods that were not in it are removed. The result:
  // their uids.
  void begin_list() { list_++; }
  std::vector<std::string> end_list();

  // For services. The results: the uids of control groups of pods that a service selected before
  // or selects now, if there is something new about it.
  std::vector<std::string> put_services(const std::vector<Service>& services);
  std::vector<std::string> remove_service(const Service& service);
  void begin_services();
  std::vector<std::string> end_services();

  // Adds what is known of the pod to a container in it, but replaces no name that the runtime gave.
  // False: the pod is not known; the container is unchanged.
  bool describe(std::string_view uid, Container& container) const;

  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  // How often a pod was not kept because there are too many, or their labels are too long.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  // Services that have a selector; and how often one was not kept.
  std::size_t services() const;
  std::uint64_t services_refused() const;

 private:
  struct Entry {
    PodFacts facts;
    std::size_t bytes = 0;
    std::uint64_t list = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Entries::iterator erase(Entries::iterator at);
  std::vector<std::string> selected(const std::vector<Services::Change>& changes) const;

  mutable std::mutex lock_;
  Entries pods_;
  std::map<std::string, std::string, std::less<>> static_;  // uids by static_uid
  Services services_;
  std::size_t bytes_ = 0;
  std::uint64_t list_ = 0;  // only of the thread that writes
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace saker::enrich
