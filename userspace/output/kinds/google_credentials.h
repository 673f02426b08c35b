// SPDX-License-Identifier: Apache-2.0
// The key of a Google service account, as the cloud console hands it out. Plain data.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace saker::output {

struct GoogleCredentials {
  std::string email, key_id, key;  // key: PEM
  std::string token_url;
};

// `text`: the JSON file, or the same in base64, as Falcosidekick takes it.
Result<GoogleCredentials> read_google_credentials(std::string_view text);

}  // namespace saker::output
