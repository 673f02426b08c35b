// SPDX-License-Identifier: Apache-2.0
#include "service/config/kubernetes.h"

namespace saker::service {

void read_kubernetes_enabled(const At& at) { read_bool(at, at.config().kubernetes.enabled); }

void read_apiserver(const At& at) {
  std::string& to = at.config().kubernetes.apiserver;
  read_string(at, to, "https://10.0.0.1:6443");
  if (!to.empty() && !to.starts_with("https://") && !to.starts_with("http://"))
    at.wrong(at.key + " must be a URL, not \"" + to + "\"",
             "write it like " + at.key + " = \"https://10.0.0.1:6443\"");
}

void read_node(const At& at) { read_string(at, at.config().kubernetes.node, "node-1"); }

void read_token_file(const At& at) {
  read_string(at, at.config().kubernetes.token_file, "/etc/saker/kubernetes.token");
}

void read_ca_file(const At& at) {
  read_string(at, at.config().kubernetes.ca_file, "/etc/saker/kubernetes.crt");
}

}  // namespace saker::service
