// SPDX-License-Identifier: Apache-2.0
// Keys of Falco's configuration (0.45 and older versions) that Saker does not have. Such a key
// causes a warning that says why it has no effect, so that a configuration taken over from Falco is
// never refused because of it. Pure data, any thread.
#pragma once

#include <string_view>

namespace saker::service {

struct FalcoKey {
  std::string_view path;  // a key, or a section as a whole
  std::string_view why;   // why it has no effect, and what replaces it
};

// The row of a key, or of the section that contains it; null: Falco has no such key, or Saker has
// it too.
const FalcoKey* find_falco_key(std::string_view path);

// Whether some row belongs to this section.
bool is_falco_section(std::string_view path);

}  // namespace saker::service
