// SPDX-License-Identifier: Apache-2.0
// Reads the runtimes' descriptions of containers, outside the drain threads. For one thread,
// which a file system may block; other threads may have readers of their own meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "enrich/containers.h"
#include "enrich/life_lock.h"
#include "enrich/pods.h"
#include "enrich/runtime_paths.h"
#include "enrich/user_names.h"

namespace saker::enrich {

class ContainerReader {
 public:
  // `names` has the users whose containers are read; `root` goes before every path; `more` are
  // directories from the configuration; `pods`: what the API server says, or null.
  ContainerReader(Containers& containers, UserNames& names, std::string root, RuntimePaths more,
                  Whose whose = Whose::system, const Pods* pods = nullptr)
      : containers_(containers),
        names_(names),
        root_(std::move(root)),
        more_(std::move(more)),
        whose_(whose),
        pods_(pods) {}

  // Redirects some of the images from `old` to `fresh`; true: none is left. It has the life lock.
  using Redirect = std::function<bool(const Containers::Replacement&)>;

  // Reads what is due. Holds `life` only while it takes requests and hands over results.
  void serve(LifeLock& life, std::uint64_t now, const Redirect& redirect);
  // Why the files of the last container without a result could not be read; "" if there were no
  // files.
  const std::string& why() const { return why_; }

 private:
  bool read(Containers::Wanted& wanted, std::size_t containers);
  bool read_files(const RuntimePaths& paths, Containers::Wanted& wanted);
  void describe_pod(Containers::Wanted& wanted, const Container& before) const;
  void answer(LifeLock& life, const Containers::Wanted& wanted, bool found, std::uint64_t now,
              const Redirect& redirect);

  Containers& containers_;
  UserNames& names_;
  const std::string root_;
  const RuntimePaths more_;
  const Whose whose_;
  const Pods* const pods_;
  RuntimePaths paths_;
  std::uint64_t paths_until_ = 0;
  std::string why_;
};

}  // namespace saker::enrich
