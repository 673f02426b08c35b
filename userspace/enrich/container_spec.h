// SPDX-License-Identifier: Apache-2.0
// What the config.json of an OCI bundle, or a runtime's labels, say about a container. Take every
// leaf or label, then fill. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/container.h"
#include "enrich/container_labels.h"
#include "enrich/json_walk.h"

namespace saker::enrich {

// Whose keys are trusted. Images and pods bring their own annotations; an annotation that imitates
// another runtime's key must not be taken for that runtime's.
enum class Annotator : std::uint8_t {
  nobody,      // podman and docker outside Kubernetes: images choose these texts
  containerd,  // its CRI plugin, and nerdctl
  crio,
  kubelet,  // labels that the kubelet set
};

class Annotations {
 public:
  explicit Annotations(Annotator by) : by_(by) {}
  void take(std::string_view key, std::string_view value);
  // Members without a value stay unchanged.
  void fill(Container& out) const;

 private:
  static constexpr std::size_t max_rows = 32;

  const Annotator by_;
  std::string values_[max_rows];  // by row of the table in container_spec.cc
  std::string labels_;            // for CRI-O: JSON as text
  bool sandbox_ = false;
};

class OciSpec {
 public:
  explicit OciSpec(Annotator by) : notes_(by) {}
  void take(const JsonLeaf& leaf);
  void fill(Container& out) const;

 private:
  struct Mount {
    std::string source, dest, propagation;
    std::size_t index = 0;
    bool bind = false, read_only = false;
  };
  void take_mount(const JsonLeaf& leaf);

  Annotations notes_;
  std::vector<Mount> mounts_;
  bool masked_ = false, read_only_ = false, admin_ = false, module_ = false;
  bool own_pid_ = false, own_network_ = false, own_ipc_ = false;
};

}  // namespace saker::enrich
