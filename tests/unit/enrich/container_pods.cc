// SPDX-License-Identifier: Apache-2.0
// Containers in pods that an API server describes.
#include <doctest/doctest.h>

#include <optional>

#include "enrich/container_reader.h"
#include "enrich/containers.h"
#include "enrich/pods.h"
#include "runtime_root.h"

namespace saker::enrich {
namespace {

using namespace test;

PodFacts pod_facts(const std::string& uid, const std::string& label) {
  PodFacts facts;
  facts.pod.object = {"web-7", uid, label};
  facts.pod.space = "shop";
  facts.deployment = {"web", "d-1", ""};
  return facts;
}

struct InPods {
  Root root;
  Containers containers;
  UserNames names;
  Pods pods;
  ContainerReader reader;
  LifeLock life;
  std::uint64_t now = 1'000'000'000;
  const Container* held;
  const std::string uid = "1234-abcd";

  InPods()
      : names(root.path, nullptr), reader(containers, names, root.path, {}, Whose::system, &pods) {
    held = containers.hold("/kubepods/burstable/pod" + uid + "/" + id);
  }
  ~InPods() { containers.drop(held); }
  void read() {
    reader.serve(life, now, [&](const Containers::Replacement& of) {
      containers.hold(of.fresh);
      containers.drop(of.old);
      held = of.fresh;
      return true;
    });
  }
};

TEST_CASE("containers: a pod of the API server describes a container that no file describes") {
  InPods all;
  all.read();
  CHECK(all.held->pod_name.empty());
  CHECK(all.pods.put(pod_facts(all.uid, "a")));
  all.containers.look_again("another");
  all.read();
  CHECK(all.held->pod_name.empty());
  all.containers.look_again(all.uid);
  CHECK(all.containers.next_due() == 0);
  all.read();
  CHECK(all.held->pod_name == "web-7");
  CHECK(all.held->deployment_name == "web");
  CHECK_FALSE(all.held->metadata);
  // The runtime's files are still looked for.
  write_bundle(all.root,
               "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json");
  all.now += 60'000'000'000;
  all.read();
  CHECK(all.held->metadata);
  CHECK(all.held->name == "web");
  CHECK(all.held->deployment_name == "web");
  // What changes is found, and what is gone from the server stays.
  all.pods.put(pod_facts(all.uid, "b"));
  all.containers.look_again(all.uid);
  all.read();
  CHECK(all.held->pod_labels == "b");
  CHECK(all.held->name == "web");
  all.pods.remove(all.uid);
  all.containers.look_again(all.uid);
  all.read();
  CHECK(all.held->pod_labels == "b");
  CHECK(all.held->deployment_name == "web");
}

TEST_CASE("containers: news of a pod while its container is read is not lost") {
  InPods all;
  std::optional<Containers::Wanted> wanted = all.containers.due(all.now);
  REQUIRE(wanted);
  all.pods.put(pod_facts(all.uid, "a"));
  all.containers.look_again(all.uid);
  CHECK_FALSE(all.containers.due(all.now));
  CHECK_FALSE(all.containers.answer(*wanted, false, all.now));
  CHECK(all.containers.next_due() <= all.now);
  all.read();
  CHECK(all.held->pod_labels == "a");
}

TEST_CASE("containers: in the end a container that only its pod describes is counted once") {
  InPods all;
  all.pods.put(pod_facts(all.uid, "a"));
  for (int i = 0; i < 10; i++, all.now += 60'000'000'000) all.read();
  CHECK(all.held->pod_name == "web-7");
  CHECK(all.containers.unknown() == 1);
  all.containers.look_again(all.uid);
  all.read();
  CHECK(all.containers.unknown() == 1);
  CHECK(all.containers.next_due() == ~std::uint64_t{0});
}

TEST_CASE("containers: the uid in a rootless runtime's files joins nothing") {
  Root root;
  UserNames names(root.path, nullptr);
  Pods pods;
  Containers containers;
  ContainerReader reader(containers, names, root.path, {}, Whose::system, &pods);
  pods.put(pod_facts("u-1", "secret"));
  const Container* held = containers.hold("/default/" + id);
  // The bundle has the uid u-1; the group is not one of Kubernetes.
  write_bundle(root, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json");
  LifeLock life;
  reader.serve(life, 1, [&](const Containers::Replacement& of) {
    containers.hold(of.fresh);
    containers.drop(of.old);
    held = of.fresh;
    return true;
  });
  CHECK(held->name == "web");
  CHECK(held->pod_uid == "u-1");
  CHECK(held->pod_labels.empty());
  containers.drop(held);
}

}  // namespace
}  // namespace saker::enrich
