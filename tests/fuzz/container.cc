// SPDX-License-Identifier: Apache-2.0
// Input that tenants write and the sensor reads: paths of control groups, and the files of
// container runtimes and answers of an API server with the labels in them. The first byte selects
// which of them the rest is; files are read by their real reader. The result is bounded, a
// container's identity is never the host's, and every field of a process in it can be shown.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "enrich/cgroup.h"
#include "enrich/container_files.h"
#include "enrich/containers.h"
#include "enrich/image.h"
#include "enrich/kube_json.h"
#include "enrich/labels.h"
#include "enrich/pods.h"
#include "every_field.h"

namespace {

using namespace saker::enrich;

const std::string id(64, 'a');

void demand(bool holds) {
  if (!holds) std::abort();
}

void path_of_group(std::string_view path) {
  auto found = container_of_cgroup(path);
  if (!found) return;
  demand(!found->id.empty() && found->id != "host");
  demand(path.substr(0, found->group.size()) == found->group);
  // Groups below a container's group change nothing.
  const std::string below = std::string(found->group) + "/systemd-nspawn@host.service";
  auto again = container_of_cgroup(below);
  demand(again && again->id == found->id && again->user == found->user);
  // Groups in a service that is not a runtime do not give it another identity.
  auto service = container_of_cgroup("/system.slice/web.service/" + std::string(path));
  demand(!service || service->type == "podman");
}

void show(const Container& container) {
  demand(container.labels.size() < (70u << 10) && container.mounts.size() <= 1000);
  each_label(container.labels, [](std::string_view, std::string_view) { return false; });
  saker::enrich::Process process;
  process.known = true;
  process.container = &container;
  saker_rec head{};
  head.len = sizeof head;
  saker::fuzz::show_every_field(
      {.record = saker::decode::Record(&head), .process = &process, .time = 1, .number = 1});
}

// The file that each of the readers reads first.
void file_of_runtime(unsigned which, std::string_view text) {
  static const std::string root =
      std::filesystem::temp_directory_path() / ("saker-fuzz-" + std::to_string(::getpid()));
  static const char* const types[] = {"containerd", "docker", "podman", "cri-o"};
  const std::string files[] = {
      "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json",
      "/var/lib/docker/containers/" + id + "/config.v2.json",
      "/var/lib/containers/storage/overlay-containers/" + id + "/userdata/config.json",
      "/var/lib/containers/storage/overlay-containers/" + id + "/userdata/config.json"};
  const std::string path = root + files[which % 4];
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
  static const RuntimePaths paths = RuntimePaths::find("/nonexistent", {});
  Container container;
  container.id = id.substr(0, 12);
  container.full_id = id;
  container.type = types[which % 4];
  std::string why;
  if (read_container_files(root, paths, which & 4, container, why)) show(container);
}

// As one of each kind of answer.
void answer_of_api_server(std::string_view text) {
  Pods pods;
  const auto take = [&](const Pod& pod) {
    demand(!pod.object.uid.empty() && pod.object.name.size() <= 253);
    pods.put({.pod = pod, .space = {}, .replica_set = {}, .deployment = {}});
    Container container;
    container.metadata = true;
    demand(pods.describe(pod.object.uid, container));
    demand(container.pod_labels.size() < (70u << 10));
    // A NUL is three bytes afterwards.
    demand(container.service_names.size() <= Services::most_of_pod * 3 * 254);
    demand(container.service_labels.size() <= Services::most_of_pod * 5 * Services::longest_labels);
    if (text.size() < 60000) show(container);
  };
  if (const auto list = read_service_list(text)) pods.put_services(list->services);
  if (const auto list = read_pod_list(text))
    for (const Pod& pod : list->pods) take(pod);
  const auto event = read_pod_event(text);
  if (event && event->kind == PodEvent::Kind::changed) take(event->pod);
  if (const auto change = read_service_event(text); change) pods.put_services({change->service});
  (void)read_kube_metadata(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (*data == 'K')
    answer_of_api_server(rest);
  else if (*data < 'a')
    path_of_group(rest);
  else if (*data < 'c') {
    Container container;
    container.labels = rest;
    container.metadata = true;
    if (rest.size() < 60000) show(container);
  } else {
    file_of_runtime(*data, rest);
  }
  return 0;
}
