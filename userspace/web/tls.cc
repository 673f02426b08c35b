// SPDX-License-Identifier: Apache-2.0
#include "web/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>

namespace saker::web {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

std::string openssl_reason() {
  const unsigned long code = ::ERR_get_error();
  const char* reason = ::ERR_reason_error_string(code);
  ::ERR_clear_error();
  return reason ? reason : "it cannot be used";
}

Error key_error(const TlsFiles& files) {
  const bool other = ERR_GET_REASON(::ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH;
  const std::string why = openssl_reason();
  if (other) return Error{"web.key " + files.key + " does not belong to " + files.certificate};
  return Error{"web.key " + files.key + ": " + why};
}

class TlsChannel final : public service::Channel {
 public:
  TlsChannel(Fd fd, std::unique_ptr<SSL, FreeSsl> ssl) : fd_(std::move(fd)), ssl_(std::move(ssl)) {}

  Outcome read(char* to, std::size_t most) override {
    ::ERR_clear_error();
    return outcome(
        ::SSL_read(ssl_.get(), to, static_cast<int>(std::min<std::size_t>(most, INT_MAX))));
  }
  Outcome write(const char* from, std::size_t bytes) override {
    ::ERR_clear_error();
    return outcome(
        ::SSL_write(ssl_.get(), from, static_cast<int>(std::min<std::size_t>(bytes, INT_MAX))));
  }
  int fd() const override { return fd_.get(); }
  bool pending() const override { return ::SSL_pending(ssl_.get()) > 0; }
  bool certified() const override {
    return ::SSL_get0_peer_certificate(ssl_.get()) &&
           ::SSL_get_verify_result(ssl_.get()) == X509_V_OK;
  }

 private:
  Outcome outcome(int moved) const {
    if (moved > 0) return {State::done, static_cast<std::size_t>(moved)};
    switch (::SSL_get_error(ssl_.get(), moved)) {
      case SSL_ERROR_WANT_READ: return {State::wants_read, 0};
      case SSL_ERROR_WANT_WRITE: return {State::wants_write, 0};
      default: return {State::closed, 0};
    }
  }

  Fd fd_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

Result<void> ask_clients(SSL_CTX* context, const TlsFiles& files) {
  if (files.client_ca.empty()) return {};
  if (::SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1)
    return Error{"web.client_ca " + files.client_ca + ": " + openssl_reason()};
  ::SSL_CTX_set_client_CA_list(context, ::SSL_load_client_CA_file(files.client_ca.c_str()));
  ::SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | (files.must_certify ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
  return {};
}

}  // namespace

void Tls::Free::operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }

Result<std::unique_ptr<Tls>> Tls::make(const TlsFiles& files) {
  std::unique_ptr<SSL_CTX, Free> context(::SSL_CTX_new(::TLS_server_method()));
  if (!context) return Error{"TLS: " + openssl_reason()};
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // What is left of a write may lie elsewhere by then; buffers of idle connections are given back.
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
  // A session that was resumed would not say what certificate began it.
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(context.get(), 0);
  if (::SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return Error{"web.certificate " + files.certificate + ": " + openssl_reason()};
  if (::SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return key_error(files);
  if (::SSL_CTX_check_private_key(context.get()) != 1) return key_error(files);
  if (Result<void> asked = ask_clients(context.get(), files); !asked) return asked.error();
  return std::unique_ptr<Tls>(new Tls(std::move(context)));
}

std::unique_ptr<service::Channel> Tls::channel(Fd fd) const {
  std::unique_ptr<SSL, FreeSsl> ssl(::SSL_new(context_.get()));
  if (!ssl || ::SSL_set_fd(ssl.get(), fd.get()) != 1) return nullptr;
  ::SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsChannel>(std::move(fd), std::move(ssl));
}

}  // namespace saker::web
