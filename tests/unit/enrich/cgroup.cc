// SPDX-License-Identifier: Apache-2.0
#include "enrich/cgroup.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace saker::enrich {
namespace {

const std::string id(64, 'a');
const std::string other(64, 'b');

TEST_CASE("cgroup: the forms of every runtime, both hierarchies") {
  struct Row {
    std::string path;
    std::string_view type;
  };
  const Row rows[] = {
      {"/docker/" + id, "docker"},
      {"/system.slice/docker-" + id + ".scope", "docker"},
      {"/kubepods/burstable/pod1234-abcd/" + id, ""},
      {"/kubepods.slice/kubepods-pod12.slice/cri-containerd-" + id + ".scope", "containerd"},
      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/crio-" + id +
           ".scope",
       "cri-o"},
      {"/kubepods.slice/kubepods-pod12.slice/crio-" + id + ".scope/container", "cri-o"},
      {"/kubepods/besteffort/podx/crio-" + id, "cri-o"},
      {"/system.slice/containerd.service/kubepods-besteffort-podx.slice:cri-containerd:" + id,
       "containerd"},
      {"/default/" + id, "containerd"},
      {"/system.slice/nerdctl-" + id + ".scope", "containerd"},
      {"/machine.slice/libpod-" + id + ".scope", "podman"},
      {"/machine.slice/libpod-" + id + ".scope/container", "podman"},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope",
       "podman"},
      {"/libpod_parent/libpod-" + id, "podman"},
      {"/libpod_parent/" + id, "podman"},
      {"/docker/" + id + "/docker/" + other, "docker"},
      {"/system.slice/web.service/libpod-payload-" + id, "podman"},
      {"/../../docker/" + id, "docker"},
      {"/ecs/task/" + id, "containerd"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    auto found = container_of_cgroup(row.path);
    REQUIRE(found);
    CHECK(found->id == id);
    CHECK(found->type == row.type);
  }
}

TEST_CASE("cgroup: nspawn machines by name") {
  auto found = container_of_cgroup("/machine.slice/machine-web\\x2d1.scope/payload/init.scope");
  REQUIRE(found);
  CHECK(found->id == "web-1");
  CHECK(found->type == "systemd-nspawn");
  found = container_of_cgroup("/machine.slice/systemd-nspawn@db.service/payload");
  REQUIRE(found);
  CHECK(found->id == "db");
}

TEST_CASE("cgroup: LXC, LXD and libvirt by name") {
  for (const char* path : {"/lxc.payload.web", "/lxc/web/init.scope", "/lxc.payload/web",
                           "/machine.slice/machine-lxc\\x2dweb.scope/init.scope"}) {
    CAPTURE(path);
    auto found = container_of_cgroup(path);
    REQUIRE(found);
    CHECK(found->id == "web");
    CHECK(found->named);
  }
  CHECK(container_of_cgroup("/lxc/web")->type == "lxc");
}

// Groups that a tenant makes in its own part of the hierarchy do not give it another identity.
TEST_CASE("cgroup: the outermost group counts, whatever is made below it") {
  const std::string own = "/system.slice/docker-" + id + ".scope";
  for (const std::string& below :
       {std::string("/systemd-nspawn@host.service"), "/docker-" + other + ".scope", "/" + other,
        std::string("/machine.slice/machine-host.scope"), "/kubepods/pod1/" + other,
        std::string("/../../x"), "/user.slice/user-0.slice/libpod-" + other + ".scope",
        std::string("/lxc.payload.host"), std::string("/\n\xff")}) {
    CAPTURE(below);
    const std::string path = own + below;
    auto found = container_of_cgroup(path);
    REQUIRE(found);
    CHECK(found->id == id);
    CHECK(found->type == "docker");
    CHECK(found->group == own);
  }
}

TEST_CASE(
    "cgroup: a service that is not a runtime, and a user, cannot make a container of root's") {
  for (const std::string& path :
       {"/system.slice/web.service/docker-" + id + ".scope", "/system.slice/web.service/" + id,
        "/system.slice/web.service/docker/" + id,
        "/system.slice/web.service/x:cri-containerd:" + id,
        std::string("/system.slice/web.service/systemd-nspawn@db.service"),
        std::string("/system.slice/web.service/machine.slice/machine-db.scope"),
        "/init.scope/" + id, std::string("/system.slice/lxc/web"),
        std::string("/a/lxc.payload.web"), std::string("/user.slice/systemd-nspawn@db.service"),
        "/user.slice/" + id, "/user.slice/user-1000.slice/user@1000.service/" + id,
        "/user.slice/user-1000.slice/user@1000.service/docker/" + id,
        "/user.slice/user-x.slice/docker-" + id + ".scope"}) {
    CAPTURE(path);
    CHECK_FALSE(container_of_cgroup(path));
  }
  auto users =
      container_of_cgroup("/user.slice/user-1000.slice/user@1000.service/docker-" + id + ".scope");
  REQUIRE(users);
  REQUIRE(users->user);
  CHECK(*users->user == 1000);
  CHECK_FALSE(container_of_cgroup("/docker/" + id)->user);
}

TEST_CASE("cgroup: no name can pass for the host, or for digits") {
  CHECK(container_of_cgroup("/machine.slice/systemd-nspawn@host.service")->id ==
        "systemd-nspawn:host");
  CHECK(container_of_cgroup("/lxc.payload.host")->id == "lxc:host");
  CHECK(container_of_cgroup("/lxc/0123456789ab")->id == "lxc:0123456789ab");
  CHECK(container_of_cgroup("/lxc/" + id)->id == "lxc:" + id);
}

TEST_CASE("cgroup: paths that are not containers") {
  for (const std::string& path :
       {std::string("/"), std::string(""), std::string("/system.slice/ssh.service"),
        "/machine.slice/libpod-conmon-" + id + ".scope",
        "/system.slice/crio-conmon-" + id + ".scope",
        std::string("/machine.slice/machine-qemu\\x2d3\\x2dvm.scope"),
        std::string("/user.slice/machine-fake.scope"), "/docker/" + id.substr(1),
        "/docker/" + id.substr(1) + "G", "/docker-" + id + ".scope.d"}) {
    CAPTURE(path);
    CHECK_FALSE(container_of_cgroup(path));
  }
}

TEST_CASE("cgroup: the relevant path") {
  CHECK(cgroup_path("0::/system.slice/a.service\n") == "/system.slice/a.service");
  CHECK(cgroup_path("9:name=systemd:/docker/x\n4:memory:/docker/x\n0::/\n") == "/docker/x");
  CHECK(cgroup_path("8:pids:/\n3:cpuset:/y\n") == "/y");
  CHECK(cgroup_path("0::/\n") == "/");
  CHECK(cgroup_path("garbage") == "");
}

TEST_CASE("cgroup: the uid of a pod, in each form, and only where Kubernetes made the group") {
  const std::string uid = "12345678-9abc-def0-1234-56789abcdef0";
  std::string slice = uid;
  std::replace(slice.begin(), slice.end(), '-', '_');
  const std::string scope = "cri-containerd-" + id + ".scope";
  const auto of = [](const std::string& path) { return container_of_cgroup(path).value().pod_uid; };
  CHECK(of("/kubepods/burstable/pod" + uid + "/" + id) == uid);
  CHECK(of("/kubepods/pod" + uid + "/" + id) == uid);
  CHECK(of("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + slice + ".slice/" +
           scope) == uid);
  CHECK(of("/kubepods.slice/kubepods-pod" + slice + ".slice/" + scope) == uid);
  CHECK(of("/system.slice/containerd.service/kubepods-burstable-pod" + slice +
           ".slice:cri-containerd:" + id) == uid);
  // A static pod's is a digest.
  CHECK(of("/kubepods/pod" + other.substr(0, 32) + "/" + id) == other.substr(0, 32));
  CHECK(of("/pod" + uid + "/" + id) == "");
  CHECK(of("/kubepods/podX" + uid + "/" + id) == "");
  CHECK(of("/kubepods/pod" + std::string(65, 'a') + "/" + id) == "");
  CHECK(of("/docker/" + id + "/kubepods/pod" + uid + "/" + other) == "");
  CHECK(of("/user.slice/user-1000.slice/user@1000.service/kubepods/pod" + uid + "/libpod-" + id +
           ".scope") == "");
}

}  // namespace
}  // namespace saker::enrich
