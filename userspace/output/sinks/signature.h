// SPDX-License-Identifier: Apache-2.0
// The signatures that clouds ask for, by OpenSSL's libcrypto, which is loaded for the first output
// that needs one. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::output {

// RSA with SHA-256 (RS256 of RFC 7518). `key`: PEM.
Result<std::string> sign_rs256(std::string_view key, std::string_view text);
Result<std::string> hmac_sha256(std::string_view key, std::string_view text);

// A JSON Web Token (RFC 7519): header and claims are JSON.
Result<std::string> signed_token(std::string_view key, std::string_view header,
                                 std::string_view claims);

}  // namespace saker::output
