// SPDX-License-Identifier: Apache-2.0
#include "web/password.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>

#include "base/fd.h"
#include "base/file.h"

namespace saker::web {
namespace {

constexpr std::string_view head = "scrypt:14:8:1:";
constexpr std::uint64_t cost = 1u << 14, block = 8, lanes = 1, most_memory = 32u << 20;
constexpr std::size_t salt_bytes = 16, hash_bytes = 32;

using Hash = std::array<unsigned char, hash_bytes>;

std::string in_digits(const unsigned char* bytes, std::size_t count) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < count; i++) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

// The salt is used as it is written.
std::optional<Hash> scrypt(std::string_view password, std::string_view salt) {
  Hash out;
  if (::EVP_PBE_scrypt(password.data(), password.size(),
                       reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), cost,
                       block, lanes, most_memory, out.data(), out.size()) != 1)
    return std::nullopt;
  return out;
}

// SALT:HASH of a line as it should be; nothing: it is none.
std::optional<std::pair<std::string_view, std::string_view>> parts(std::string_view line) {
  if (!line.starts_with(head)) return std::nullopt;
  line.remove_prefix(head.size());
  const std::string_view salt = line.substr(0, line.find(':'));
  if (salt.size() != 2 * salt_bytes || line.size() != salt.size() + 1 + 2 * hash_bytes)
    return std::nullopt;
  const std::string_view hash = line.substr(salt.size() + 1);
  if (!is_digits(salt) || !is_digits(hash)) return std::nullopt;
  return std::pair{salt, hash};
}

}  // namespace

Result<std::string> random_digits(std::size_t bytes) {
  std::string raw(bytes, '\0');
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1)
    return Error{"there are no random numbers"};
  return in_digits(reinterpret_cast<const unsigned char*>(raw.data()), bytes);
}

std::string secret_digest(std::string_view secret) {
  Hash out;
  ::EVP_Digest(secret.data(), secret.size(), out.data(), nullptr, ::EVP_sha256(), nullptr);
  return in_digits(out.data(), out.size());
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4 * longest_password)
    return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int bytes = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  if (bytes < 0) return std::nullopt;
  // It counts what fills the last block up.
  const std::size_t filled = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(bytes) - filled);
  return out;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> hash_password(std::string_view password) {
  if (password.size() < least_password)
    return Error{"the password has fewer than " + std::to_string(least_password) + " bytes"};
  if (password.size() > longest_password) return Error{"the password is too long"};
  Result<std::string> salt = random_digits(salt_bytes);
  if (!salt) return salt.error();
  const std::optional<Hash> hash = scrypt(password, *salt);
  if (!hash) return Error{"scrypt: there is no memory for it"};
  return std::string(head) + *salt + ":" + in_digits(hash->data(), hash->size());
}

Result<std::string> read_password_file(const std::string& path) {
  Result<std::string> text = read_regular_file(path, 4096);
  if (!text) return text.error();
  struct stat st {};
  if (::stat(path.c_str(), &st) == 0 && (st.st_mode & 07) != 0)
    return Error{path + ": every user may read or change it; run: chmod o= " + path};
  const std::string line = text->substr(0, text->find('\n'));
  if (!parts(line))
    return Error{path + ": it is no file of a password; make it with: saker web password"};
  return line;
}

bool is_password(std::string_view password, const std::string& hashed) {
  const auto known = parts(hashed);
  if (!known || password.size() > longest_password) return false;
  const std::optional<Hash> hash = scrypt(password, known->first);
  return hash && same_secret(in_digits(hash->data(), hash->size()), known->second);
}

}  // namespace saker::web
