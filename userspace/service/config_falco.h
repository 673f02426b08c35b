// SPDX-License-Identifier: Apache-2.0
// What Falco's configuration (0.45, and what its older versions had) has and this one has not: a
// key of it is a warning that says why it has no effect, so that a configuration that was carried
// over is never refused for it. Pure data, any thread.
#pragma once

#include <string_view>

namespace saker::service {

struct FalcoKey {
  std::string_view path;  // a key, or a section as a whole
  std::string_view why;   // why it has no effect, and what does the same
};

// The row of a key, or of a section that it lies in; null: Falco has no such key, or Saker has it
// too.
const FalcoKey* find_falco_key(std::string_view path);

// Whether some row lies in this section.
bool is_falco_section(std::string_view path);

}  // namespace saker::service
