// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "enrich/container_files.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;
const std::string id = "0123456789abcdef" + std::string(48, '0');

// A root directory with the files of runtimes, gone with the test.
struct Root {
  std::string path = fs::temp_directory_path() / ("saker-root-" + std::to_string(::getpid()));
  Root() { fs::remove_all(path); }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path + name).parent_path());
    std::ofstream(path + name) << text;
  }
};

void write_bundle(const Root& root, const std::string& name) {
  root.write(name, R"({"annotations":{
    "io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"web",
    "io.kubernetes.cri.image-name":"registry.local:5000/shop/web:1.2@sha256:feed",
    "io.kubernetes.cri.sandbox-id":"5a","io.kubernetes.cri.sandbox-name":"web-7",
    "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"u-1"},
    "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
      {"destination":"/host","type":"bind","source":"/","options":["rbind","rslave","ro"]}],
    "linux":{"maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"]},
    "process":{"capabilities":{"bounding":["CAP_CHOWN"]}}})");
}

TEST_CASE("containers: containerd's bundle, as its CRI lays it out") {
  Root root;
  write_bundle(root, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json");
  Containers containers(root.path);
  const Container* c = containers.hold("/kubepods/burstable/pod1/" + id);
  REQUIRE(c);
  CHECK(c->id == "0123456789ab");
  CHECK(c->type == "containerd");
  CHECK(c->name == "web");
  CHECK(c->image_repository == "registry.local:5000/shop/web");
  CHECK(c->image_tag == "1.2");
  CHECK(c->image_digest == "sha256:feed");
  CHECK(c->pod_name == "web-7");
  CHECK(c->pod_namespace == "shop");
  CHECK(c->pod_uid == "u-1");
  CHECK(c->pod_id == "5a");
  CHECK_FALSE(c->privileged);
  REQUIRE(c->mounts.size() == 1);
  CHECK(c->mounts[0].dest == "/host");
  CHECK(c->mounts[0].propagation == "rslave");
  CHECK_FALSE(c->mounts[0].rdwr);
  containers.drop(c);
  CHECK(containers.count() == 0);
}

TEST_CASE("containers: docker's config") {
  Root root;
  std::string directory = "/var/lib/docker/containers/" + id;
  root.write(directory + "/config.v2.json", R"({"Name":"/db","Image":"sha256:beef",
    "Config":{"Image":"postgres:16"},
    "MountPoints":{"/data":{"Source":"/srv/db","RW":true,"Propagation":"rprivate"}}})");
  root.write(directory + "/hostconfig.json", R"({"Privileged":true})");
  Containers containers(root.path);
  const Container* c = containers.hold("/system.slice/docker-" + id + ".scope");
  REQUIRE(c);
  CHECK(c->type == "docker");
  CHECK(c->name == "db");
  CHECK(c->image == "postgres:16");
  CHECK(c->image_repository == "postgres");
  CHECK(c->image_id == "beef");
  CHECK(c->privileged);
  REQUIRE(c->mounts.size() == 1);
  CHECK(c->mounts[0].source == "/srv/db");
  containers.drop(c);
}

TEST_CASE("containers: the storage of podman and of CRI-O") {
  Root root;
  std::string storage = "/var/lib/containers/storage/overlay-containers/";
  root.write(storage + id + "/userdata/config.json", R"({"annotations":{}})");
  root.write(storage + "containers.json",
             "[{\"id\":\"" + id + R"(","names":["calm_cat"],"image":"aa",
               "metadata":"{\"image-name\":\"docker.io/library/alpine:3\"}"}])");
  Containers containers(root.path);
  const Container* c = containers.hold("/machine.slice/libpod-" + id + ".scope/container");
  REQUIRE(c);
  CHECK(c->type == "podman");
  CHECK(c->name == "calm_cat");
  CHECK(c->image_repository == "docker.io/library/alpine");
  CHECK(c->image_tag == "3");
  containers.drop(c);
  root.write(storage + id + "/userdata/config.json", R"({"annotations":{
    "io.kubernetes.cri-o.KubeName":"p","io.kubernetes.cri-o.Namespace":"n",
    "io.kubernetes.container.name":"c","io.kubernetes.cri-o.ImageName":"quay.io/x:y"}})");
  c = containers.hold("/kubepods.slice/crio-" + id + ".scope");
  REQUIRE(c);
  CHECK(c->type == "cri-o");
  CHECK(c->pod_name == "p");
  CHECK(c->pod_namespace == "n");
  CHECK(c->name == "c");
  containers.drop(c);
}

TEST_CASE("containers: files that come later are read later, and take the place of what was known") {
  Root root;
  Containers containers(root.path);
  const Container* c = containers.hold("/default/" + id);
  REQUIRE(c);
  CHECK_FALSE(c->metadata);
  const Container* fresh = nullptr;
  auto replace = [&](const Container* old, const Container* now) {
    CHECK(old == c);
    containers.hold(now);
    fresh = now;
  };
  std::uint64_t now = 1'000'000'000;
  containers.retry(now, replace);
  write_bundle(root, "/run/containerd/io.containerd.runtime.v2.task/default/" + id + "/config.json");
  containers.retry(now + 50'000'000, replace);
  CHECK(fresh == nullptr);
  containers.retry(now + 200'000'000, replace);
  REQUIRE(fresh);
  CHECK(fresh->name == "web");
  CHECK(c->id == fresh->id);  // the old one is still there for those who hold it
  containers.drop(c);
  CHECK(containers.count() == 1);
  containers.drop(fresh);
  CHECK(containers.count() == 0);
}

TEST_CASE("containers: broken, huge and foreign files are as good as none") {
  Root root;
  std::string bundle = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json";
  for (const std::string& text :
       {std::string("{"), std::string("[1,2]"), std::string(2u << 20, '['), std::string("")}) {
    root.write(bundle, text);
    Container c;
    c.full_id = id;
    CHECK_FALSE(read_container_files(root.path, c));
  }
  root.write(bundle, R"({"annotations":{"io.kubernetes.cri.container-name":5},"mounts":7})");
  Container c;
  c.full_id = id;
  CHECK(read_container_files(root.path, c));
  CHECK(c.name.empty());
}

TEST_CASE("containers: an image's name into its parts") {
  struct Row {
    const char *image, *repository, *tag, *digest;
  };
  for (const Row& row : {Row{"nginx", "nginx", "", ""}, Row{"nginx:1", "nginx", "1", ""},
                         Row{"host:5000/nginx", "host:5000/nginx", "", ""},
                         Row{"host:5000/a/b:c@sha256:1", "host:5000/a/b", "c", "sha256:1"},
                         Row{"a@sha256:1", "a", "", "sha256:1"}, Row{"sha256:12", "", "", "sha256:12"}}) {
    Container c;
    split_image(row.image, c);
    CHECK(c.image_repository == row.repository);
    CHECK(c.image_tag == row.tag);
    CHECK(c.image_digest == row.digest);
  }
}

}  // namespace
}  // namespace saker::enrich
