// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <mutex>

#include "enrich/container_files.h"
#include "enrich/container_reader.h"
#include "enrich/labels.h"
#include "runtime_root.h"

namespace saker::enrich {
namespace {

using namespace test;
namespace fs = std::filesystem;

// Containers whose files are read at once. The caller's reference moves to the result.
struct Known {
  Containers containers;
  UserNames names;
  ContainerReader reader, users;
  LifeLock life;
  std::uint64_t now = 1'000'000'000;

  explicit Known(const Root& root, const RuntimePaths& more = {})
      : names(root.path, nullptr),
        reader(containers, names, root.path, more),
        users(containers, names, root.path, {}, Whose::users) {}
  const Container* hold(std::string_view cgroup) {
    (void)names.read_files(true);
    const Container* held = containers.hold(cgroup);
    if (held)
      read([&](const Containers::Replacement& of) {
        if (of.old != held) return true;
        containers.hold(of.fresh);
        containers.drop(of.old);
        held = of.fresh;
        return true;
      });
    return held;
  }
  void read(const ContainerReader::Redirect& redirect) {
    reader.serve(life, now, redirect);
    users.serve(life, now, redirect);
  }
};

TEST_CASE("containers: containerd's bundle, in the layout of its CRI plugin") {
  Root root;
  write_bundle(root, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json");
  Known containers(root);
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
  containers.containers.drop(c);
  CHECK(containers.containers.count() == 0);
}

TEST_CASE("containers: docker's config") {
  Root root;
  std::string directory = "/var/lib/docker/containers/" + id;
  root.write(directory + "/config.v2.json", R"({"Name":"/db","Image":"sha256:beef",
    "Config":{"Image":"postgres:16"},
    "MountPoints":{"/data":{"Source":"/srv/db","RW":true,"Propagation":"rprivate"}}})");
  root.write(directory + "/hostconfig.json", R"({"Privileged":true})");
  Known containers(root);
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
  containers.containers.drop(c);
}

TEST_CASE("containers: the storage of podman and of CRI-O") {
  Root root;
  std::string storage = "/var/lib/containers/storage/overlay-containers/";
  root.write(storage + id + "/userdata/config.json", R"({"annotations":{}})");
  root.write(storage + "containers.json",
             "[{\"id\":\"" + id + R"(","names":["calm_cat"],"image":"aa",
               "metadata":"{\"image-name\":\"docker.io/library/alpine:3\"}"}])");
  Known containers(root);
  const Container* c = containers.hold("/machine.slice/libpod-" + id + ".scope/container");
  REQUIRE(c);
  CHECK(c->type == "podman");
  CHECK(c->name == "calm_cat");
  CHECK(c->image_repository == "docker.io/library/alpine");
  CHECK(c->image_tag == "3");
  containers.containers.drop(c);
  root.write(storage + id + "/userdata/config.json", R"({"annotations":{
    "io.kubernetes.cri-o.KubeName":"p","io.kubernetes.cri-o.Namespace":"n",
    "io.kubernetes.container.name":"c","io.kubernetes.cri-o.ImageName":"quay.io/x:y"}})");
  c = containers.hold("/kubepods.slice/crio-" + id + ".scope");
  REQUIRE(c);
  CHECK(c->type == "cri-o");
  CHECK(c->pod_name == "p");
  CHECK(c->pod_namespace == "n");
  CHECK(c->name == "c");
  containers.containers.drop(c);
}

TEST_CASE("containers: podman's image has a digest and its author's labels") {
  Root root;
  const std::string storage = "/var/lib/containers/storage/vfs-", image(64, 'a');
  root.write(storage + "containers/" + id + "/userdata/config.json", "{}");
  root.write(storage + "containers/containers.json",
             "[{\"id\":\"" + id + "\",\"names\":[\"calm_cat\"],\"image\":\"" + image + "\"}]");
  root.write(storage + "images/images.json",
             R"([{"id":"b","digest":"sha256:other"},{"digest":"sha256:feed","id":")" + image +
                 R"("},{"digest":"sha256:last","id":"c"}])");
  root.write(storage + "images/" + image +
                 "/=c2hhMjU2OmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWF"
                 "hYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=",
             R"({"config":{"Labels":{"who":"author"}},"Labels":{"who":"nobody"}})");
  Known containers(root);
  const Container* c = containers.hold("/libpod_parent/libpod-" + id);
  REQUIRE(c);
  CHECK(c->image_digest == "sha256:feed");
  CHECK(c->labels == std::string("who\0author\0", 11));
  containers.containers.drop(c);
}

TEST_CASE(
    "containers: an id is known at once, files that come later take the place of what was known") {
  Root root;
  Known known(root);
  Containers& containers = known.containers;
  const Container* c = containers.hold("/default/" + id);
  REQUIRE(c);
  CHECK(c->id == "0123456789ab");
  CHECK_FALSE(c->metadata);
  CHECK(Containers::pending(c));
  const Container* fresh = nullptr;
  unsigned turns = 0;
  auto replace = [&](const Containers::Replacement& of) {
    CHECK(of.old == c);
    if (++turns == 1) return false;
    containers.hold(of.fresh);
    fresh = of.fresh;
    return true;
  };
  known.read(replace);
  CHECK_FALSE(Containers::pending(c));
  write_bundle(root,
               "/run/containerd/io.containerd.runtime.v2.task/default/" + id + "/config.json");
  known.now += 50'000'000;
  known.read(replace);
  CHECK(fresh == nullptr);
  known.now += 150'000'000;
  CHECK(containers.next_due() <= known.now);
  known.read(replace);
  REQUIRE(fresh);
  CHECK(turns == 2);
  CHECK(fresh->name == "web");
  CHECK(c->id == fresh->id);  // the old object still exists for those who hold it
  CHECK(containers.next_due() == ~std::uint64_t{0});
  containers.drop(c);
  CHECK(containers.count() == 1);
  containers.drop(fresh);
  CHECK(containers.count() == 0);
}

TEST_CASE("containers: a container that the runtime renames has the new name") {
  for (const bool docker : {true, false}) {
    CAPTURE(docker);
    Root root;
    Known known(root);
    Containers& containers = known.containers;
    const std::string storage = "/var/lib/containers/storage/overlay-containers/";
    auto name = [&](const std::string& to) {
      if (docker)
        root.write("/var/lib/docker/containers/" + id + "/config.v2.json",
                   R"({"Name":"/)" + to + "\"}");
      else
        root.write(storage + "containers.json",
                   "[{\"id\":\"" + id + R"(","names":[")" + to + "\"]}]");
    };
    root.write(storage + id + "/userdata/config.json", "{}");
    name("one");
    const Container* c = containers.hold(docker ? "/docker/" + id : "/libpod_parent/libpod-" + id);
    unsigned replaced = 0;
    auto follow = [&](const Containers::Replacement& of) {
      containers.hold(of.fresh);
      containers.drop(std::exchange(c, of.fresh));
      replaced++;
      return true;
    };
    auto pass = [&] {
      known.now += 11'000'000'000;
      known.read(follow);
    };
    pass();
    CHECK(c->name == "one");
    // Nothing changes, or nothing about this container.
    pass();
    name("one");
    pass();
    CHECK(replaced == 1);
    name("another");
    pass();
    CHECK(c->name == "another");
    CHECK(replaced == 2);
    // A description that is gone leaves what was known.
    fs::remove_all(root.path);
    pass();
    CHECK(replaced == 2);
    CHECK(containers.next_due() > known.now);
    containers.drop(c);
    CHECK(containers.count() == 0);
    CHECK(containers.next_due() == ~std::uint64_t{0});
  }
}

TEST_CASE("containers: a container for which nothing is found in the end is counted") {
  Root root;
  Known known(root);
  const Container* c = known.containers.hold("/default/" + id);
  auto replace = [](const Containers::Replacement&) {
    FAIL("nothing was there");
    return true;
  };
  for (int i = 0; i < 10; i++, known.now += 60'000'000'000) known.read(replace);
  CHECK(known.containers.unknown() == 1);
  CHECK(known.containers.next_due() == ~std::uint64_t{0});
  known.containers.drop(c);
}

TEST_CASE("containers: another group with the same digits is not that container") {
  Containers containers;
  const Container* c = containers.hold("/system.slice/docker-" + id + ".scope");
  REQUIRE(c);
  const std::string users = "/user.slice/user-1000.slice/user@1000.service/";
  CHECK(containers.hold("/system.slice/a.service/libpod-payload-" + id) == nullptr);
  CHECK(containers.hold(users + "docker-" + id + ".scope") == nullptr);
  CHECK(containers.refused() == 2);
  const Container* again = containers.hold("/system.slice/docker-" + id + ".scope/below");
  CHECK(again == c);
  // A user's container is not root's, and does not block others with its digits.
  const std::string other(64, 'e');
  const Container* of_user = containers.hold(users + "libpod-" + other + ".scope");
  const Container* of_root = containers.hold("/machine.slice/libpod-" + other + ".scope");
  CHECK(of_user != nullptr);
  CHECK(of_root != nullptr);
  CHECK(of_user != of_root);
  for (const Container* each : {c, again, of_user, of_root}) containers.drop(each);
  CHECK(containers.count() == 0);
}

std::string of_user(unsigned user, char digit) {
  const std::string uid = std::to_string(user);
  return "/user.slice/user-" + uid + ".slice/user@" + uid + ".service/libpod-" +
         std::string(64, digit) + ".scope";
}

TEST_CASE(
    "containers: a user's file system that blocks the reader delays only that user's containers") {
  Containers containers;
  std::vector<const Container*> held;
  for (const std::string& group : {of_user(1000, 'a'), of_user(1000, 'b'), of_user(1001, 'c'),
                                   "/system.slice/docker-" + id + ".scope"})
    held.push_back(containers.hold(group));
  const auto slow = containers.due(0, Whose::users);
  REQUIRE(slow);
  CHECK(slow->user == 1000u);
  // Its other container waits, the other user's and the system's are read.
  const auto other = containers.due(0, Whose::users);
  REQUIRE(other);
  CHECK(other->user == 1001u);
  CHECK_FALSE(containers.due(0, Whose::users));
  CHECK(containers.next_due(Whose::users) == ~std::uint64_t{0});
  CHECK(containers.due(0));
  CHECK_FALSE(containers.due(0));
  for (const Container* each : held) containers.drop(each);
  CHECK(containers.count() == 0);
}

TEST_CASE("containers: a user's slow files are read a small part of the time") {
  Containers containers;
  const Container* first = containers.hold(of_user(1000, 'a'));
  const Container* second = containers.hold(of_user(1000, 'b'));
  auto quick = containers.due(1000, Whose::users);
  REQUIRE(quick);
  quick->took_ns = 1'000'000;
  CHECK_FALSE(containers.answer(*quick, false, 1000));
  CHECK(containers.next_due(Whose::users) <= 1000);
  auto slow = containers.due(1000, Whose::users);
  REQUIRE(slow);
  slow->took_ns = 4'000'000'000;
  CHECK_FALSE(containers.answer(*slow, false, 1000));
  const std::uint64_t next = containers.next_due(Whose::users);
  CHECK(next == 1000 + 4'000'000'000 + 60'000'000'000);
  CHECK_FALSE(containers.due(next - 1, Whose::users));
  CHECK(containers.due(next, Whose::users));
  // A container that is gone while it is read leaves nothing.
  containers.drop(first);
  containers.drop(second);
  CHECK(containers.count() == 0);
  CHECK(containers.next_due(Whose::users) == ~std::uint64_t{0});
}

std::string bundle_path() {
  return "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json";
}

// The data read from the bundle.
bool read_bundle(const Root& root, Container& c, std::string& why) {
  c.full_id = id;
  return read_container_files(root.path, RuntimePaths::find(root.path, {}), false, c, why);
}

TEST_CASE("containers: broken, huge and foreign files are ignored with a reason") {
  Root root;
  std::string why;
  for (const std::string& text :
       {std::string("{"), std::string(2u << 20, '['), std::string(""), std::string("5"),
        R"({"annotations":{"io.kubernetes.cri.container-name":"half"}})" + std::string("x")}) {
    root.write(bundle_path(), text);
    Container c;
    CHECK_FALSE(read_bundle(root, c, why));
    CHECK(c.name.empty());
    CHECK(why.find("not JSON") != std::string::npos);
  }
  root.write(bundle_path(), R"({"annotations":{"io.kubernetes.cri.container-name":5},"mounts":7})");
  Container c;
  CHECK(read_bundle(root, c, why));
  CHECK(c.name.empty());
  fs::resize_file(root.path + bundle_path(), 1ull << 30);
  CHECK_FALSE(read_bundle(root, c, why));
  CHECK(why.find("larger than") != std::string::npos);
}

TEST_CASE("containers: an irregular file in a runtime's directory does not block the reader") {
  Root root;
  const std::string path = root.path + bundle_path();
  fs::create_directories(fs::path(path).parent_path());
  auto refused = [&] {
    Container c;
    std::string why;
    bool read = read_bundle(root, c, why);
    fs::remove_all(path);
    return !read && why.find("not a regular file") != std::string::npos;
  };
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(refused());
  fs::create_symlink("/dev/zero", path);
  CHECK(refused());
  fs::create_directory(path);
  CHECK(refused());
  std::string why;
  Container c;
  CHECK_FALSE(read_bundle(root, c, why));
}

TEST_CASE("containers: megabytes of labels hide neither the image nor another label") {
  Root root;
  std::string labels = R"("a":")" + std::string(5u << 20, 'x') + R"(","zone":"dmz")";
  root.write("/var/lib/docker/containers/" + id + "/config.v2.json",
             R"({"Config":{"Image":"evil:1","Labels":{)" + labels + R"(}},"Name":"/web"})");
  Known known(root);
  const Container* c = known.hold("/docker/" + id);
  REQUIRE(c);
  CHECK(c->image_repository == "evil");
  CHECK(c->name == "web");
  CHECK(c->labels.size() <= 65u << 10);
  std::string zone;
  each_label(c->labels, [&](std::string_view key, std::string_view value) {
    if (key == "zone") zone = value;
    return false;
  });
  CHECK(zone == "dmz");
  known.containers.drop(c);
}

TEST_CASE("containers: an image's own labels and annotations name no pod and no image") {
  Root root;
  const char* claims =
      R"("io.kubernetes.pod.namespace":"kube-system","io.kubernetes.cri.sandbox-name":"p",
    "io.kubernetes.cri-o.Namespace":"kube-system","io.kubernetes.cri.image-name":"good",
    "io.kubernetes.cri-o.ImageName":"good","org.opencontainers.image.ref.name":"good")";
  root.write("/var/lib/docker/containers/" + id + "/config.v2.json",
             R"({"Config":{"Image":"evil","Labels":{)" + std::string(claims) + "}}}");
  const std::string storage = "/var/lib/containers/storage/overlay-containers/";
  root.write(storage + id + "/userdata/config.json",
             R"({"annotations":{)" + std::string(claims) + "}}");
  for (const char* type : {"docker", "podman"}) {
    CAPTURE(type);
    Container c;
    std::string why;
    c.full_id = id;
    c.type = type;
    CHECK(read_container_files(root.path, RuntimePaths::find(root.path, {}), false, c, why));
    CHECK(c.pod_namespace.empty());
    CHECK(c.pod_name.empty());
    CHECK(c.image != "good");
  }
}

TEST_CASE("containers: a runtime's files are found in the directory of its configuration") {
  Root root;
  root.write("/etc/docker/daemon.json", R"({"data-root":"/srv/docker"})");
  root.write("/etc/containers/storage.conf", "[storage]\n graphroot = \"/srv/pods\"\n");
  root.write("/srv/docker/containers/" + id + "/config.v2.json", R"({"Name":"/elsewhere"})");
  Known known(root);
  const Container* c = known.hold("/docker/" + id);
  CHECK(c->name == "elsewhere");
  known.containers.drop(c);

  const std::string pod(64, 'f');
  root.write("/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" + pod + "/config.json",
             R"({"annotations":{"io.kubernetes.cri.container-name":"in-k3s"}})");
  c = known.hold("/kubepods/besteffort/pod1/" + pod);
  CHECK(c->name == "in-k3s");
  known.containers.drop(c);

  root.write("/etc/passwd", "ada:x:1000:1000::/home/ada:/bin/sh\n");
  const std::string own = "/home/ada/.local/share/containers/storage/overlay-containers/";
  root.write(own + id + "/userdata/config.json", R"({"annotations":{}})");
  root.write(own + "containers.json", "[{\"id\":\"" + id + R"(","names":["rootless"]}])");
  c = known.hold("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id +
                 ".scope");
  CHECK(c->name == "rootless");
  known.containers.drop(c);
}

TEST_CASE("containers: directories of the configuration are searched, and before others") {
  Root root;
  const std::string bundle = "/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json";
  const std::string text = R"({"annotations":{"io.kubernetes.cri.container-name":")";
  root.write("/run/containerd" + bundle, text + "usual\"}}");
  root.write("/srv/state" + bundle, text + "own\"}}");
  const std::string docker(64, 'd'), pod(64, 'f');
  root.write("/srv/docker/containers/" + docker + "/config.v2.json", R"({"Name":"/in-docker"})");
  // A host without overlayfs.
  const std::string storage = "/srv/pods/vfs-containers/";
  root.write(storage + pod + "/userdata/config.json", R"({"annotations":{}})");
  root.write(storage + "containers.json", "[{\"id\":\"" + pod + R"(","names":["in-podman"]}])");
  Known known(root,
              {.containerd = {"/srv/state"}, .docker = {"/srv/docker"}, .storage = {"/srv/pods"}});
  for (const auto& [group, name] : {std::pair("/kubepods/pod1/" + id, "own"),
                                    {"/docker/" + docker, "in-docker"},
                                    {"/machine.slice/libpod-" + pod + ".scope", "in-podman"}}) {
    const Container* c = known.hold(group);
    REQUIRE(c);
    CHECK(c->name == name);
    known.containers.drop(c);
  }
}

TEST_CASE("containers: an image's name is split into its parts") {
  struct Row {
    const char *image, *repository, *tag, *digest;
  };
  for (const Row& row :
       {Row{"nginx", "nginx", "", ""}, Row{"nginx:1", "nginx", "1", ""},
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
