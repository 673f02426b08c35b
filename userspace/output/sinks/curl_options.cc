// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/curl_options.h"

#include <array>

namespace saker::output {
namespace {

using Message = std::array<char, CURL_ERROR_SIZE>;

// Before any thread of a sink uses it.
bool usable() {
  static const bool made = ::curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
  return made;
}

int impatient(void* patience, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Patience*>(patience)->left_ms(1000) == 0;
}

}  // namespace

void CurlRelease::operator()(CURL* curl) const {
  char* message = nullptr;
  ::curl_easy_getinfo(curl, CURLINFO_PRIVATE, &message);
  ::curl_easy_cleanup(curl);
  const std::unique_ptr<Message> owner(reinterpret_cast<Message*>(message));
}

CurlHandle make_curl() {
  if (!usable()) return nullptr;
  CurlHandle handle(::curl_easy_init());
  if (!handle) return nullptr;
  CURL* curl = handle.get();
  auto message = std::make_unique<Message>();
  ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message->data());
  ::curl_easy_setopt(curl, CURLOPT_PRIVATE, message.release());
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer keeps nobody at the end.
  ::curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
  ::curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  ::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
  return handle;
}

void set_tls(CURL* curl, const TlsOptions& tls) {
  ::curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, tls.check ? 1L : 0L);
  ::curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, tls.check ? 2L : 0L);
  if (!tls.ca_file.empty()) ::curl_easy_setopt(curl, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.ca_path.empty()) ::curl_easy_setopt(curl, CURLOPT_CAPATH, tls.ca_path.c_str());
  if (!tls.cert_file.empty()) ::curl_easy_setopt(curl, CURLOPT_SSLCERT, tls.cert_file.c_str());
  if (!tls.key_file.empty()) ::curl_easy_setopt(curl, CURLOPT_SSLKEY, tls.key_file.c_str());
}

void limit_by(CURL* curl, Patience& patience) {
  ::curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  ::curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, impatient);
  ::curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &patience);
}

std::string curl_error(CURL* curl, CURLcode code) {
  char* message = nullptr;
  ::curl_easy_getinfo(curl, CURLINFO_PRIVATE, &message);
  return message && *message ? message : ::curl_easy_strerror(code);
}

}  // namespace saker::output
