// SPDX-License-Identifier: Apache-2.0
// Reads what a container's runtime wrote to disk about it: containerd's bundle, docker's config,
// the storage of CRI-O and podman. Reads a few files; never talks to a runtime. For a thread that a
// file system may block.
//
// Authors of images and users who start containers choose much of the content of these files:
// labels, annotations, mounts. So each file must be a regular file of at most 16 MiB, is read
// without building a document tree, and the result is bounded.
#pragma once

#include <string>
#include <string_view>

#include "enrich/container.h"
#include "enrich/runtime_paths.h"

namespace saker::enrich {

// Fills all members except id and full_id, which must be set, and type, which may be. False: no
// valid file was found; `why` says what was wrong with a file that exists. `root` goes before every
// path. `in_pod`: Kubernetes made the control group, so the kubelet wrote the texts that name a
// pod, not the author of the image.
bool read_container_files(const std::string& root, const RuntimePaths& paths, bool in_pod,
                          Container& container, std::string& why);

// Splits "registry/name:tag@digest" into its parts.
void split_image(std::string_view image, Container& container);

// Changes when the runtime may have given a container that was read another name. 0: this runtime
// gives no other names.
std::uint64_t container_name_stamp(const std::string& root, const RuntimePaths& paths,
                                   const Container& container);

}  // namespace saker::enrich
