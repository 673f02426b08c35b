// SPDX-License-Identifier: Apache-2.0
// What containerd and podman know of a container, from their databases. Members without a value
// stay unchanged. `why` says it if a database exists and cannot be read. Pure but for files.
#pragma once

#include <string>

#include "enrich/container.h"

namespace saker::enrich {

// containerd's meta.db: the image with its digest, labels, and of a pod its labels and address.
// `space` is the container's namespace. False: the container is not in it.
bool take_from_containerd(const std::string& path, const std::string& space, Container& out,
                          std::string& why);

// podman's bolt_state.db, and db.sql since podman 5: the labels, those of the image and those of
// `podman run --label`.
void take_from_podman4(const std::string& path, Container& out, std::string& why);
void take_from_podman5(const std::string& path, Container& out, std::string& why);

}  // namespace saker::enrich
