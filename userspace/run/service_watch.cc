// SPDX-License-Identifier: Apache-2.0
#include "run/service_watch.h"

#include <utility>

namespace saker::run {
namespace {

// There are many services, and every node of the cluster asks for all of them.
constexpr std::uint64_t again_s = 12 * 3600;

}  // namespace

ServiceWatch::ServiceWatch(const KubernetesConfig& config, const std::string& url,
                           enrich::Pods& pods, const Log& log, Changed changed)
    : pods_(pods),
      changed_(std::move(changed)),
      watch_(config, url,
             {.name = "services",
              .path = "/api/v1/services?",
              .description = "services",
              .again_s = again_s},
             *this, log) {}

std::optional<enrich::KubeList> ServiceWatch::take_part(std::string_view json) {
  std::optional<enrich::ServiceList> list = enrich::read_service_list(json);
  if (!list) return std::nullopt;
  for (const std::string& uid : pods_.put_services(list->services)) changed_(uid);
  return std::move(*list);
}

void ServiceWatch::end_list() {
  for (const std::string& uid : pods_.end_services()) changed_(uid);
}

std::optional<enrich::KubeEvent> ServiceWatch::take_event(std::string_view line) {
  std::optional<enrich::ServiceEvent> event = enrich::read_service_event(line);
  if (!event) return std::nullopt;
  std::vector<std::string> changed;
  if (event->kind == enrich::KubeEvent::Kind::gone)
    changed = pods_.remove_service(event->service);
  else if (event->kind == enrich::KubeEvent::Kind::changed)
    changed = pods_.put_services({event->service});
  for (const std::string& uid : changed) changed_(uid);
  // One change of a service may concern each pod of the node. A user who changes it all the time
  // must not make the container threads describe them all the time: at most a thousand a second.
  watch_.sleep(changed.size());
  return std::move(*event);
}

}  // namespace saker::run
