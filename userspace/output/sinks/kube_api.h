// SPDX-License-Identifier: Apache-2.0
// How the API server of Kubernetes is reached, for everything that asks it. Any thread.
#pragma once

#include <string>

namespace saker::output {

// The server's URL, without a slash at its end. If `configured` is "", it comes from the
// environment that the kubelet gives each pod. The result is "" if it is not known.
std::string kube_url(const std::string& configured);
// The Authorization header of an account, from the file that the kubelet replaces every hour; "":
// the file cannot be read.
std::string kube_authorization(const std::string& token_file);

}  // namespace saker::output
