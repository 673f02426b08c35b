// SPDX-License-Identifier: Apache-2.0
// Containers of a capture: which one a process is in, and the fields filled from its metadata.
#include <doctest/doctest.h>

#include <string>

#include "../replay.h"
#include "../writer.h"
#include "scap/state/state.h"

namespace saker::scap {
namespace {

using test::CaptureWriter, test::recorded, test::Replay;

const std::string digits = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
const std::string short_digits = digits.substr(0, 12);

std::string in(const std::string& path) {
  ContainerMatch found =
      container_of("cpuset=/" + std::string(1, '\0') + "memory=" + path + std::string(1, '\0'));
  return found.id + (found.type.empty() ? "" : " " + std::string(found.type));
}

TEST_CASE("scap: a control group identifies the container") {
  CHECK(in("/").empty());
  CHECK(in("/user.slice/user-0.slice/session-1.scope").empty());
  CHECK(in("/docker/" + digits) == short_digits);
  CHECK(in("/system.slice/docker-" + digits + ".scope") == short_digits);
  CHECK(in("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + digits + ".scope") ==
        short_digits);
  CHECK(in("/kubepods.slice/crio-" + digits + ".scope") == short_digits);
  CHECK(in("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" + digits) ==
        short_digits);
  CHECK(in("/user.slice/user@1000.service/user.slice/libpod-" + digits + ".scope/container") ==
        short_digits);
  CHECK(in("/k8s.io/web") == "web");
  CHECK(in("/lxc/web/a.service") == "web lxc");
  CHECK(in("/lxc.payload.web/system.slice/x.service") == "web lxc");
  CHECK(in("/machine.slice/machine-lxc\\x2d12\\x2dweb.scope") == "d12\\x2dweb libvirt-lxc");
  CHECK(in("/system.slice/bpm-web.1.scope") == "web.1 bpm");
}

const std::string sandbox = "aaaaaaaaaaaa" + digits.substr(12);

std::string metadata() {
  return R"({"container":{"id":")" + short_digits + R"(","full_id":")" + digits +
         R"(","type":7,"name":"web","image":"r.example/web:1","imageid":"abc","imagerepo":"r.example/web","imagetag":"1",)"
         R"("imagedigest":"sha256:9","privileged":true,"host_network":true,"host_pid":false,"ip":"10.1.2.3","cni_json":"",)"
         R"("labels":{"app":"shop","empty":"","annotation.x":"y","io.kubernetes.pod.name":"web-0",)"
         R"("io.kubernetes.pod.namespace":"prod","io.kubernetes.pod.uid":"u-1"},"pod_sandbox_id":")" +
         sandbox +
         R"(","pod_sandbox_labels":null,"Mounts":[{"Source":"/proc","Destination":"/host/proc","Mode":"ro","RW":false,)"
         R"("Propagation":"rprivate"},{"Source":"/srv/www","Destination":"/www","Mode":"","RW":true,"Propagation":""}]}})";
}

std::string sandbox_metadata() {
  return R"({"container":{"id":")" + sandbox.substr(0, 12) + R"(","full_id":")" + sandbox +
         R"(","type":7,"is_pod_sandbox":true,"ip":"10.1.2.9","cni_json":"{}","pod_sandbox_id":")" +
         sandbox + R"(","pod_sandbox_labels":{"tier":"front","app":"shop"}}})";
}

void add_processes(CaptureWriter& w) {
  std::string group = "cpuset=/" + std::string(1, '\0') + "memory=/k8s/cri-containerd-" + digits +
                      ".scope" + std::string(1, '\0');
  w.processes(w.process(1, 1, 0, "init", "/") + w.process(10, 10, 1, "sh", "/", 0, group, 1000));
}

void add_call(CaptureWriter& w, std::int64_t tid) {
  w.event(unlinkat_2_x, tid, {w.p64(-2), w.p64(-100), CaptureWriter::text("x"), w.p32(0)});
}

TEST_CASE("scap: a container without metadata has only an id") {
  CaptureWriter w;
  add_processes(w);
  add_call(w, 10);
  add_call(w, 1);
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  REQUIRE(replay.next());
  CHECK(replay["container.id"] == short_digits);
  for (const char* field :
       {"container.full_id", "container.name", "container.image", "container.type",
        "container.privileged", "container.labels", "k8s.pod.name", "k8s.pod.sandbox_id"})
    CHECK_MESSAGE(replay[field] == "<NA>", field);
  CHECK(replay["user.name"] == "<NA>");
  REQUIRE(replay.next());
  for (const char* field :
       {"container.id", "container.full_id", "container.name", "container.type"})
    CHECK_MESSAGE(replay[field] == "host", field);
  for (const char* field : {"container.image", "container.mounts", "container.labels",
                            "container.ip", "k8s.pod.labels", "k8s.pod.ip"})
    CHECK_MESSAGE(replay[field] == "", field);
  for (const char* field : {"container.privileged", "container.host_pid"})
    CHECK_MESSAGE(replay[field] == "false", field);
  for (const char* field : {"k8s.pod.name", "container.label[app]", "container.mount[0]"})
    CHECK_MESSAGE(replay[field] == "<NA>", field);
  CHECK(replay["user.name"] == "root");
}

void check_reported(Replay& replay) {
  CHECK(replay["container.id"] == short_digits);
  CHECK(replay["container.full_id"] == digits);
  CHECK(replay["container.name"] == "web");
  CHECK(replay["container.type"] == "containerd");
  CHECK(replay["container.image"] == "r.example/web:1");
  CHECK(replay["container.image.repository"] == "r.example/web");
  CHECK(replay["container.image.tag"] == "1");
  CHECK(replay["container.image.digest"] == "sha256:9");
  CHECK(replay["container.privileged"] == "true");
  CHECK(replay["container.host_network"] == "true");
  CHECK(replay["container.host_ipc"] == "false");
  CHECK(replay["container.ip"] == "10.1.2.3");
  CHECK(replay["container.cni.json"] == "");
  CHECK(replay["container.label[app]"] == "shop");
  CHECK(replay["container.label[none]"] == "<NA>");
  CHECK(replay["container.labels"] == "app:shop, empty");
  CHECK(replay["container.mounts"] == "/proc:/host/proc:ro:false:rprivate,/srv/www:/www::true:");
  CHECK(replay["container.mount.dest[/srv/w+]"] == "/www");
  CHECK(replay["container.mount.source[/www$]"] == "/srv/www");
  CHECK(replay["container.mount.mode[0]"] == "ro");
  CHECK(replay["container.mount.rdwr[1]"] == "true");
  CHECK(replay["container.mount.dest[/nothing]"] == "<NA>");
  CHECK(replay["container.mount.dest[(]"] == "<NA>");
  CHECK(replay["k8s.pod.name"] == "web-0");
  CHECK(replay["k8s.ns.name"] == "prod");
  CHECK(replay["k8s.pod.uid"] == "u-1");
  CHECK(replay["k8s.pod.sandbox_id"] == "aaaaaaaaaaaa");
  CHECK(replay["k8s.pod.full_sandbox_id"] == sandbox);
}

TEST_CASE("scap: metadata of a container comes from an event, and missing parts from its sandbox") {
  CaptureWriter w;
  add_processes(w);
  w.event(container_json_2_e, -1, {CaptureWriter::text(metadata())});
  add_call(w, 10);
  w.event(asyncevent_e, -1,
          {w.p32(0), CaptureWriter::text("container"), CaptureWriter::text(sandbox_metadata())});
  add_call(w, 10);
  w.event(asyncevent_e, -1,
          {w.p32(0), CaptureWriter::text("container_removed"), CaptureWriter::text(metadata())});
  add_call(w, 10);
  bool of_recording = false;
  SUBCASE("in the capture") {}
  SUBCASE("in its recording") { of_recording = true; }
  Replay replay(of_recording ? recorded(w) : w.path());
  if (!of_recording) {
    REQUIRE(replay.next());  // it comes before the first event shown to rules
    check_reported(replay);
  }
  REQUIRE(replay.next());
  check_reported(replay);
  CHECK(replay["user.name"] == "<NA>");
  CHECK(replay["k8s.pod.ip"] == "<NA>");
  CHECK(replay["k8s.pod.labels"] == "");
  REQUIRE(replay.next());
  CHECK(replay["evt.type"] == "container");
  CHECK(replay["container.id"] == "aaaaaaaaaaaa");
  CHECK(replay["proc.name"] == "<NA>");
  REQUIRE(replay.next());
  CHECK(replay["k8s.pod.ip"] == "10.1.2.9");
  CHECK(replay["k8s.pod.cni.json"] == "{}");
  CHECK(replay["k8s.pod.label[tier]"] == "front");
  CHECK(replay["k8s.pod.labels"] == "app:shop, tier:front");
  REQUIRE(replay.next());
  CHECK(replay["evt.type"] == "container_removed");
  CHECK(replay["container.name"] == "web");
  REQUIRE(replay.next());
  CHECK(replay["container.id"] == short_digits);
  CHECK(replay["container.name"] == "<NA>");
}

}  // namespace
}  // namespace saker::scap
