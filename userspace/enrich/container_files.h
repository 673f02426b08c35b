// SPDX-License-Identifier: Apache-2.0
// What a container's runtime wrote on disk about it: containerd's bundle, docker's config, the storage of CRI-O and
// podman. Reads a few small files; never talks to a runtime.
#pragma once

#include <string>
#include <string_view>

#include "enrich/container.h"

namespace saker::enrich {

// Fills all but id, full_id, which must be there, and type, which may be. False: no file was found.
bool read_container_files(const std::string& root, Container& container);

// "registry/name:tag@digest" into its parts.
void split_image(std::string_view image, Container& container);

}  // namespace saker::enrich
