// SPDX-License-Identifier: Apache-2.0
// Loads on a thread of its own, so that the main thread answers meanwhile, however many rules there
// are. Everything is the main thread's but what is loaded.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/bell.h"
#include "service/load.h"

namespace saker::service {

class ConfigLoader {
 public:
  using Load = std::function<Result<LoadedConfig>()>;

  explicit ConfigLoader(Load load) : work_(std::make_unique<Work>()) {
    work_->load = std::move(load);
  }
  ~ConfigLoader();

  // False: it loads already; what it reads may be too old by now.
  bool start();
  bool busy() const { return thread_.joinable(); }
  // Readable when take() has something.
  int fd() const { return work_->done_bell.fd(); }
  std::optional<Result<LoadedConfig>> take();
  // Whether it has ended within the time; a file system may hold it.
  bool await(int ms);

 private:
  // Left behind, with the thread, where that has not ended.
  struct Work {
    Load load;
    Bell done_bell;
    std::atomic<bool> done{false};
    std::optional<Result<LoadedConfig>> result;  // the thread's until `done`
  };
  std::unique_ptr<Work> work_;
  std::thread thread_;
};

}  // namespace saker::service
