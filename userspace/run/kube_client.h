// SPDX-License-Identifier: Apache-2.0
// GET requests to the API server of Kubernetes: an answer as a whole, or line by line while it
// comes. One thread, which may wait.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "output/peer.h"
#include "output/sinks/curl_options.h"
#include "run/config.h"

namespace saker::run {

struct KubeAnswer {
  int status = 0;         // 0: none; see `error`
  std::string text = {};  // as a whole; of an answer line by line: what was after the last line
  std::string error = {};
  bool too_long = false;
  int retry_after_s = 0;
};

class KubeClient {
 public:
  static constexpr std::size_t longest_answer = 8u << 20;
  // No object of a server is longer: its store takes 1.5 MiB.
  static constexpr std::size_t longest_line = 8u << 20;

  // `url`: of the server; `patience` ends requests, and must outlive the client.
  KubeClient(const KubernetesConfig& config, std::string url, output::Patience& patience)
      : url_(std::move(url)), token_file_(config.token_file), patience_(patience) {
    tls_.ca_file = config.ca_file;
  }

  KubeAnswer get(const std::string& path, const char* accept = "application/json");
  // Gives each line to `line` until that returns false. Ends after `seconds` in any case, and
  // before if the server says nothing for `quiet_s`.
  using Line = std::function<bool(std::string_view)>;
  KubeAnswer lines(const std::string& path, int seconds, int quiet_s, const Line& line);

 private:
  struct Transfer;
  void prepare(Transfer& transfer, CURL* easy, const std::string& path, const char* accept);

  const std::string url_, token_file_;
  output::TlsOptions tls_;
  output::Patience& patience_;
  output::CurlHandle handle_;  // of get(): its connection is used again
};

}  // namespace saker::run
