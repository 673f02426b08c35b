// SPDX-License-Identifier: Apache-2.0
// Requests over HTTP and what came of them, several at once; connections are kept. Redirections are
// not followed, and of an answer no more is kept than a person reads. One thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "output/kinds/recipe.h"
#include "output/peer.h"
#include "output/sinks/connection.h"

namespace saker::output {

struct HttpOptions {
  TlsOptions tls = {};
  int timeout_ms = 10'000;
  bool keep_alive = true;
  bool compress = false;
  std::string user_agent = {};
  // Amazon's signature: "aws:amz:REGION:SERVICE", "KEY:SECRET". "": none.
  std::string signature = {}, credentials = {};
};

struct HttpOutcome {
  int status = 0;  // 0: no answer, for `error`
  std::string answer = {};
  std::string error = {};  // "": the time was up
  bool timed_out = false;
  int retry_after_ms = 0;
};

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();

  // In the order of the requests. Where the patience ends, what is under way is given up.
  std::vector<HttpOutcome> perform(std::span<const Request> requests, Patience& patience);
  void forget_connections();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a request looks like as text.
std::string shown(const Request& request, const HttpOptions& options);

}  // namespace saker::output
