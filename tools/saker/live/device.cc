// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/clock.h"
#include "base/log.h"
#include "capture/kmod.h"
#include "run/pipeline.h"
#include "service/recorder.h"
#include "service/report/status.h"
#include "sources.h"

namespace saker::cli {
namespace {

constexpr std::size_t most_waiting = 64u << 20;  // bytes of blocks that were not taken yet
constexpr std::uint64_t tend_ns = 1'000'000'000;

// Passes blocks from the recording thread to this one.
class Handover {
 public:
  bool put(std::string_view block) {
    std::lock_guard guard(lock_);
    if (bytes_ + block.size() > most_waiting) return false;
    bytes_ += block.size();
    blocks_.emplace_back(block);
    came_.notify_one();
    return true;
  }
  void close(const run::TapTotals& totals) {
    std::lock_guard guard(lock_);
    totals_ = totals;
    came_.notify_one();
  }
  // Nothing: no block arrived, or, if totals() is set, none will.
  std::optional<std::string> take(std::chrono::milliseconds wait) {
    std::unique_lock guard(lock_);
    came_.wait_for(guard, wait, [this] { return !blocks_.empty() || totals_; });
    if (blocks_.empty()) return std::nullopt;
    std::string block = std::move(blocks_.front());
    blocks_.pop_front();
    bytes_ -= block.size();
    return block;
  }
  std::optional<run::TapTotals> totals() {
    std::lock_guard guard(lock_);
    return totals_;
  }

 private:
  std::mutex lock_;
  std::condition_variable came_;
  std::deque<std::string> blocks_;
  std::size_t bytes_ = 0;
  std::optional<run::TapTotals> totals_;
};

class HandoverSink final : public run::TapSink {
 public:
  explicit HandoverSink(Handover& to) : to_(to) {}
  bool take(std::string_view block, const recording::BlockHead&) override { return to_.put(block); }
  void end(const run::TapTotals& totals) override { to_.close(totals); }

 private:
  Handover& to_;
};

class DeviceLive final : public Live {
 public:
  explicit DeviceLive(std::unique_ptr<capture::Kmod> source) : source_(std::move(source)) {}

  std::string describe() const override { return source_->name(); }
  Result<std::optional<std::string>> next(int timeout_ms) override;
  Result<void> stop() override {
    pipeline_->end_recording(number_);
    return {};
  }
  Result<void> begin(const LiveOptions& options);

 private:
  Log log_{LogLevel::warning};
  std::unique_ptr<capture::Kmod> source_;
  Handover handover_;
  std::unique_ptr<run::Pipeline> pipeline_;
  std::uint64_t number_ = 0, next_tend_ = 0;
};

Result<void> DeviceLive::begin(const LiveOptions& options) {
  run::RecordedConfig wanted;
  wanted.all_events = true;
  wanted.filter = options.filter;
  Result<run::TapOptions> tap =
      service::tap_options(wanted, source_->supported(), options.rules_files);
  if (!tap) return tap.error();
  tap->cut_ns = std::uint64_t{options.cut_ms} * 1'000'000;
  Result<std::unique_ptr<run::Generation>> no_rules = run::empty_generation();
  if (!no_rules) return no_rules.error();
  description_ = run::recording_description("", "saker");
  run::PipelineOptions how;
  how.ignore_pid = static_cast<std::uint32_t>(::getpid());
  Result<std::unique_ptr<run::Pipeline>> pipeline = run::Pipeline::make(*source_, log_, how);
  if (!pipeline) return pipeline.error();
  pipeline_ = std::move(*pipeline);
  if (auto started = pipeline_->start(std::move(*no_rules), {}, {}); !started)
    return started.error();
  auto number = pipeline_->record(std::move(*tap), std::make_unique<HandoverSink>(handover_));
  if (!number) return number.error();
  number_ = *number;
  return {};
}

Result<std::optional<std::string>> DeviceLive::next(int timeout_ms) {
  if (const std::uint64_t now = boot_ns(); now >= next_tend_) {
    next_tend_ = now + tend_ns;
    pipeline_->housekeeping();
    if (std::string why = pipeline_->failure(); !why.empty()) return Error{why};
  }
  std::optional<std::string> block = handover_.take(std::chrono::milliseconds(timeout_ms));
  if (!block)
    if (std::optional<run::TapTotals> totals = handover_.totals())
      end_ = {totals->events, totals->lost + service::totals(*pipeline_).lost};
  return block;
}

}  // namespace

Result<std::unique_ptr<Live>> open_device(const LiveOptions& options) {
  capture::KmodOptions how;
  if (!options.device.empty()) how.device = options.device;
  Result<std::unique_ptr<capture::Kmod>> source = capture::Kmod::open(how);
  if (!source) return source.error();
  auto live = std::make_unique<DeviceLive>(std::move(*source));
  if (Result<void> begun = live->begin(options); !begun) return begun.error();
  return std::unique_ptr<Live>(std::move(live));
}

Result<std::unique_ptr<Live>> Live::open(const LiveOptions& options) {
  Result<std::unique_ptr<Live>> daemon = open_daemon(options);
  if (daemon || (daemon.error().code != ENOENT && daemon.error().code != ECONNREFUSED))
    return daemon;
  if (options.rules_only) return daemon;
  return open_device(options);
}

}  // namespace saker::cli
