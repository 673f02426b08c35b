// SPDX-License-Identifier: Apache-2.0
// A shared library that is loaded on first use and stays loaded. A process that does not use it
// neither spends memory nor start-up time on it. Any thread.
#pragma once

#include <cerrno>
#include <string>

#include "base/error.h"

namespace saker {

class Library {
 public:
  // `package`: the name of the Debian package, for the message.
  Library(const char* file, const char* package);

  // Sets `to` to the function with that name.
  template <typename Function>
  void find(Function& to, const char* name) {
    to = reinterpret_cast<Function>(find(name));
  }

  // Call it after every function was looked up. The code of an error is ELIBACC.
  Result<void> ready() const {
    return problem_.empty() ? Result<void>() : Error{problem_, ELIBACC};
  }

 private:
  void* find(const char* name);

  void* const handle_;
  std::string problem_;
};

}  // namespace saker
