// SPDX-License-Identifier: Apache-2.0
// Reads what runtimes wrote of containers, off the drain threads. One thread; only it may be held
// up by a file system.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "enrich/containers.h"
#include "enrich/runtime_paths.h"

namespace saker::enrich {

class ContainerReader {
 public:
  // `root` goes before every path; `more` are places that the configuration names.
  ContainerReader(Containers& containers, std::string root, RuntimePaths more)
      : containers_(containers), root_(std::move(root)), more_(std::move(more)) {}

  // Reads what is due. `life` is held only to take what is wanted and to hand over what was found.
  void serve(std::mutex& life, std::uint64_t now, const Containers::Replace& replace);
  // Why the files of the last container that has none could not be read; "" where there simply were
  // none.
  const std::string& why() const { return why_; }

 private:
  bool read(Containers::Wanted& wanted);

  Containers& containers_;
  const std::string root_;
  const RuntimePaths more_;
  RuntimePaths paths_;
  std::uint64_t paths_until_ = 0;
  std::string why_;
};

}  // namespace saker::enrich
