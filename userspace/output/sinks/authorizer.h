// SPDX-License-Identifier: Apache-2.0
// The Authorization header of outputs to Google's and Microsoft's clouds: a token that a server
// hands out for signed credentials, or a signature with an end. Both are kept until shortly before
// they expire. One thread, the sink's.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "output/kinds/recipe.h"
#include "output/kinds/settings.h"
#include "output/peer.h"
#include "output/sinks/http_client.h"

namespace saker::output {

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // The header's value; may ask a server for it. An empty error: the time was up.
  Result<std::string> value(Patience& patience);
  // The server refused it: the next call makes another one.
  void forget() { value_.clear(); }

 protected:
  struct Made {
    std::string value;
    std::uint64_t lasts_s = 0;
  };
  virtual Result<Made> make(Patience& patience) = 0;

 private:
  std::string value_;
  std::uint64_t until_ = 0;  // CLOCK_BOOTTIME, ns
};

// Null: the recipe needs none. `options`: for asking servers; its signature is not used.
Result<std::unique_ptr<Authorizer>> make_authorizer(const Recipe& recipe, const Settings& settings,
                                                    HttpOptions options);

}  // namespace saker::output
