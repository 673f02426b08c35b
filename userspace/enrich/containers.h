// SPDX-License-Identifier: Apache-2.0
// The containers that processes are in, by the path of their control group. All but counts under the life lock.
// A container's metadata are files its runtime wrote; they are read when its first process is seen, and again a few times
// later if they were not there yet.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "enrich/container.h"

namespace saker::enrich {

class Containers {
 public:
  // `root` goes before every path of a runtime's file.
  explicit Containers(std::string root = "") : root_(std::move(root)) {}

  // The container of a control group, null for the host; one reference is the caller's.
  const Container* hold(std::string_view cgroup);
  // One reference more, or less. The last one frees it: no reader may be left then.
  void hold(const Container* container);
  void drop(const Container* container);

  // Looks again for files that were missing, if it is time. For each container that has metadata now `replace(old, fresh)`
  // is called: it must turn every reference to `old` over to `fresh`. `old` stays valid while someone holds it.
  void retry(std::uint64_t now, const std::function<void(const Container*, const Container*)>& replace);

  // Any thread.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    Container container;
    std::uint64_t refs = 0;
    bool current = true;  // by_id_ points to it
    unsigned tries = 0;
    std::uint64_t next_try = 0;
  };
  static Entry* entry(const Container* container);

  std::string root_;
  std::atomic<std::size_t> count_{0};
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> by_id_;
  std::map<const Container*, std::unique_ptr<Entry>> replaced_;
};

}  // namespace saker::enrich
