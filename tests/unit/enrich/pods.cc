// SPDX-License-Identifier: Apache-2.0
#include "enrich/pods.h"

#include <doctest/doctest.h>

#include <string>

namespace saker::enrich {
namespace {

PodFacts facts_of(const std::string& uid, const std::string& labels = {}) {
  PodFacts facts;
  facts.pod.object = {"web-" + uid, uid, labels};
  facts.pod.space = "shop";
  facts.pod.ip = "10.0.0.7";
  facts.space = {"shop", "n-1", "team=blue"};
  facts.replica_set = {"web-5", "r-1", ""};
  facts.deployment = {"web", "d-1", "tier=front"};
  return facts;
}

TEST_CASE("pods: what is known of a pod is added to its container") {
  Pods pods;
  CHECK(pods.put(facts_of("u-1", "app=web")));
  CHECK_FALSE(pods.put(facts_of("u-1", "app=web")));
  CHECK(pods.put(facts_of("u-1", "app=other")));
  CHECK(pods.count() == 1);
  Container c;
  CHECK(pods.describe("u-1", c));
  CHECK(c.pod_name == "web-u-1");
  CHECK(c.pod_namespace == "shop");
  CHECK(c.pod_uid == "u-1");
  CHECK(c.pod_ip == "10.0.0.7");
  CHECK(c.pod_labels == "app=other");
  CHECK(c.namespace_uid == "n-1");
  CHECK(c.replica_set_name == "web-5");
  CHECK(c.deployment_name == "web");
  CHECK(c.deployment_labels == "tier=front");
  CHECK(c.replication_controller_name.empty());
  // The runtime's own names stay.
  Container named;
  named.pod_name = "by-the-runtime";
  CHECK(pods.describe("u-1", named));
  CHECK(named.pod_name == "by-the-runtime");
  Container unknown;
  CHECK_FALSE(pods.describe("u-2", unknown));
  CHECK(unknown == Container());
  pods.remove("u-1");
  pods.remove("u-1");
  CHECK(pods.count() == 0);
  CHECK_FALSE(pods.describe("u-1", unknown));
  // What was known outlives the pod.
  Container later;
  later.name = "main";
  keep_pod(c, later);
  CHECK(later.pod_name == "web-u-1");
  CHECK(later.deployment_name == "web");
  CHECK(later.name == "main");
}

TEST_CASE("pods: a ReplicationController is known by its reference") {
  Pods pods;
  PodFacts facts = facts_of("u-1");
  facts.pod.controller = {"ReplicationController", "rc", "c-1"};
  pods.put(facts);
  Container c;
  pods.describe("u-1", c);
  CHECK(c.replication_controller_name == "rc");
  CHECK(c.replication_controller_uid == "c-1");
}

TEST_CASE("pods: after a list, those that were not in it are gone") {
  Pods pods;
  pods.put(facts_of("old"));
  pods.put(facts_of("stays"));
  pods.begin_list();
  pods.put(facts_of("stays"));
  pods.put(facts_of("new"));
  CHECK(pods.end_list() == std::vector<std::string>{"old"});
  CHECK(pods.count() == 2);
  // A list that was not finished removes nothing.
  pods.begin_list();
  pods.begin_list();
  pods.put(facts_of("new"));
  CHECK(pods.end_list() == std::vector<std::string>{"stays"});
}

TEST_CASE("pods: a static pod is found by the uid that the kubelet runs it under") {
  Pods pods;
  PodFacts mirror = facts_of("u-mirror");
  mirror.pod.static_uid = "abc";
  pods.put(mirror);
  PodFacts claims = facts_of("u-other");
  claims.pod.static_uid = "abc";
  pods.put(claims);
  Container c;
  CHECK(pods.describe("abc", c));
  CHECK(c.pod_name == "web-u-mirror");
  // No pod can take another one's real uid.
  claims = facts_of("u-thief");
  claims.pod.static_uid = "u-mirror";
  pods.put(claims);
  Container real;
  CHECK(pods.describe("u-mirror", real));
  CHECK(real.pod_name == "web-u-mirror");
  pods.remove("u-other");
  CHECK(pods.describe("abc", c));
  pods.remove("u-mirror");
  CHECK_FALSE(pods.describe("abc", c));
}

TEST_CASE("pods: number and bytes are bounded, and what was refused is counted") {
  Pods pods;
  for (std::size_t i = 0; i < Pods::most_pods + 10; i++)
    pods.put(facts_of("u-" + std::to_string(i)));
  CHECK(pods.count() == Pods::most_pods);
  CHECK(pods.refused() == 10);
  Pods long_ones;
  const std::string labels(1u << 20, 'x');
  for (int i = 0; i < 40; i++) long_ones.put(facts_of("u-" + std::to_string(i), labels));
  CHECK(long_ones.count() < 32);
  CHECK(long_ones.count() > 28);
  CHECK(long_ones.refused() == 40 - long_ones.count());
  const std::size_t before = long_ones.count();
  long_ones.remove("u-0");
  CHECK(long_ones.put(facts_of("again", labels)));
  CHECK(long_ones.count() == before);
}

}  // namespace
}  // namespace saker::enrich
