// SPDX-License-Identifier: Apache-2.0
#include "enrich/services.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "enrich/labels.h"
#include "enrich/pods.h"

namespace saker::enrich {
namespace {

using Uids = std::vector<std::string>;

std::string labels(std::initializer_list<std::pair<const char*, const char*>> all) {
  std::string out;
  for (const auto& [key, value] : all) append_label(out, key, value);
  return out;
}
const std::string web = labels({{"app", "web"}}), front = labels({{"app", "web"}, {"tier", "f"}});

Service service(const std::string& name, const std::string& selector,
                const std::string& space = "shop") {
  return {{name, "s-" + name, ""}, space, selector, "", false};
}

void put_pod(Pods& pods, const std::string& uid, const std::string& labels,
             const std::string& space = "shop") {
  PodFacts facts;
  facts.pod.object = {"pod-" + uid, uid, labels};
  facts.pod.space = space;
  pods.put(facts);
}

Uids texts(const std::string& list) {
  Uids out;
  each_text(list, [&](std::string_view text) { out.emplace_back(text); });
  return out;
}

Uids services_of(const Pods& pods, const std::string& uid) {
  Container c;
  CHECK(pods.describe(uid, c));
  return texts(c.service_names);
}

TEST_CASE("services: a selector needs all its labels, with their values") {
  const std::string all = labels({{"tier", "f"}, {"app", "web"}, {"x", ""}});
  const LabelSet set(all);
  CHECK(set.has_all_of(web));
  CHECK(set.has_all_of(front));
  CHECK(set.has_all_of(labels({{"x", ""}})));
  CHECK_FALSE(set.has_all_of(""));
  CHECK_FALSE(set.has_all_of(labels({{"app", "we"}})));
  CHECK_FALSE(set.has_all_of(labels({{"app", "web"}, {"tier", "b"}})));
  CHECK_FALSE(set.has_all_of(labels({{"app", "web"}, {"other", ""}})));
  CHECK_FALSE(set.has_all_of(labels({{"web", "app"}})));
  CHECK_FALSE(LabelSet("").has_all_of(web));
}

TEST_CASE("services: those of its namespace describe a pod, by name") {
  Pods pods;
  put_pod(pods, "u-1", front);
  put_pod(pods, "u-2", web);
  put_pod(pods, "u-3", front, "other");
  Service b = service("b", web);
  b.object.labels = labels({{"team", "blue"}});
  Service a = service("a", front);
  a.object.labels = labels({{"team", "red"}, {"z", "1"}});
  CHECK(pods.put_services({b, a, service("none", ""), service("c", web, "other")}) ==
        Uids{"u-1", "u-2", "u-3"});
  CHECK(pods.services() == 3);
  Container c;
  pods.describe("u-1", c);
  CHECK(texts(c.service_names) == Uids{"a", "b"});
  CHECK(texts(c.service_uids) == Uids{"s-a", "s-b"});
  CHECK(c.service_labels == a.object.labels + b.object.labels);
  CHECK(services_of(pods, "u-2") == Uids{"b"});
  CHECK(services_of(pods, "u-3") == Uids{"c"});
  // As of everything else, what was known outlives the pod.
  Container later;
  keep_pod(c, later);
  CHECK(later.service_names == c.service_names);
  CHECK(later.service_uids == c.service_uids);
  CHECK(later.service_labels == c.service_labels);
}

TEST_CASE("services: a change concerns the pods that were selected or are now") {
  Pods pods;
  put_pod(pods, "u-1", front);
  put_pod(pods, "u-2", web);
  put_pod(pods, "u-3", labels({{"app", "other"}}));
  CHECK(pods.put_services({service("a", front)}) == Uids{"u-1"});
  CHECK(pods.put_services({service("a", front)}).empty());
  Service labelled = service("a", front);
  labelled.object.labels = web;
  CHECK(pods.put_services({labelled}) == Uids{"u-1"});
  CHECK(pods.put_services({service("a", labels({{"app", "other"}}))}) == Uids{"u-1", "u-3"});
  CHECK(services_of(pods, "u-1").empty());
  CHECK(services_of(pods, "u-3") == Uids{"a"});
  // Without a selector it selects nothing more.
  CHECK(pods.put_services({service("a", "")}) == Uids{"u-3"});
  CHECK(pods.services() == 0);
  pods.put_services({service("a", web)});
  put_pod(pods, "u-3", web);
  CHECK(services_of(pods, "u-3") == Uids{"a"});
  CHECK(pods.remove_service(service("a", "", "other")).empty());
  CHECK(pods.remove_service(service("a", "")) == Uids{"u-1", "u-2", "u-3"});
  CHECK(pods.remove_service(service("a", "")).empty());
  CHECK(services_of(pods, "u-3").empty());
}

TEST_CASE("services: of a static pod the uid of its control group is changed, too") {
  Pods pods;
  PodFacts mirror;
  mirror.pod = {{"p", "u-1", web}, "shop", "", "static", {}};
  pods.put(mirror);
  CHECK(pods.put_services({service("a", web)}) == Uids{"u-1", "static"});
  CHECK(services_of(pods, "static") == Uids{"a"});
}

TEST_CASE("services: after a list, those that were not in it are gone") {
  Pods pods;
  put_pod(pods, "u-1", web);
  put_pod(pods, "u-2", front);
  pods.put_services({service("old", front), service("stays", web)});
  pods.begin_services();
  CHECK(pods.put_services({service("stays", web), service("new", web)}) == Uids{"u-1", "u-2"});
  CHECK(pods.end_services() == Uids{"u-2"});
  CHECK(services_of(pods, "u-2") == Uids{"new", "stays"});
}

TEST_CASE("services: of very many of a pod, the oldest ones are kept") {
  Pods pods;
  put_pod(pods, "u-1", web);
  Service oldest = service("z-real", web);
  oldest.created = "2025-01-01T00:00:00Z";
  for (int i = 0; i < 1000; i++) {
    Service later = service("a-" + std::to_string(i), web);
    later.created = "2026-01-01T00:00:00Z";
    pods.put_services({later});
  }
  pods.put_services({oldest});
  const Uids found = services_of(pods, "u-1");
  CHECK(found.size() == Services::most_of_pod);
  CHECK(found.back() == "z-real");
}

TEST_CASE("services: number and bytes are bounded, in all and for one namespace") {
  Pods pods;
  const std::size_t share = Services::most_services / Services::space_share;
  for (std::size_t i = 0; i < share + 5; i++) pods.put_services({service(std::to_string(i), web)});
  CHECK(pods.services() == share);
  CHECK(pods.services_refused() == 5);
  CHECK(pods.put_services({service("b", web, "other")}).empty());
  CHECK(pods.services() == share + 1);
  // One that is known may change, and one that is gone leaves room.
  pods.put_services({service("0", front)});
  CHECK(pods.services() == share + 1);
  pods.remove_service(service("0", ""));
  pods.put_services({service("again", web)});
  CHECK(pods.services() == share + 1);
  CHECK(pods.services_refused() == 5);
  for (int space = 0; space < 8; space++)
    for (std::size_t i = 0; i < share; i++)
      pods.put_services({service(std::to_string(i), web, "n-" + std::to_string(space))});
  CHECK(pods.services() == Services::most_services);

  Pods long_ones;
  Service big = service("big", web);
  big.object.labels.assign(1u << 20, 'x');
  for (int i = 0; i < 40; i++) {
    big.object.uid = std::to_string(i);
    big.space = "n-" + std::to_string(i % 2);
    long_ones.put_services({big});
  }
  CHECK(long_ones.services() == 14);
  CHECK(long_ones.services_refused() == 26);
  // Refused, because only a part of its selector is known: the whole may select less.
  Pods unclear;
  put_pod(unclear, "u-1", web);
  unclear.put_services({service("a", web)});
  Service part = service("a", web);
  part.too_long = true;
  CHECK(unclear.put_services({part}) == Uids{"u-1"});
  CHECK(services_of(unclear, "u-1").empty());
  CHECK(unclear.services_refused() == 1);
}

}  // namespace
}  // namespace saker::enrich
