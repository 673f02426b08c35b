// SPDX-License-Identifier: Apache-2.0
// HTTP requests and their results, several at once; connections are reused. Redirections are not
// followed, and only the beginning of an answer is kept. One thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
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
  std::size_t most_kept = 64u << 10;  // of an answer; the rest is not read
  // Amazon's signature: "aws:amz:REGION:SERVICE", "KEY:SECRET". "": none.
  std::string signature = {}, credentials = {};
};

struct HttpOutcome {
  int status = 0;  // 0: no answer; see `error`
  std::string answer = {};
  std::string error = {};  // "": the time was up
  bool timed_out = false;
  int retry_after_ms = 0;
};

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();

  // The results in the order of the requests. When the patience ends, requests in progress are
  // aborted.
  std::vector<HttpOutcome> perform(std::span<const Request> requests, Patience& patience);
  void forget_connections();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An answer's text for the log, after what was said of it: ": TEXT", one line, shortened; or "".
std::string excerpt(std::string_view answer);

// The status refuses the content of an alert; the error is not about the server or about us.
bool refuses_content(int status);

// A request as text for display.
std::string shown(const Request& request, const HttpOptions& options);

}  // namespace saker::output
