// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/kube_api.h"

#include <cstdlib>
#include <string_view>

#include "base/file.h"

namespace saker::output {
namespace {

constexpr std::size_t longest_token = 64u << 10;

}  // namespace

std::string kube_url(const std::string& configured) {
  if (!configured.empty())
    return configured.ends_with('/') ? configured.substr(0, configured.size() - 1) : configured;
  const char *host = std::getenv("KUBERNETES_SERVICE_HOST"),
             *port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (!host || !port) return "";
  const bool v6 = std::string_view(host).find(':') != std::string_view::npos;
  return "https://" + (v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + port;
}

std::string kube_authorization(const std::string& token_file) {
  Result<std::string> token = read_file(token_file, longest_token);
  if (!token) return "";
  while (token->ends_with('\n')) token->pop_back();
  return "Bearer " + *token;
}

}  // namespace saker::output
