// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/curl_options.h"

#include <array>

namespace saker::output {
namespace {

using Message = std::array<char, CURL_ERROR_SIZE>;

int impatient(void* patience, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Patience*>(patience)->left_ms(1000) == 0;
}

}  // namespace

void CurlRelease::operator()(CURL* easy) const {
  char* message = nullptr;
  curl().getinfo(easy, CURLINFO_PRIVATE, &message);
  curl().easy_cleanup(easy);
  const std::unique_ptr<Message> owner(reinterpret_cast<Message*>(message));
}

CurlHandle make_curl() {
  if (!load_curl()) return nullptr;
  CurlHandle handle(curl().easy_init());
  if (!handle) return nullptr;
  CURL* easy = handle.get();
  auto message = std::make_unique<Message>();
  curl().setopt(easy, CURLOPT_ERRORBUFFER, message->data());
  curl().setopt(easy, CURLOPT_PRIVATE, message.release());
  curl().setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer must not delay the shutdown.
  curl().setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl().setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl().setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
  return handle;
}

void set_tls(CURL* easy, const TlsOptions& tls) {
  curl().setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.check ? 1L : 0L);
  curl().setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.check ? 2L : 0L);
  if (!tls.ca_file.empty()) curl().setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.ca_path.empty()) curl().setopt(easy, CURLOPT_CAPATH, tls.ca_path.c_str());
  if (!tls.cert_file.empty()) curl().setopt(easy, CURLOPT_SSLCERT, tls.cert_file.c_str());
  if (!tls.key_file.empty()) curl().setopt(easy, CURLOPT_SSLKEY, tls.key_file.c_str());
}

void limit_by(CURL* easy, Patience& patience) {
  curl().setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl().setopt(easy, CURLOPT_XFERINFOFUNCTION, impatient);
  curl().setopt(easy, CURLOPT_XFERINFODATA, &patience);
}

std::string curl_error(CURL* easy, CURLcode code) {
  char* message = nullptr;
  curl().getinfo(easy, CURLINFO_PRIVATE, &message);
  return message && *message ? message : curl().strerror(code);
}

}  // namespace saker::output
