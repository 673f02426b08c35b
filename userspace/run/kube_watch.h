// SPDX-License-Identifier: Apache-2.0
// Keeps what the API server of Kubernetes has of one kind: lists it, then watches for changes, in a
// thread of its own. After an error it waits, longer each time, and tries again; what is known
// stays meanwhile. What is done with the objects is a KubeKind. For the main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "base/bell.h"
#include "base/log.h"
#include "enrich/kube_json.h"
#include "output/peer.h"
#include "run/config.h"
#include "run/kube_client.h"

namespace saker::run {

// One kind of objects. All is called in the thread of the watch.
class KubeKind {
 public:
  virtual ~KubeKind() = default;
  // Between the first and the last, each part of a list; nothing: it is no such list.
  virtual void begin_list() = 0;
  virtual std::optional<enrich::KubeList> take_part(std::string_view json) = 0;
  virtual void end_list() = 0;
  // A line of a watch; nothing: it is no event.
  virtual std::optional<enrich::KubeEvent> take_event(std::string_view line) = 0;
  // Asks for what the objects refer to. The result: why that cannot be had now; "": it is known.
  virtual std::string complete() { return ""; }
  // What objects refer to is to be asked for once more.
  virtual void expire() {}
  virtual std::size_t count() const = 0;
};

class KubeWatch {
 public:
  struct Words {
    std::string name;         // pods
    std::string path;         // with the begin of a query: up to ? or &
    std::string description;  // for messages: "pods of node n"
    std::uint64_t again_s;    // so long after a list comes another one
  };

  // `kind` and `log` must outlive it. libcurl must be loaded.
  KubeWatch(const KubernetesConfig& config, const std::string& url, Words words, KubeKind& kind,
            const Log& log);
  ~KubeWatch() { stop(); }

  void start();
  // Ends within about a second.
  void stop();

  // Of its thread.
  KubeClient& client() { return client_; }
  // Waits; ends early at the end.
  void sleep(std::uint64_t ms) const { until_.sleep(ms); }

  // Any thread. settled: all were listed, and the list is complete.
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

  void work();
  Step list();
  Step list_part(std::string& next);
  Step watch();
  bool take(std::string_view line, Step& step);
  Step complete();
  Step refused(const KubeAnswer& answer) const;
  void report(const Step& step);
  std::uint64_t pause_ms(const Step& step);

  const Words words_;
  const std::string what_;
  KubeKind& kind_;
  const Log& log_;
  Until until_;
  KubeClient client_;
  std::minstd_rand random_;
  std::string version_;  // of what is known; "": list first
  unsigned page_ = 0;    // objects in one part of a list
  unsigned failures_ = 0;
  std::uint64_t expire_at_ = 0;  // CLOCK_BOOTTIME, ns

  std::atomic<std::uint64_t> lists_{0}, events_{0}, errors_{0};
  std::atomic<bool> settled_{false};
  mutable std::mutex trouble_lock_;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace saker::run
