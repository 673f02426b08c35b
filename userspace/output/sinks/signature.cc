// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "base/base64.h"
#include "base/library.h"
#include "output/escape.h"

namespace saker::output {
namespace {

struct Crypto {
  decltype(&::BIO_new_mem_buf) bio_new_mem_buf;
  decltype(&::BIO_free) bio_free;
  decltype(&::PEM_read_bio_PrivateKey) pem_read_bio_private_key;
  decltype(&::EVP_PKEY_free) pkey_free;
  decltype(&::EVP_MD_CTX_new) digest_new;
  decltype(&::EVP_MD_CTX_free) digest_free;
  decltype(&::EVP_sha256) sha256;
  decltype(&::EVP_DigestSignInit) sign_init;
  decltype(&::EVP_DigestSign) sign;
  decltype(&::HMAC) hmac;
  Result<void> result;

  Crypto() {
    Library library("libcrypto.so.3", "libssl3");
    library.find(bio_new_mem_buf, "BIO_new_mem_buf");
    library.find(bio_free, "BIO_free");
    library.find(pem_read_bio_private_key, "PEM_read_bio_PrivateKey");
    library.find(pkey_free, "EVP_PKEY_free");
    library.find(digest_new, "EVP_MD_CTX_new");
    library.find(digest_free, "EVP_MD_CTX_free");
    library.find(sha256, "EVP_sha256");
    library.find(sign_init, "EVP_DigestSignInit");
    library.find(sign, "EVP_DigestSign");
    library.find(hmac, "HMAC");
    result = library.ready();
  }
};

const Crypto& crypto() {
  static const Crypto once;
  return once;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key with a passphrase is refused: OpenSSL would ask the terminal for it.
int no_passphrase(char*, int, int, void*) { return -1; }

std::string base64_url(std::string_view raw) {
  std::string out;
  append_base64(out, raw);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

}  // namespace

Result<std::string> sign_rs256(std::string_view key, std::string_view text) {
  const Crypto& lib = crypto();
  if (!lib.result) return lib.result.error();
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      lib.bio_new_mem_buf(key.data(), static_cast<int>(key.size())), lib.bio_free);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pkey(
      bio ? lib.pem_read_bio_private_key(bio.get(), nullptr, no_passphrase, nullptr) : nullptr,
      lib.pkey_free);
  if (!pkey) return Error{"the private key cannot be read: it is not PEM"};
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(lib.digest_new(),
                                                                  lib.digest_free);
  std::size_t size = 0;
  std::string out;
  if (!digest || lib.sign_init(digest.get(), nullptr, lib.sha256(), nullptr, pkey.get()) != 1 ||
      lib.sign(digest.get(), nullptr, &size, bytes_of(text), text.size()) != 1)
    return Error{"the private key cannot sign"};
  out.resize(size);
  if (lib.sign(digest.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_of(text),
               text.size()) != 1)
    return Error{"the private key cannot sign"};
  out.resize(size);
  return out;
}

Result<std::string> hmac_sha256(std::string_view key, std::string_view text) {
  const Crypto& lib = crypto();
  if (!lib.result) return lib.result.error();
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (!lib.hmac(lib.sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
                reinterpret_cast<unsigned char*>(out.data()), &size))
    return Error{"the key cannot sign"};
  out.resize(size);
  return out;
}

Result<std::string> signed_token(std::string_view key, std::string_view header,
                                 std::string_view claims) {
  std::string out = base64_url(header) + "." + base64_url(claims);
  Result<std::string> signature = sign_rs256(key, out);
  if (!signature) return signature.error();
  return out + "." + base64_url(*signature);
}

}  // namespace saker::output
