// SPDX-License-Identifier: Apache-2.0
// The stored form of the page's password: scrypt with its own salt, one line of a file. Checking a
// password takes about 50 ms and 16 MiB. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::web {

constexpr std::size_t least_password = 12, longest_password = 1024;  // bytes

// "scrypt:14:8:1:SALT:HASH", the last two in hexadecimal digits.
Result<std::string> hash_password(std::string_view password);

// Reads a file with the line of hash_password; the error describes what is wrong with the file.
Result<std::string> read_password_file(const std::string& path);

bool is_password(std::string_view password, const std::string& hashed);

// That many random bytes, in hexadecimal digits.
Result<std::string> random_digits(std::size_t bytes);

// A digest of a secret, to remember that it was right, as long as this process lives.
std::string secret_digest(std::string_view secret);

// Nothing: it is no base64.
std::optional<std::string> from_base64(std::string_view text);

// Compares in a time that does not depend on where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace saker::web
