// SPDX-License-Identifier: Apache-2.0
// Asks the host's name service (NSS, nsswitch.conf) for the name of a number: local files, LDAP,
// SSSD, systemd. An answer may take any time, so only the thread that owns UserNames::serve() asks.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "enrich/users.h"

namespace saker::enrich {

class NameService {
 public:
  virtual ~NameService() = default;
  // Nothing: the number has no name. An error: the service did not answer, so ask again later.
  virtual Result<std::optional<Users::User>> user(std::uint32_t uid) = 0;
  virtual Result<std::optional<Users::Group>> group(std::uint32_t gid) = 0;
};

// That of this system, by getpwuid_r(3) and getgrgid_r(3).
class SystemNames final : public NameService {
 public:
  Result<std::optional<Users::User>> user(std::uint32_t uid) override;
  Result<std::optional<Users::Group>> group(std::uint32_t gid) override;
};

}  // namespace saker::enrich
