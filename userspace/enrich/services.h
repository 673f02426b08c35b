// SPDX-License-Identifier: Apache-2.0
// The services of a Kubernetes cluster that select pods, by namespace. The caller locks (Pods).
//
// A user who may create services chooses their names, labels and selectors: number and sizes are
// bounded, for one namespace as well, so that no tenant takes the space of all others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "enrich/container.h"
#include "enrich/kube_object.h"

namespace saker::enrich {

struct Service {
  KubeObject object;
  std::string space;     // the name of its namespace
  std::string selector;  // in the form of labels; a pod that has all of them belongs to the service
  std::string created;   // the server's time, as text that sorts by time
  bool too_long = false;  // there is more in the selector

  bool operator==(const Service&) const = default;
};

// The labels of one pod, for many selectors. They must outlive it.
class LabelSet {
 public:
  explicit LabelSet(std::string_view labels);
  // False for an empty selector: the service's endpoints are not chosen by labels.
  bool has_all_of(std::string_view selector) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> labels_;  // sorted
};

class Services {
 public:
  static constexpr std::size_t most_services = 16384;
  static constexpr std::size_t most_bytes = 32u << 20;
  // A namespace has at most this part of either.
  static constexpr std::size_t space_share = 4;
  // Kubernetes does not limit a selector; real ones have one to five labels.
  static constexpr std::size_t most_selectors = 64, longest_selector = 8u << 10;
  static constexpr std::size_t longest_labels = 4u << 10;
  // Of one pod: those that exist longest, so that later ones cannot hide them.
  static constexpr std::size_t most_of_pod = 32;

  // What was selected before and is selected now. Pods with either must be described again.
  struct Change {
    std::string space, before, after;
  };
  // Nothing: no pod is concerned.
  std::optional<Change> put(const Service& service);
  std::optional<Change> remove(const Service& service);
  // As in Pods.
  void begin_list() { list_++; }
  std::vector<Change> end_list();

  // Adds the services of a pod, sorted by name.
  void describe(const std::string& space, std::string_view labels, Container& out) const;

  std::size_t count() const { return services_.size(); }
  std::uint64_t refused() const { return refused_; }

 private:
  struct Entry {
    Service service;
    std::size_t bytes = 0;
    std::uint64_t list = 0;
  };
  struct Sum {
    std::size_t count = 0, bytes = 0;
  };
  using Entries = std::map<std::pair<std::string, std::string>, Entry>;  // by namespace and uid

  bool fits(const std::string& space, std::size_t bytes) const;
  Entries::iterator erase(Entries::iterator at);

  Entries services_;
  std::map<std::string, Sum> spaces_;
  std::size_t bytes_ = 0;
  std::uint64_t list_ = 0, refused_ = 0;
};

}  // namespace saker::enrich
