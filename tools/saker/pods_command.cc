// SPDX-License-Identifier: Apache-2.0
// saker pods: what the daemon would know of this node's pods from the API server of Kubernetes.
#include <poll.h>

#include <cstdio>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "command.h"
#include "enrich/labels.h"
#include "enrich/pods.h"
#include "rule_arguments.h"
#include "run/pod_watch.h"

namespace saker::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr Option options[] = {
    {'f', "follow", "", "go on, and print each change"}, json_option, config_option, key_option};
constexpr int look_ms = 20;

Json labels_json(const std::string& labels) {
  Json out = Json::object();
  enrich::each_label(labels, [&](std::string_view key, std::string_view value) {
    out[std::string(key)] = value;
    return false;
  });
  return out;
}

Json pod_json(const std::string& uid, const enrich::Container& pod) {
  Json out = {{"uid", uid}, {"name", pod.pod_name}, {"namespace", pod.pod_namespace}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  add("ip", pod.pod_ip);
  add("replica_set", pod.replica_set_name);
  add("deployment", pod.deployment_name);
  add("replication_controller", pod.replication_controller_name);
  out["services"] = Json::array();
  enrich::each_text(pod.service_names,
                    [&](std::string_view name) { out["services"].push_back(name); });
  out["labels"] = labels_json(pod.pod_labels);
  out["namespace_labels"] = labels_json(pod.namespace_labels);
  if (!pod.deployment_name.empty()) out["deployment_labels"] = labels_json(pod.deployment_labels);
  return out;
}

std::string pod_text(const enrich::Container& pod) {
  std::string out = pod.pod_namespace + "/" + pod.pod_name;
  if (!pod.deployment_name.empty()) out += " deployment=" + pod.deployment_name;
  enrich::each_text(pod.service_names,
                    [&](std::string_view name) { out.append(" service=").append(name); });
  if (!pod.pod_ip.empty()) out += " ip=" + pod.pod_ip;
  enrich::each_label(pod.pod_labels, [&](std::string_view key, std::string_view value) {
    out.append(" ").append(key).append("=").append(value);
    return false;
  });
  return out;
}

// The lines of pods; gives() in the thread of the watch.
class Printer {
 public:
  Printer(const enrich::Pods& pods, bool json, bool follow)
      : pods_(pods), json_(json), follow_(follow) {}

  void give(const std::string& uid) {
    std::lock_guard guard(lock_);
    enrich::Container pod;
    if (!pods_.describe(uid, pod)) {
      kept_.erase(uid);
      if (follow_) print(json_ ? Json{{"uid", uid}, {"gone", true}}.dump() : uid + " is gone");
      return;
    }
    std::string line = json_
                           ? pod_json(uid, pod).dump(-1, ' ', false, Json::error_handler_t::replace)
                           : pod_text(pod);
    if (follow_)
      print(line);
    else
      kept_[uid] = std::move(line);
  }
  void finish() {
    std::lock_guard guard(lock_);
    for (const auto& [uid, line] : kept_) print(line);
  }

 private:
  static void print(const std::string& line) {
    std::fwrite((line + "\n").c_str(), 1, line.size() + 1, stdout);
    std::fflush(stdout);
  }

  const enrich::Pods& pods_;
  const bool json_, follow_;
  std::mutex lock_;
  std::map<std::string, std::string> kept_;
};

// It neither has everything nor says why not.
bool is_open(const run::KubeWatch& watch) { return !watch.settled() && watch.trouble().empty(); }

int run(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(pods_command, "takes no argument");
  Result<run::Config> config = read_config(arguments, false);
  if (!config) {
    std::fprintf(stderr, "%s", config.error().message.c_str());
    return exit_failed;
  }
  const bool follow = arguments.has("follow");
  const Log log(follow ? LogLevel::info : LogLevel::error);
  enrich::Pods pods;
  Printer printer(pods, arguments.has("json"), follow);
  auto watch = run::PodWatch::make(config->kubernetes, pods, log,
                                   [&](const std::string& uid) { printer.give(uid); });
  if (!watch) {
    std::fprintf(stderr, "saker pods: %s\n", watch.error().message.c_str());
    return exit_failed;
  }
  (*watch)->start();
  const run::KubeWatch &of_pods = (*watch)->pods(), &of_services = (*watch)->services();
  while (follow || is_open(of_pods) || is_open(of_services)) ::poll(nullptr, 0, look_ms);
  (*watch)->stop();
  printer.finish();
  if (!of_services.settled())
    std::fprintf(stderr, "saker pods: services: %s\n", of_services.trouble().c_str());
  if (of_pods.settled()) return exit_ok;
  std::fprintf(stderr, "saker pods: %s\n", of_pods.trouble().c_str());
  return exit_failed;
}

}  // namespace

const Command pods_command = {
    "pods",
    "",
    "this node's pods, as the API server of Kubernetes describes them",
    "Asks the API server as [kubernetes] in the configuration says, whether it is enabled or not, "
    "and prints\nwhat the daemon would know of each pod: a line for one pod, with --json an "
    "object. "
    "For trying the\naccount's rights. The daemon is not asked.\n",
    options,
    run};

}  // namespace saker::cli
