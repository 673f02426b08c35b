// SPDX-License-Identifier: Apache-2.0
#include "run/pod_watch.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "enrich/kube_json.h"
#include "output/escape.h"
#include "output/sinks/curl_library.h"
#include "output/sinks/http_client.h"
#include "output/sinks/kube_api.h"
#include "run/generation.h"

namespace saker::run {
namespace {

constexpr std::uint64_t ns_per_s = 1'000'000'000;
// The server ends a watch after this long, so that watches spread over its instances. About once a
// minute it sends the version even if nothing happens.
constexpr int watch_s = 300, watch_jitter_s = 60, quiet_s = 150, grace_s = 30;
// So long after a list the pods are listed once more, and their owners asked for again.
constexpr std::uint64_t list_again_s = 3600, list_jitter_s = 600;
constexpr unsigned whole_page = 100, most_parts = 5000;
// Waits after errors: doubled each time, and at random from a half of it on, so that the nodes of a
// cluster do not come all at once.
constexpr std::uint64_t first_pause_ms = 1000, longest_pause_ms = 60'000;
// A watch that lasted so long was a good one, even if nothing happened.
constexpr std::uint64_t long_watch_s = 10;
// After so many failed watches in a row the version may be one that the server does not have.
constexpr unsigned watches_before_list = 3;

std::string hint_of(int status) {
  if (status == 401) return "\n  hint: the token of kubernetes.token_file is not valid";
  if (status == 403)
    return "\n  hint: the account needs a ClusterRole that may list and watch pods (in the chart: "
           "kubernetes.enabled)";
  return "";
}

}  // namespace

bool PodWatch::Until::wait(int fd, short events, int timeout_ms) {
  pollfd both[] = {{fd, events, 0}, {bell_.fd(), POLLIN, 0}};
  return ::poll(both, 2, timeout_ms) > 0 && both[0].revents != 0 &&
         !ended_.load(std::memory_order_relaxed);
}

int PodWatch::Until::left_ms(int timeout_ms) {
  return ended_.load(std::memory_order_relaxed) ? 0 : timeout_ms;
}

void PodWatch::Until::end() {
  ended_.store(true, std::memory_order_relaxed);
  bell_.ring();
}

void PodWatch::Until::sleep(std::uint64_t ms) const {
  pollfd bell{bell_.fd(), POLLIN, 0};
  ::poll(&bell, 1, static_cast<int>(ms));
}

Result<std::unique_ptr<PodWatch>> PodWatch::make(const KubernetesConfig& config, enrich::Pods& pods,
                                                 const Log& log, Changed changed) {
  if (Result<void> loaded = output::load_curl(); !loaded)
    return Error{"[kubernetes]: " + loaded.error().message};
  std::string url = output::kube_url(config.apiserver);
  if (url.empty())
    return Error{
        "[kubernetes]: there is no server of Kubernetes\n"
        "  hint: add apiserver = \"https://HOST:6443\""};
  return std::unique_ptr<PodWatch>(new PodWatch(config, std::move(url),
                                                config.node.empty() ? host_name() : config.node,
                                                pods, log, std::move(changed)));
}

PodWatch::PodWatch(const KubernetesConfig& config, std::string url, std::string node,
                   enrich::Pods& pods, const Log& log, Changed changed)
    : url_(std::move(url)),
      node_(std::move(node)),
      pods_(pods),
      log_(log),
      changed_(std::move(changed)),
      client_(config, url_, until_),
      owners_(client_),
      random_(std::random_device{}()) {}

void PodWatch::start() {
  thread_ = std::thread([this] { work(); });
}

void PodWatch::stop() {
  until_.end();
  if (thread_.joinable()) thread_.join();
}

std::string PodWatch::trouble() const {
  std::lock_guard guard(trouble_lock_);
  return trouble_;
}

void PodWatch::work() {
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
std::uint64_t PodWatch::pause_ms(const Step& step) {
  const unsigned doubled = std::min(failures_ > 0 ? failures_ - 1 : 0, 10u);
  const std::uint64_t most = std::min(first_pause_ms << doubled, longest_pause_ms);
  const std::uint64_t ms = std::uniform_int_distribution<std::uint64_t>(most / 2, most)(random_);
  return std::max<std::uint64_t>(ms, static_cast<std::uint64_t>(step.pause_s) * 1000);
}

void PodWatch::report(const Step& step) {
  if (!step.why.empty()) errors_.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard guard(trouble_lock_);
  if (step.why == trouble_) return;
  trouble_ = step.why;
  const std::string what = "pods of node " + node_ + " from " + url_;
  if (trouble_.empty())
    log_.info(what + ": it works again");
  else
    log_.warning(what + ": " + trouble_);
}

PodWatch::Step PodWatch::list() {
  page_ = whole_page;
  incomplete_.clear();
  pods_.begin_list();
  std::string next, version;
  for (unsigned part = 0; part < most_parts; part++) {
    if (Step step = list_part(next); !step.why.empty()) return step;
    if (!next.empty()) continue;
    for (const std::string& uid : pods_.end_list()) changed_(uid);
    lists_.fetch_add(1, std::memory_order_relaxed);
    if (boot_ns() >= expire_at_) {
      owners_.expire();
      const auto later = std::uniform_int_distribution<std::uint64_t>(0, list_jitter_s)(random_);
      expire_at_ = boot_ns() + (list_again_s + later) * ns_per_s;
    }
    log_.write(lists() == 1 ? LogLevel::info : LogLevel::debug,
               "pods of node " + node_ + " from " + url_ + ": " + std::to_string(pods_.count()));
    return complete();
  }
  return {"the list of pods has no end"};
}

// One part, from `next` on; afterwards `next` is the following part, or "".
PodWatch::Step PodWatch::list_part(std::string& next) {
  for (;;) {
    std::string path = "/api/v1/pods?fieldSelector=spec.nodeName%3D" + output::url_escaped(node_) +
                       "&limit=" + std::to_string(page_);
    if (!next.empty()) path += "&continue=" + output::url_escaped(next);
    const KubeAnswer answer = client_.get(path);
    if (answer.too_long && page_ > 1) {
      // A user who may create pods can make them as long as the server takes them.
      page_ = std::max(page_ / 4, 1u);
      continue;
    }
    if (!answer.error.empty()) return {answer.error};
    if (answer.status != 200)
      return {"the server answers " + std::to_string(answer.status) + output::excerpt(answer.text) +
                  hint_of(answer.status),
              answer.retry_after_s};
    std::optional<enrich::PodList> list = enrich::read_pod_list(answer.text);
    if (!list) return {"the answer is not a list of pods"};
    for (const enrich::Pod& pod : list->pods) {
      put(owners_.known(pod));
      if (incomplete_.size() < enrich::Pods::most_pods) incomplete_[pod.object.uid] = pod;
    }
    next = std::move(list->next);
    version_ = next.empty() ? list->version : "";
    return {};
  }
}

PodWatch::Step PodWatch::watch() {
  const int seconds = watch_s + std::uniform_int_distribution<int>(0, watch_jitter_s)(random_);
  const std::string path = "/api/v1/pods?fieldSelector=spec.nodeName%3D" +
                           output::url_escaped(node_) + "&watch=1&allowWatchBookmarks=true" +
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
  if (answer.status != 200)
    return {"the server answers " + std::to_string(answer.status) + output::excerpt(answer.text) +
                hint_of(answer.status),
            answer.retry_after_s};
  return {};
}

// One line of a watch. False: the watch is to end, because of `step`.
bool PodWatch::take(std::string_view line, Step& step) {
  std::optional<enrich::PodEvent> event = enrich::read_pod_event(line);
  if (!event || event->kind == enrich::PodEvent::Kind::error) {
    version_.clear();
    step.why = event ? "the watch ended: " + event->why : "a line of the watch is not an event";
    return false;
  }
  failures_ = 0;
  if (!trouble().empty()) report({});
  events_.fetch_add(1, std::memory_order_relaxed);
  version_ = event->version;
  if (event->kind == enrich::PodEvent::Kind::gone) {
    pods_.remove(event->pod.object.uid);
    incomplete_.erase(event->pod.object.uid);
    changed_(event->pod.object.uid);
  } else if (event->kind == enrich::PodEvent::Kind::changed) {
    return store(event->pod, step);
  }
  return true;
}

bool PodWatch::store(const enrich::Pod& pod, Step& step) {
  put(owners_.known(pod));
  incomplete_[pod.object.uid] = pod;
  step = complete();
  return step.why.empty();
}

void PodWatch::put(const enrich::PodFacts& facts) {
  if (!pods_.put(facts)) return;
  changed_(facts.pod.object.uid);
  if (!facts.pod.static_uid.empty()) changed_(facts.pod.static_uid);
}

// Asks for the owners that are not known yet.
PodWatch::Step PodWatch::complete() {
  while (!incomplete_.empty()) {
    if (until_.left_ms(1) == 0) return {};
    const PodOwners::Found found = owners_.ask(incomplete_.begin()->second);
    put(found.facts);
    if (!found.missing.empty()) return {found.missing};
    incomplete_.erase(incomplete_.begin());
  }
  settled_.store(true, std::memory_order_relaxed);
  if (!owners_.refused().empty() && !std::exchange(refusal_said_, true))
    log_.warning("the account of kubernetes.token_file may not get " + owners_.refused() +
                 ": k8smeta fields of it are not set\n  hint: the chart's kubernetes.enabled has "
                 "the ClusterRole");
  return {};
}

}  // namespace saker::run
