// SPDX-License-Identifier: Apache-2.0
#include "run/container_threads.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace saker::run {

void ContainerThreads::start(enrich::ProcessTable& table, enrich::LifeLock& life) {
  table_ = &table;
  life_ = &life;
  add();
}

void ContainerThreads::add() {
  Helper& helper = *helpers_.emplace_back(std::make_unique<Helper>(
      enrich::ContainerReader(containers_, names_, root_, more_, whose_, pods_)));
  running_.fetch_add(1, std::memory_order_relaxed);
  helper.thread = std::thread([this, &helper] { work(helper); });
}

void ContainerThreads::work(Helper& helper) {
  while (!ending_.load(std::memory_order_relaxed)) {
    const std::uint64_t now = boot_ns();
    helper.since.store(now, std::memory_order_relaxed);
    helper.reader.serve(*life_, now, [this](const enrich::Containers::Replacement& replacement) {
      return table_->relink(replacement.old, replacement.fresh);
    });
    helper.since.store(0, std::memory_order_relaxed);
    if (helper.relieved.load(std::memory_order_relaxed)) break;
    std::uint64_t next;
    {
      std::lock_guard guard(*life_);
      next = containers_.next_due(whose_);
    }
    const int wait_ms = next == ~std::uint64_t{0}
                            ? -1
                            : static_cast<int>((next - std::min(next, now)) / 1'000'000 + 1);
    pollfd bell{containers_.bell(whose_), POLLIN, 0};
    ::poll(&bell, 1, wait_ms);
    containers_.silence(whose_);
  }
  // It may have silenced a bell that rang for its successor.
  containers_.ring(whose_);
  helper.ended.store(true, std::memory_order_relaxed);
  running_.fetch_sub(1, std::memory_order_relaxed);
}

void ContainerThreads::remove_ended() {
  std::erase_if(helpers_, [](const std::unique_ptr<Helper>& helper) {
    if (!helper->ended.load(std::memory_order_relaxed)) return false;
    helper->thread.join();
    return true;
  });
}

std::string ContainerThreads::tend(std::uint64_t now) {
  if (helpers_.empty()) return "";
  remove_ended();
  Helper& helper = *helpers_.back();
  const std::uint64_t since = helper.since.load(std::memory_order_relaxed);
  if (!since || now < since + patience_ns) {
    all_held_ = false;
    return "";
  }
  const std::string of = whose_ == enrich::Whose::users ? " of a user" : "";
  const std::string what = "reading the description of a container" + of + " takes longer than " +
                           std::to_string(patience_ns / 1'000'000'000) + " s; until then, ";
  if (helpers_.size() > most_held)
    return std::exchange(all_held_, true) ? "" : what + "new ones have only their ids";
  helper.relieved.store(true, std::memory_order_relaxed);
  add();
  return what + "it has only its id";
}

void ContainerThreads::ask_to_end() {
  ending_.store(true, std::memory_order_relaxed);
  containers_.ring(whose_);
}

bool ContainerThreads::join() {
  remove_ended();
  for (const std::unique_ptr<Helper>& helper : helpers_) helper->thread.detach();
  const bool all = helpers_.empty();
  // A thread that is still held may use it at any time.
  for (std::unique_ptr<Helper>& helper : helpers_) (void)helper.release();
  helpers_.clear();
  return all;
}

}  // namespace saker::run
