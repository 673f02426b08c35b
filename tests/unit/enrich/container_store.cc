// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_store.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bolt_pages.h"
#include "enrich/container_files.h"
#include "podman5.h"

namespace saker::enrich {
namespace {

namespace fs = std::filesystem;
using test::BoltBucket;
using test::BoltPages;
const std::string id = "0123456789abcdef" + std::string(48, '0');
const std::string pod(64, '5'), config(64, 'c');

struct Root {
  std::string path = fs::temp_directory_path() / ("saker-store-" + std::to_string(::getpid()));
  Root() { fs::remove_all(path); }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path + name).parent_path());
    std::ofstream(path + name, std::ios::binary) << text;
  }
  Container read(const std::string& type) const {
    Container out;
    out.id = id.substr(0, 12);
    out.full_id = id;
    out.type = type;
    std::string why;
    CHECK(read_container_files(path, RuntimePaths::find(path, {}), false, out, why));
    return out;
  }
};

std::string labels(std::initializer_list<const char*> texts) {
  std::string out;
  for (const char* text : texts) out.append(text).push_back('\0');
  return out;
}

// An Any of Protocol Buffers.
std::string any(const std::string& value) {
  std::string out = "\x0a\x03url\x12";
  for (std::size_t size = value.size();; size >>= 7) {
    out += static_cast<char>((size & 127) | (size > 127 ? 128 : 0));
    if (size <= 127) return out + value;
  }
}

BoltBucket containerd() {
  BoltBucket top;
  top.per_page = 1;
  BoltBucket& space = top.buckets["v1"].buckets["k8s.io"];
  space.per_page = space.buckets["containers"].per_page = top.buckets["v1"].per_page = 1;
  BoltBucket& container = space.buckets["containers"].buckets[id];
  container.values = {{"createdat", "x"}, {"image", "registry.local:5000/shop/web:1.2"}};
  container.buckets["labels"].values = {{"who", "author"}, {"more", "own"}};
  BoltBucket& sandbox = space.buckets["containers"].buckets[pod];
  sandbox.values = {{"createdat", "x"}, {"image", "pause"}};
  sandbox.buckets["extensions"].values["io.cri-containerd.sandbox.metadata"] =
      any(R"({"Version":"v1","Metadata":{"IP":"10.9.0.2","CNIResult":{"DNS":[]},
        "Config":{"labels":{"app":"web","b":7}}}})");
  BoltBucket& image = space.buckets["images"].buckets["registry.local:5000/shop/web:1.2"];
  image.buckets["target"].values["digest"] = "sha256:feed";
  BoltBucket& blobs = space.buckets["content"].buckets["blob"];
  blobs.buckets["sha256:feed"].buckets["labels"].values["containerd.io/gc.ref.content.m.0"] =
      "sha256:beef";
  blobs.buckets["sha256:beef"].buckets["labels"].values["containerd.io/gc.ref.content.config"] =
      "sha256:" + config;
  return top;
}

TEST_CASE("containers: containerd's database has image, digest and labels, and those of the pod") {
  Root root;
  root.write("/etc/containerd/config.toml", "version = 2\nroot = \"/srv/containerd\"\n");
  root.write("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json",
             R"({"annotations":{"io.kubernetes.cri.sandbox-id":")" + pod + "\"}}");
  const std::string store = "/srv/containerd/io.containerd.metadata.v1.bolt/meta.db";
  root.write(store, BoltPages::file(containerd()));
  Container c = root.read("containerd");
  CHECK(c.name == "0123456789ab");
  CHECK(c.image_repository == "registry.local:5000/shop/web");
  CHECK(c.image_tag == "1.2");
  CHECK(c.image_digest == "sha256:feed");
  CHECK(c.image_id == config);
  CHECK(c.labels == labels({"more", "own", "who", "author"}));
  CHECK(c.pod_network);
  CHECK(c.pod_ip == "10.9.0.2");
  CHECK(c.pod_cni == R"({"DNS":[]})");
  CHECK(c.pod_labels == labels({"app", "web"}));

  // Without it, or with a damaged one, what the bundle says remains.
  root.write(store, BoltPages::file(containerd()).substr(0, 4 * BoltPages::page_size));
  c = root.read("containerd");
  CHECK(c.pod_id == pod);
  CHECK(c.image_digest.empty());
  CHECK_FALSE(c.pod_network);
  fs::remove(root.path + store);
  CHECK(root.read("containerd").pod_id == pod);
}

TEST_CASE("containers: extensions of containerd that are not what they should be") {
  for (const std::string& bad :
       {std::string(), std::string("\x12"), std::string("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        std::string("\x08\x01"), any("{"), any("[]"), any(R"({"Metadata":[]})"),
        any(R"({"Metadata":{"Config":7,"IP":"1"}})"), any(R"({"Metadata":{"Config":null}})")}) {
    Root root;
    BoltBucket top = containerd();
    top.buckets["v1"]
        .buckets["k8s.io"]
        .buckets["containers"]
        .buckets[pod]
        .buckets["extensions"]
        .values["io.cri-containerd.sandbox.metadata"] = bad;
    root.write("/meta.db", BoltPages::file(top));
    Container c;
    c.full_id = id;
    c.pod_id = pod;
    std::string why;
    CHECK(take_from_containerd(root.path + "/meta.db", "k8s.io", c, why));
    CHECK(c.image_digest == "sha256:feed");
    CHECK_FALSE(c.pod_network);
  }
}

TEST_CASE("containers: podman's database has the labels of podman run") {
  Root root;
  const std::string storage = "/var/lib/containers/storage/";
  root.write(storage + "overlay-containers/" + id + "/userdata/config.json", "{}");
  root.write(storage + "overlay-containers/containers.json",
             "[{\"id\":\"" + id + "\",\"names\":[\"web\"]}]");
  BoltBucket top;
  top.buckets["ctr"].buckets[id].values["config"] =
      R"({"name":"web","labels":{"who":"us","more":"own"},"annotations":{"labels":"x"}})";
  root.write(storage + "libpod/bolt_state.db", BoltPages::file(top));
  const Container c = root.read("podman");
  CHECK(c.name == "web");
  CHECK(c.labels == labels({"more", "own", "who", "us"}));
}

TEST_CASE("containers: the database of podman 5 has the labels of podman run") {
  for (const char* name : {"db.sql", "libpod/db.sql"}) {
    Root root;
    const std::string storage = "/var/lib/containers/storage/";
    root.write(storage + "overlay-containers/" + id + "/userdata/config.json", "{}");
    root.write(storage + "overlay-containers/containers.json",
               "[{\"id\":\"" + id + "\",\"names\":[\"web\"]}]");
    root.write(storage + name, "");
    test::write_podman5(root.path + storage + name, 4096, 30, id,
                        R"({"name":"web","labels":{"who":"us"},"annotations":{"labels":"x"}})");
    const Container c = root.read("podman");
    CHECK(c.name == "web");
    CHECK(c.labels == labels({"who", "us"}));
  }
}

TEST_CASE("containers: docker's image has the digest under which a registry knows it") {
  Root root;
  root.write("/var/lib/docker/containers/" + id + "/config.v2.json",
             R"({"Name":"/web","Image":"sha256:beef","Config":{"Image":"local:5000/web:1.2"}})");
  root.write("/var/lib/docker/image/overlay2/repositories.json", R"({"Repositories":{
    "a/web":{"a/web:1":"sha256:beef","a/web@sha256:0a":"sha256:beef"},
    "local:5000/web":{"local:5000/web:1.2":"sha256:beef","local:5000/web@sha256:0b":"sha256:beef",
      "local:5000/web@sha256:0c":"sha256:feed"},
    "z/web":{"z/web@sha256:0d":"sha256:beef"}}})");
  const Container c = root.read("docker");
  CHECK(c.image_tag == "1.2");
  CHECK(c.image_digest == "sha256:0b");
}

}  // namespace
}  // namespace saker::enrich
