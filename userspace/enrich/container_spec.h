// SPDX-License-Identifier: Apache-2.0
// What an OCI bundle's config.json, or a runtime's labels, say of a container. Take every leaf or
// label, then fill. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/container.h"
#include "enrich/container_labels.h"
#include "enrich/json_walk.h"

namespace saker::enrich {

// Whose keys are believed. Images and pods bring annotations of their own, and those of another
// runtime's names would be taken for its word.
enum class Annotator : std::uint8_t {
  nobody,      // podman and docker outside of Kubernetes: images choose these texts
  containerd,  // its CRI plugin, and nerdctl
  crio,
  kubelet,  // labels that the kubelet gave
};

class Annotations {
 public:
  explicit Annotations(Annotator by) : by_(by) {}
  void take(std::string_view key, std::string_view value);
  // What is not there leaves what was known.
  void fill(Container& out) const;

 private:
  static constexpr std::size_t max_rows = 32;

  const Annotator by_;
  std::string values_[max_rows];  // by row of the table in container_spec.cc
  std::string labels_;            // of CRI-O: JSON, as text
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
