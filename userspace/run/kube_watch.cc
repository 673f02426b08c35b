// SPDX-License-Identifier: Apache-2.0
#include "run/kube_watch.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "output/escape.h"
#include "output/sinks/http_client.h"

namespace saker::run {
namespace {

constexpr std::uint64_t ns_per_s = 1'000'000'000;
// The server ends a watch after this long, so that watches spread over its instances. About once a
// minute it sends the version even if nothing happens.
constexpr int watch_s = 300, watch_jitter_s = 60, quiet_s = 150, grace_s = 30;
// So much later than asked for another list may begin: a part of that time.
constexpr std::uint64_t jitter_share = 6;
constexpr unsigned whole_page = 100, most_parts = 5000;
// Waits after errors: doubled each time, and at random from a half of it on, so that the nodes of a
// cluster do not come all at once.
constexpr std::uint64_t first_pause_ms = 1000, longest_pause_ms = 60'000;
// A watch that lasted so long was a good one, even if nothing happened.
constexpr std::uint64_t long_watch_s = 10;
// After so many failed watches in a row the version may be one that the server does not have.
constexpr unsigned watches_before_list = 3;

std::string hint_of(int status, const std::string& name) {
  if (status == 401) return "\n  hint: the token of kubernetes.token_file is not valid";
  if (status == 403)
    return "\n  hint: the account needs a ClusterRole that may list and watch " + name +
           " (in the chart: kubernetes.enabled)";
  return "";
}

}  // namespace

bool KubeWatch::Until::wait(int fd, short events, int timeout_ms) {
  pollfd both[] = {{fd, events, 0}, {bell_.fd(), POLLIN, 0}};
  return ::poll(both, 2, timeout_ms) > 0 && both[0].revents != 0 &&
         !ended_.load(std::memory_order_relaxed);
}

int KubeWatch::Until::left_ms(int timeout_ms) {
  return ended_.load(std::memory_order_relaxed) ? 0 : timeout_ms;
}

void KubeWatch::Until::end() {
  ended_.store(true, std::memory_order_relaxed);
  bell_.ring();
}

void KubeWatch::Until::sleep(std::uint64_t ms) const {
  pollfd bell{bell_.fd(), POLLIN, 0};
  ::poll(&bell, 1, static_cast<int>(ms));
}

KubeWatch::KubeWatch(const KubernetesConfig& config, const std::string& url, Words words,
                     KubeKind& kind, const Log& log)
    : words_(std::move(words)),
      what_(words_.description + " from " + url),
      kind_(kind),
      log_(log),
      client_(config, url, until_),
      random_(std::random_device{}()) {}

void KubeWatch::start() {
  thread_ = std::thread([this] { work(); });
}

void KubeWatch::stop() {
  until_.end();
  if (thread_.joinable()) thread_.join();
}

std::string KubeWatch::trouble() const {
  std::lock_guard guard(trouble_lock_);
  return trouble_;
}

void KubeWatch::work() {
  while (until_.left_ms(1) != 0) {
    if (boot_ns() >= expire_at_) version_.clear();
    const bool listing = version_.empty();
    Step step = listing ? list() : complete();
    // The pauses become short again only when a watch succeeds, too.
    if (listing && step.why.empty()) report(step);
    if (step.why.empty()) step = watch();
    if (until_.left_ms(1) == 0) return;
    if (!step.why.empty()) {
      failures_++;
      if (failures_ % watches_before_list == 0) version_.clear();
    }
    report(step);
    until_.sleep(pause_ms(step));
  }
}

// Also after a watch that ended well: one that ends at once must not be asked for all the time.
std::uint64_t KubeWatch::pause_ms(const Step& step) {
  const unsigned doubled = std::min(failures_ > 0 ? failures_ - 1 : 0, 10u);
  const std::uint64_t most = std::min(first_pause_ms << doubled, longest_pause_ms);
  const std::uint64_t ms = std::uniform_int_distribution<std::uint64_t>(most / 2, most)(random_);
  return std::max<std::uint64_t>(ms, static_cast<std::uint64_t>(step.pause_s) * 1000);
}

void KubeWatch::report(const Step& step) {
  if (!step.why.empty()) errors_.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard guard(trouble_lock_);
  if (step.why == trouble_) return;
  trouble_ = step.why;
  if (trouble_.empty())
    log_.info(what_ + ": it works again");
  else
    log_.warning(what_ + ": " + trouble_);
}

KubeWatch::Step KubeWatch::list() {
  page_ = whole_page;
  kind_.begin_list();
  std::string next;
  for (unsigned part = 0; part < most_parts; part++) {
    if (Step step = list_part(next); !step.why.empty()) return step;
    if (!next.empty()) continue;
    kind_.end_list();
    lists_.fetch_add(1, std::memory_order_relaxed);
    if (boot_ns() >= expire_at_) {
      kind_.expire();
      const std::uint64_t later =
          std::uniform_int_distribution<std::uint64_t>(0, words_.again_s / jitter_share)(random_);
      expire_at_ = boot_ns() + (words_.again_s + later) * ns_per_s;
    }
    log_.write(lists() == 1 ? LogLevel::info : LogLevel::debug,
               what_ + ": " + std::to_string(kind_.count()));
    return complete();
  }
  return {"the list of " + words_.name + " has no end"};
}

KubeWatch::Step KubeWatch::refused(const KubeAnswer& answer) const {
  return {"the server answers " + std::to_string(answer.status) + output::excerpt(answer.text) +
              hint_of(answer.status, words_.name),
          answer.retry_after_s};
}

// One part, from `next` on; afterwards `next` is the following part, or "".
KubeWatch::Step KubeWatch::list_part(std::string& next) {
  for (;;) {
    std::string path = words_.path + "limit=" + std::to_string(page_);
    if (!next.empty()) path += "&continue=" + output::url_escaped(next);
    const KubeAnswer answer = client_.get(path);
    if (answer.too_long && page_ > 1) {
      // A user who may create objects can make them as long as the server takes them.
      page_ = std::max(page_ / 4, 1u);
      continue;
    }
    if (!answer.error.empty()) return {answer.error};
    if (answer.status != 200) return refused(answer);
    std::optional<enrich::KubeList> list = kind_.take_part(answer.text);
    if (!list) return {"the answer is not a list of " + words_.name};
    next = std::move(list->next);
    version_ = next.empty() ? list->version : "";
    return {};
  }
}

KubeWatch::Step KubeWatch::watch() {
  const int seconds = watch_s + std::uniform_int_distribution<int>(0, watch_jitter_s)(random_);
  const std::string path = words_.path + "watch=1&allowWatchBookmarks=true" +
                           "&timeoutSeconds=" + std::to_string(seconds) +
                           "&resourceVersion=" + output::url_escaped(version_);
  Step step;
  const std::uint64_t began = boot_ns();
  const KubeAnswer answer = client_.lines(path, seconds + grace_s, quiet_s,
                                          [&](std::string_view line) { return take(line, step); });
  if (boot_ns() - began >= long_watch_s * ns_per_s) failures_ = 0;
  if (!step.why.empty()) return step;
  if (answer.status == 410 || answer.too_long) version_.clear();
  if (!answer.error.empty()) return {answer.error};
  if (answer.status != 200) return refused(answer);
  return {};
}

// One line of a watch. False: the watch is to end, because of `step`.
bool KubeWatch::take(std::string_view line, Step& step) {
  std::optional<enrich::KubeEvent> event = kind_.take_event(line);
  if (!event || event->kind == enrich::KubeEvent::Kind::error) {
    version_.clear();
    step.why = event ? "the watch ended: " + event->why : "a line of the watch is not an event";
    return false;
  }
  failures_ = 0;
  if (!trouble().empty()) report({});
  events_.fetch_add(1, std::memory_order_relaxed);
  version_ = event->version;
  step = complete();
  return step.why.empty();
}

KubeWatch::Step KubeWatch::complete() {
  std::string why = kind_.complete();
  if (why.empty()) settled_.store(true, std::memory_order_relaxed);
  return {std::move(why)};
}

}  // namespace saker::run
