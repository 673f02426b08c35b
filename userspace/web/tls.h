// SPDX-License-Identifier: Apache-2.0
// TLS for connections of the web server: 1.2 and later, with OpenSSL. One thread; the context
// outlives the channels made from it.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "service/channel.h"

namespace saker::web {

struct TlsFiles {
  std::string certificate, key;  // PEM; the certificate with what is between it and its root
  std::string client_ca;         // "": no client is asked for a certificate
  bool must_certify = false;     // a client without one is refused
};

class Tls {
 public:
  static Result<std::unique_ptr<Tls>> make(const TlsFiles& files);

  // Null: out of memory.
  std::unique_ptr<service::Channel> channel(Fd fd) const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  explicit Tls(std::unique_ptr<SSL_CTX, Free> context) : context_(std::move(context)) {}

  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace saker::web
