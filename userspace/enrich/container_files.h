// SPDX-License-Identifier: Apache-2.0
// What a container's runtime wrote on disk about it: containerd's bundle, docker's config, the
// storage of CRI-O and podman. Reads a few files; never talks to a runtime. For a thread that may
// be held up by a file system.
//
// Much in these files is chosen by those who build images and start containers: labels,
// annotations, mounts. So every file must be a regular one of at most 16 MiB, is read without a
// tree of it, and what is kept of it is bounded.
#pragma once

#include <string>
#include <string_view>

#include "enrich/container.h"
#include "enrich/runtime_paths.h"

namespace saker::enrich {

// Fills all but id, full_id, which must be there, and type, which may be. False: no file was found,
// or none that is sound; `why` says what was wrong with one that was there. `root` goes before
// every path. `in_pod`: the control group is Kubernetes', so what names a pod was written by it and
// not by who made the image.
bool read_container_files(const std::string& root, const RuntimePaths& paths, bool in_pod,
                          Container& container, std::string& why);

// "registry/name:tag@digest" into its parts.
void split_image(std::string_view image, Container& container);

}  // namespace saker::enrich
