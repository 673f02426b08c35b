// SPDX-License-Identifier: Apache-2.0
#include "enrich/kube_json.h"

#include <doctest/doctest.h>

#include <string>

#include "enrich/container_labels.h"

namespace saker::enrich {
namespace {

const std::string owners =
    R"("ownerReferences":[{"kind":"Tenant","name":"t","uid":"t-1"},)"
    R"({"apiVersion":"apps/v1","controller":true,"kind":"ReplicaSet","name":"web-5","uid":"r-1"}])";

std::string pod_text(const std::string& name, const std::string& metadata) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"shop","uid":"u-)" + name +
         R"(","resourceVersion":"12",)" + metadata +
         R"(},"spec":{"containers":[{"name":"main"}]},)" +
         R"("status":{"podIP":"10.0.0.7","podIPs":[{"ip":"10.0.0.8"}]}})";
}

std::string event_text(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

TEST_CASE("kube JSON: a list of pods, and where it goes on") {
  const std::string text =
      R"({"kind":"PodList","metadata":{"resourceVersion":"77","continue":"abc=="},"items":[)" +
      pod_text("a", R"("labels":{"app":"web","z":""},)" + owners) + "," +
      pod_text("b", R"("labels":null)") + "," + R"({"metadata":{"name":"no-uid"}},7,[]]})";
  const std::optional<PodList> list = read_pod_list(text);
  REQUIRE(list);
  CHECK(list->version == "77");
  CHECK(list->next == "abc==");
  REQUIRE(list->pods.size() == 2);
  const Pod& a = list->pods[0];
  CHECK(a.object.uid == "u-a");
  CHECK(a.object.name == "a");
  CHECK(a.space == "shop");
  CHECK(a.ip == "10.0.0.7");
  CHECK(a.object.labels == std::string("app\0web\0z\0\0", 11));
  CHECK(a.controller == KubeController{"ReplicaSet", "web-5", "r-1"});
  CHECK(list->pods[1].object.labels.empty());
  CHECK(list->pods[1].controller == KubeController{});
  const std::optional<PodList> none =
      read_pod_list(R"({"metadata":{"resourceVersion":"1"},"items":[]})");
  REQUIRE(none);
  CHECK(none->pods.empty());
  CHECK(none->next.empty());
}

TEST_CASE("kube JSON: what is no list is none") {
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"items":[]})",
                           R"({"metadata":{"resourceVersion":7},"items":[]})"})
    CHECK_FALSE(read_pod_list(text));
}

TEST_CASE("kube JSON: the events of a watch") {
  using Kind = PodEvent::Kind;
  const std::string pod = pod_text("a", owners);
  for (const char* type : {"ADDED", "MODIFIED"}) {
    const std::optional<PodEvent> event = read_pod_event(event_text(type, pod));
    REQUIRE(event);
    CHECK(event->kind == Kind::changed);
    CHECK(event->version == "12");
    CHECK(event->pod.controller.name == "web-5");
  }
  CHECK(read_pod_event(event_text("DELETED", pod))->kind == Kind::gone);
  // The type may come last.
  CHECK(read_pod_event(R"({"object":)" + pod + R"(,"type":"DELETED"})")->kind == Kind::gone);
  const std::optional<PodEvent> bookmark =
      read_pod_event(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"99"}}})");
  REQUIRE(bookmark);
  CHECK(bookmark->kind == Kind::bookmark);
  CHECK(bookmark->version == "99");
  const std::optional<PodEvent> error =
      read_pod_event(R"({"type":"ERROR","object":{"code":410,"reason":"Expired"}})");
  REQUIRE(error);
  CHECK(error->kind == Kind::error);
  CHECK(error->why == "Expired");
  for (const char* text : {"", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":{}})",
                           R"({"type":"BOOKMARK","object":{}})", R"({"type":"OTHER","object":)"})
    CHECK_FALSE(read_pod_event(text));
  CHECK_FALSE(read_pod_event(event_text("OTHER", pod)));
}

TEST_CASE("kube JSON: the mirror of a static pod, but not what only says that it is one") {
  const std::string mirror =
      R"("annotations":{"kubernetes.io/config.mirror":"0123456789abcdef0123456789abcdef"})";
  const std::string node =
      R"(,"ownerReferences":[{"controller":true,"kind":"Node","name":"n","uid":"1"}])";
  CHECK(read_pod_event(event_text("ADDED", pod_text("a", mirror + node)))->pod.static_uid ==
        "0123456789abcdef0123456789abcdef");
  CHECK(read_pod_event(event_text("ADDED", pod_text("a", mirror)))->pod.static_uid.empty());
}

std::string service_text(const std::string& name, const std::string& spec) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"shop","uid":"s-)" + name +
         R"(","resourceVersion":"12","creationTimestamp":"2026-01-02T03:04:05Z",)"
         R"("labels":{"tier":"front"}},"spec":{)" +
         spec + "}}";
}

TEST_CASE("kube JSON: services and their selectors") {
  const std::optional<ServiceList> list = read_service_list(
      R"({"metadata":{"resourceVersion":"77","continue":"more"},"items":[)" +
      service_text("a", R"("selector":{"tier":"x","app":"web"},"ports":[{"name":"http"}])") + "," +
      service_text("b", R"("clusterIP":"None")") + "," +
      service_text("c", R"("selector":{"app":"web"},"type":"ExternalName")") + "]}");
  REQUIRE(list);
  CHECK(list->next == "more");
  REQUIRE(list->services.size() == 3);
  CHECK(list->services[0] == Service{{"a", "s-a", std::string("tier\0front\0", 11)},
                                     "shop",
                                     std::string("app\0web\0tier\0x\0", 15),
                                     "2026-01-02T03:04:05Z",
                                     false});
  CHECK(list->services[1].selector.empty());
  CHECK(list->services[2].selector.empty());
  const std::optional<ServiceEvent> event =
      read_service_event(event_text("DELETED", service_text("a", R"("selector":{"app":"web"})")));
  REQUIRE(event);
  CHECK(event->kind == KubeEvent::Kind::gone);
  CHECK(event->service.object.uid == "s-a");
  CHECK_FALSE(read_service_list("{}"));
  CHECK_FALSE(read_service_event(event_text("ADDED", "{}")));
}

TEST_CASE("kube JSON: a selector that is too long is known to be so, and labels are shortened") {
  const auto service = [](std::size_t labels, std::size_t longest) {
    std::string text = R"("selector":{)";
    for (std::size_t i = 0; i < labels; i++)
      text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":\"" + std::string(longest, 'v') + "\"";
    return read_service_event(event_text("ADDED", service_text("a", text + "}")))->service;
  };
  CHECK_FALSE(service(Services::most_selectors, 1).too_long);
  CHECK(service(Services::most_selectors + 1, 1).too_long);
  CHECK(service(1, Services::longest_selector).too_long);
  std::string many = R"({"metadata":{"name":"a","uid":"u","resourceVersion":"1","labels":{"z":"z")";
  for (int i = 0; i < 100; i++)
    many += ",\"k" + std::to_string(i) + "\":\"" + std::string(1000, 'v') + "\"";
  const std::string labels =
      read_service_event(event_text("ADDED", many + "}}}"))->service.object.labels;
  CHECK(labels.size() <= Services::longest_labels);
  CHECK(labels.ends_with(std::string_view("z\0z\0", 4)));
}

TEST_CASE("kube JSON: metadata of an object") {
  const std::optional<KubeMetadata> found =
      read_kube_metadata(R"({"metadata":{"name":"web-5","uid":"r-1","labels":{"a":"b"},)"
                         R"("ownerReferences":[{"controller":true,"kind":"Deployment",)"
                         R"("name":"web","uid":"d-1"},{"controller":false,"kind":"X"}]}})");
  REQUIRE(found);
  CHECK(found->object == KubeObject{"web-5", "r-1", std::string("a\0b\0", 4)});
  CHECK(found->controller == KubeController{"Deployment", "web", "d-1"});
  CHECK_FALSE(read_kube_metadata("{}"));
  CHECK_FALSE(read_kube_metadata("{\"metadata\":"));
}

TEST_CASE("kube JSON: texts are cut, labels are bounded, NUL makes no other label") {
  std::string labels = R"("labels":{"a\u0000b":"c\u0000d")";
  for (int i = 0; i < 1000; i++)
    labels += ",\"k" + std::to_string(i) + "\":\"" + std::string(1000, 'v') + "\"";
  labels += "}";
  const std::optional<PodEvent> event =
      read_pod_event(event_text("ADDED", pod_text(std::string(10'000, 'n'), labels)));
  REQUIRE(event);
  CHECK(event->pod.object.name.size() == 253);
  CHECK(event->pod.object.labels.size() <= ContainerLabels::max_bytes);
  CHECK(
      event->pod.object.labels.starts_with("a\xEF\xBF\xBD"
                                           "b"));
}

}  // namespace
}  // namespace saker::enrich
