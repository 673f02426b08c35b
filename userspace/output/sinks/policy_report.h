// SPDX-License-Identifier: Apache-2.0
// One PolicyReport of Kubernetes (wgpolicyk8s.io/v1alpha2) with the newest alerts of a namespace,
// bounded in number and bytes. Plain data; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "output/kinds/document.h"

namespace saker::output {

struct PolicyReportLimits {
  std::size_t results = 1000;
  // Of all results as JSON; a server of Kubernetes stores objects of at most 1.5 MiB.
  std::size_t bytes = 1u << 20;
  // Whether the least severe results go first; otherwise the oldest.
  bool prune_by_priority = false;
};

class PolicyReport {
 public:
  // `space`: "" for the report of the cluster.
  PolicyReport(std::string space, std::string name, PolicyReportLimits limits);

  // What the server has of it: its answer to a GET. Results that are not ours are kept.
  void load(std::string_view answer);
  void add(const Document& document);

  std::string path() const;  // of the object, in the API
  std::string json() const;  // the object, for a server-side apply
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    int severity;  // 0 (Emergency) to 7 (Debug); of loaded results: as far as it is known
    char verdict;  // p, f, w, e, s: what the summary counts
    std::string json;
  };
  void push(Entry entry);
  void prune();

  const std::string space_, name_;
  const PolicyReportLimits limits_;
  std::deque<Entry> results_;
  std::size_t bytes_ = 0;
};

// The namespace to whose report an alert goes; "": the cluster's, also for a name that no namespace
// can have.
std::string report_namespace(const Document& document);

}  // namespace saker::output
