// SPDX-License-Identifier: Apache-2.0
// What the API server says of pods, from the pipeline's table of them to alerts.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "decode/build.h"
#include "fake_source.h"
#include "rules_in_memory.h"
#include "run/pipeline.h"

namespace saker::run {
namespace {

using capture::Lane;

constexpr const char* text = R"(
- rule: in the deployment
  desc: d
  condition: >
    evt.type = openat and k8smeta.deployment.name = web and k8smeta.pod.label[app] = shop
    and k8smeta.pod.labels intersects (app:shop) and k8s.pod.ip = 10.0.0.7
    and not k8smeta.svc.name exists and not k8smeta.svc.label[team] exists
  output: in %k8smeta.deployment.name %k8smeta.pod.name %k8smeta.ns.label[team] %k8s.pod.labels
  priority: WARNING
- rule: behind a service
  desc: d
  condition: >
    evt.type = openat and k8smeta.svc.name intersects (shop, other) and k8smeta.svc.uid in (s-1, s-2)
    and k8smeta.svc.label[team] intersects (blue) and k8smeta.svc.labels intersects (team:red)
  output: behind %k8smeta.svc.name %k8smeta.svc.uid %k8smeta.svc.label[team] %k8smeta.svc.labels
  priority: WARNING
- rule: elsewhere
  desc: d
  condition: evt.type = openat and not k8smeta.deployment.name exists and container.id != host
  output: out %k8s.pod.name
  priority: WARNING
)";
const std::string uid = "1234-abcd", id(64, 'a');
constexpr std::uint32_t pid = 4'000'000;

enrich::PodFacts facts(const std::string& labels) {
  enrich::PodFacts out;
  out.pod.object = {"web-7", uid, labels};
  out.pod.space = "market";
  out.pod.ip = "10.0.0.7";
  out.space = {"market", "n-1", std::string("team\0blue\0", 10)};
  out.deployment = {"web", "d-1", ""};
  return out;
}

struct InPod {
  test::FakeSource source{1, 64u << 10, 1u << 20};
  Log log{LogLevel::error};
  std::string root = std::filesystem::temp_directory_path() / "saker-no-such-root";
  std::unique_ptr<Pipeline> pipeline;
  std::mutex lock;
  std::vector<std::string> alerts;
  decode::RecordBuilder builder;

  explicit InPod(bool pods) {
    PipelineOptions options;
    options.pods = pods;
    options.container_root = root;
    pipeline = std::move(*Pipeline::make(source, log, options));
    lang::LoadOptions with;
    with.plugins.insert(lang::kubernetes_plugin);
    REQUIRE(pipeline->start(test::rules(text, with), {}, [this](const output::Alert& alert) {
      std::lock_guard guard(lock);
      alerts.push_back(alert.text.substr(alert.text.find("Warning ") + 8));
    }));
    builder.begin(SAKER_EV_execve)
        .blob(SAKER_P_exec_comm, "cat")
        .blob(SAKER_P_exec_cgroup, "/kubepods/burstable/pod" + uid + "/" + id)
        .number(SAKER_P_exec_ppid, 1)
        .number(SAKER_P_exec_start_time, 1'000'000'000);
    write(Lane::life);
  }
  void write(Lane lane) {
    builder.head().pid = builder.head().tid = pid;
    builder.head().ts = boot_ns();
    REQUIRE(source.write(0, lane, builder.finish()));
  }
  // The text of the alert of an open.
  std::string open() {
    std::size_t before;
    {
      std::lock_guard guard(lock);
      before = alerts.size();
    }
    builder.begin(SAKER_EV_openat).blob(SAKER_P_open_name, "/file");
    write(Lane::event);
    for (int i = 0; i < 500; i++) {
      {
        std::lock_guard guard(lock);
        if (alerts.size() > before) return alerts.back();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "no alert";
  }
  std::string open_until(const std::string& wanted) {
    std::string last;
    for (int i = 0; i < 100 && (last = open()) != wanted; i++)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return last;
  }
  void tell(const std::string& labels) {
    pipeline->pods().put(facts(labels));
    pipeline->note_pod(uid);
  }
};

TEST_CASE(
    "pods: rules see labels and owners, and their changes, soon after the server reports them") {
  InPod in(true);
  CHECK(in.open() == "out <NA>");
  in.tell(std::string("app\0shop\0tier\0front\0", 20));
  const std::string reported = "in web web-7 blue app:shop, tier:front";
  CHECK(in.open_until(reported) == reported);
  in.tell(std::string("app\0shop\0", 9));
  CHECK(in.open_until("in web web-7 blue app:shop") == "in web web-7 blue app:shop");
  in.pipeline->stop();
}

TEST_CASE("pods: rules see the services of a pod") {
  InPod in(true);
  in.tell(std::string("app\0shop\0", 9));
  CHECK(in.open_until("in web web-7 blue app:shop") == "in web web-7 blue app:shop");
  const std::string selector("app\0shop\0", 9);
  const std::vector<enrich::Service> services = {
      {{"shop", "s-1", std::string("team\0blue\0", 10)}, "market", selector, "", false},
      {{"all", "s-2", std::string("team\0red\0", 9)}, "market", selector, "", false},
      {{"not", "s-3", ""}, "elsewhere", selector, "", false}};
  for (const std::string& changed : in.pipeline->pods().put_services(services))
    in.pipeline->note_pod(changed);
  const std::string behind = "behind (all,shop) (s-2,s-1) (red,blue) (team:red,team:blue)";
  CHECK(in.open_until(behind) == behind);
  for (const enrich::Service& service : services)
    for (const std::string& changed : in.pipeline->pods().remove_service(service))
      in.pipeline->note_pod(changed);
  CHECK(in.open_until("in web web-7 blue app:shop") == "in web web-7 blue app:shop");
  in.pipeline->stop();
}

TEST_CASE("pods: without [kubernetes] nothing of it is used") {
  InPod in(false);
  in.tell(std::string("app\0shop\0", 9));
  CHECK(in.open() == "out <NA>");
  in.pipeline->stop();
}

}  // namespace
}  // namespace saker::run
