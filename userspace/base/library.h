// SPDX-License-Identifier: Apache-2.0
// A shared library that is loaded on first use and stays loaded. A process that does not use it
// neither spends memory nor start-up time on it. Any thread.
#pragma once

#include <dlfcn.h>

#include <string>

#include "base/error.h"

namespace saker {

class Library {
 public:
  // `package`: the name of the Debian package, for the message.
  Library(const char* file, const char* package) : handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_)
      problem_ = std::string("the library ") + file + " cannot be loaded (apt-get install " +
                 package + ")";
  }

  // Sets `to` to the function with that name.
  template <typename Function>
  void find(Function& to, const char* name) {
    to = handle_ ? reinterpret_cast<Function>(::dlsym(handle_, name)) : nullptr;
    if (!to && problem_.empty()) problem_ = std::string("the library has no function ") + name;
  }

  // Call it after every function was looked up.
  Result<void> ready() const { return problem_.empty() ? Result<void>() : Error{problem_}; }

 private:
  void* const handle_;
  std::string problem_;
};

}  // namespace saker
