// SPDX-License-Identifier: Apache-2.0
// What all uses of libcurl here share: an owned handle, TLS as configured, errors as sentences, and
// a stop when the sink's patience ends. Use a handle in one thread.
#pragma once

#include <memory>
#include <string>

#include "output/peer.h"
#include "output/sinks/connection.h"
#include "output/sinks/curl_library.h"

namespace saker::output {

struct CurlRelease {
  void operator()(CURL* easy) const;
};
using CurlHandle = std::unique_ptr<CURL, CurlRelease>;

// Without signals, with an error buffer, TLS 1.2 and newer. Null: libcurl cannot be used.
CurlHandle make_curl();
void set_tls(CURL* easy, const TlsOptions& tls);
// Makes the transfer fail with CURLE_ABORTED_BY_CALLBACK soon after the patience ends. `patience`
// must outlive the transfer.
void limit_by(CURL* easy, Patience& patience);
std::string curl_error(CURL* easy, CURLcode code);

}  // namespace saker::output
