// SPDX-License-Identifier: Apache-2.0
// Keeps the table of this node's pods like the API server of Kubernetes has them: lists them, then
// watches for changes, in a thread of its own. After an error it waits, longer each time, and tries
// again; what is known stays meanwhile. For the main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "base/bell.h"
#include "base/error.h"
#include "base/log.h"
#include "enrich/pods.h"
#include "output/peer.h"
#include "run/config.h"
#include "run/kube_client.h"
#include "run/pod_owners.h"

namespace saker::run {

class PodWatch {
 public:
  // Called in its thread: there is something new about the pod whose control group has this uid, or
  // it is gone.
  using Changed = std::function<void(const std::string& uid)>;

  // Loads libcurl. `pods` and `log` must outlive it. The error: it cannot work, and what to do.
  static Result<std::unique_ptr<PodWatch>> make(const KubernetesConfig& config, enrich::Pods& pods,
                                                const Log& log, Changed changed);
  ~PodWatch() { stop(); }

  void start();
  // Ends within about a second.
  void stop();

  // Any thread. settled: all pods were listed, and their owners were asked for.
  bool settled() const { return settled_.load(std::memory_order_relaxed); }
  std::uint64_t lists() const { return lists_.load(std::memory_order_relaxed); }
  std::uint64_t events() const { return events_.load(std::memory_order_relaxed); }
  std::uint64_t errors() const { return errors_.load(std::memory_order_relaxed); }
  std::string trouble() const;  // the last error, until it works again; "": none

 private:
  // Until stop().
  class Until final : public output::Patience {
   public:
    bool wait(int fd, short events, int timeout_ms) override;
    int left_ms(int timeout_ms) override;
    void end();
    // Sleeps; ends early at the end.
    void sleep(std::uint64_t ms) const;

   private:
    std::atomic<bool> ended_{false};
    Bell bell_;
  };
  struct Step {
    std::string why = "";  // "": it succeeded
    int pause_s = 0;       // as the server asks
  };

  PodWatch(const KubernetesConfig& config, std::string url, std::string node, enrich::Pods& pods,
           const Log& log, Changed changed);
  void work();
  Step list();
  Step list_part(std::string& next);
  Step watch();
  bool take(std::string_view line, Step& step);
  bool store(const enrich::Pod& pod, Step& step);
  void put(const enrich::PodFacts& facts);
  Step complete();
  void report(const Step& step);
  std::uint64_t pause_ms(const Step& step);

  const std::string url_, node_;
  enrich::Pods& pods_;
  const Log& log_;
  const Changed changed_;
  Until until_;
  KubeClient client_;
  PodOwners owners_;
  std::minstd_rand random_;
  std::string version_;  // of what is known; "": list first
  unsigned page_ = 0;    // pods in one part of a list
  unsigned failures_ = 0;
  std::uint64_t expire_at_ = 0;                    // CLOCK_BOOTTIME, ns
  std::map<std::string, enrich::Pod> incomplete_;  // their owners are still to be asked for
  bool refusal_said_ = false;

  std::atomic<std::uint64_t> lists_{0}, events_{0}, errors_{0};
  std::atomic<bool> settled_{false};
  mutable std::mutex trouble_lock_;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace saker::run
