// SPDX-License-Identifier: Apache-2.0
#include "base/library.h"

#include <dlfcn.h>

namespace saker {

Library::Library(const char* file, const char* package)
    : handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
  if (!handle_)
    problem_ =
        std::string("the library ") + file + " cannot be loaded (apt-get install " + package + ")";
}

void* Library::find(const char* name) {
  void* const found = handle_ ? ::dlsym(handle_, name) : nullptr;
  if (!found && problem_.empty()) problem_ = std::string("the library has no function ") + name;
  return found;
}

}  // namespace saker
