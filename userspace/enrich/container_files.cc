// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/file.h"
#include "base/hash.h"
#include "enrich/container_labels.h"
#include "enrich/container_spec.h"
#include "enrich/container_store.h"
#include "enrich/json_walk.h"

namespace saker::enrich {
namespace {

// These files contain labels and environment of an image, and an image may have megabytes of them.
constexpr std::size_t max_bytes = 16u << 20;
constexpr std::size_t max_text = 4096, max_mounts = 1000;
// Docker's description of a container, the list that containers/storage keeps, and its drivers.
constexpr const char* config_file = "/config.v2.json";
constexpr const char* list_file = "containers.json";
constexpr const char* drivers[] = {"overlay", "vfs", "btrfs", "zfs"};

// Walks a file to its end. False: it does not exist, or is invalid; then `why` says so.
bool walk_file(const std::string& path, std::string& why,
               const std::function<void(const JsonLeaf&)>& leaf) {
  Result<std::string> text = read_regular_file(path, max_bytes);
  if (!text) {
    if (text.error().code != ENOENT && text.error().code != ENOTDIR) why = text.error().message;
    return false;
  }
  if (walk_json(*text, leaf)) return true;
  why = path + ": not JSON";
  return false;
}

bool is_full_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

void set(std::string& to, std::string_view value) {
  if (!value.empty()) to = value.substr(0, max_text);
}

void set_first(std::string& to, std::string_view value) {
  if (to.empty()) set(to, value);
}

bool take_bundle(const std::string& path, Annotator by, Container& out, std::string& why) {
  OciSpec spec(by);
  if (!walk_file(path, why, [&](const JsonLeaf& leaf) { spec.take(leaf); })) return false;
  spec.fill(out);
  return true;
}

bool from_containerd(const std::string& root, const RuntimePaths& paths, Container& out,
                     std::string& why) {
  for (const std::string& tasks : paths.containerd) {
    // One directory for each containerd namespace: k8s.io, moby, default, ...
    for (const std::string& space : names_in(root + tasks, 1000)) {
      const std::string bundle = root + tasks + "/" + space + "/" + out.full_id + "/config.json";
      if (!take_bundle(bundle, Annotator::containerd, out, why)) continue;
      if (out.type.empty()) out.type = "containerd";
      set_first(out.name, out.id);
      for (const std::string& store : paths.containerd_stores)
        if (take_from_containerd(root + store, space, out, why)) break;
      return true;
    }
  }
  return false;
}

// Docker's config.v2.json.
struct DockerConfig {
  explicit DockerConfig(Annotator by) : notes(by) {}

  Annotations notes;
  ContainerLabels labels;
  std::string name, image, image_id, address, first_address;
  std::vector<Container::Mount> mounts;

  void take(const JsonLeaf& leaf) {
    const JsonPath& path = leaf.path;
    if (path.is({"MountPoints", "*", "*"})) return take_mount(leaf);
    if (!leaf.is_text) return;
    if (path.is({"Name"}))
      set(name, leaf.text);
    else if (path.is({"Config", "Image"}))
      set(image, leaf.text);
    else if (path.is({"Image"}))
      set(image_id, leaf.text);
    else if (path.is({"NetworkSettings", "IPAddress"}))
      set(address, leaf.text);
    else if (path.is({"NetworkSettings", "Networks", "*", "IPAddress"}))
      set_first(first_address, leaf.text);
    else if (path.is({"Config", "Labels", "*"})) {
      labels.add(path.key(2), leaf.text);
      notes.take(path.key(2), leaf.text);
    }
  }
  void take_mount(const JsonLeaf& leaf) {
    const std::string& dest = leaf.path.key(1);
    if (mounts.empty() || mounts.back().dest != dest) {
      if (mounts.size() >= max_mounts) return;
      mounts.emplace_back().dest = dest.substr(0, max_text);
    }
    Container::Mount& mount = mounts.back();
    const std::string& key = leaf.path.key(2);
    if (key == "Source")
      set(mount.source, leaf.text);
    else if (key == "Mode")
      set(mount.mode, leaf.text);
    else if (key == "Propagation")
      set(mount.propagation, leaf.text);
    else if (key == "RW")
      mount.rdwr = leaf.yes;
  }
  void fill(Container& out) const {
    std::string_view plain = name, id = image_id;
    if (plain.starts_with('/')) plain.remove_prefix(1);
    if (id.starts_with("sha256:")) id.remove_prefix(7);
    set(out.name, plain);
    set(out.image, image);
    set(out.image_id, id);
    notes.fill(out);
    out.mounts = mounts;
    out.labels = labels.text();
    set(out.ip, address.empty() ? first_address : address);
  }
};

// The digest of an image, if it came from a registry.
std::string docker_digest(const std::string& base, const Container& container, std::string& why) {
  static constexpr const char* kinds[] = {"overlay2", "fuse-overlayfs", "vfs", "btrfs", "zfs"};
  std::string out;
  for (const char* kind : kinds) {
    const std::string file = base + "/image/" + kind + "/repositories.json";
    walk_file(file, why, [&](const JsonLeaf& leaf) {
      if (!leaf.path.is({"Repositories", "*", "*"}) || leaf.text != "sha256:" + container.image_id)
        return;
      // Others may have pushed the same image; the repository that the container names counts.
      const std::string& repository = leaf.path.key(1);
      const std::string& reference = leaf.path.key(2);
      const std::size_t at = reference.find('@');
      const bool own = container.image == repository ||
                       container.image.starts_with(repository + ":") ||
                       container.image.starts_with(repository + "@");
      if (at != reference.npos && (out.empty() || own)) out = reference.substr(at + 1, max_text);
    });
  }
  return out;
}

bool from_docker(const std::string& root, const RuntimePaths& paths, bool in_pod, Container& out,
                 std::string& why) {
  for (const std::string& base : paths.docker) {
    const std::string directory = root + base + "/containers/" + out.full_id;
    DockerConfig config(in_pod ? Annotator::kubelet : Annotator::nobody);
    if (!walk_file(directory + config_file, why, [&](const JsonLeaf& leaf) { config.take(leaf); }))
      continue;
    out.type = "docker";
    config.fill(out);
    out.image_digest = docker_digest(root + base, out, why);
    walk_file(directory + "/hostconfig.json", why, [&](const JsonLeaf& leaf) {
      if (leaf.path.is({"Privileged"}))
        out.privileged = leaf.yes;
      else if (leaf.path.is({"PidMode"}))
        out.host_pid = leaf.text == "host";
      else if (leaf.path.is({"NetworkMode"}))
        out.host_network = leaf.text == "host";
      else if (leaf.path.is({"IpcMode"}))
        out.host_ipc = leaf.text == "host";
    });
    return true;
  }
  return false;
}

// The name and the image of a container, from the list that containers/storage keeps.
class StorageEntry {
 public:
  explicit StorageEntry(Container& out) : out_(out) {}
  void take(const JsonLeaf& leaf) {
    const JsonPath& path = leaf.path;
    if (path.size() < 2 || !leaf.is_text) return;
    if (path.index(0) != index_) end();
    index_ = path.index(0);
    if (path.is({"*", "id"}))
      id_ = leaf.text;
    else if (path.is({"*", "names", "*"}) && path.index(2) == 0)
      name_ = leaf.text;
    else if (path.is({"*", "image"}))
      image_ = leaf.text;
    else if (path.is({"*", "metadata"}))
      metadata_ = leaf.text;
  }
  void end() {
    if (id_ == out_.full_id) {
      set_first(out_.name, name_);
      set_first(out_.image_id, image_);
      // The value itself is JSON, as text.
      std::string image;
      const bool whole = walk_json(metadata_, [&](const JsonLeaf& leaf) {
        if (leaf.path.is({"image-name"})) image = leaf.text;
      });
      if (whole) set_first(out_.image, image);
    }
    id_ = name_ = image_ = metadata_ = "";
  }

 private:
  Container& out_;
  std::size_t index_ = 0;
  std::string id_, name_, image_, metadata_;
};

// What containers/storage knows of an image: its digest and, in the image's own configuration, the
// labels of its author. `directory` ends in "-images/".
void take_image(const std::string& directory, Container& out, std::string& why) {
  if (!is_full_id(out.image_id)) return;
  std::size_t index = 0;
  std::string id, digest, own_digest;
  const bool listed = walk_file(directory + "images.json", why, [&](const JsonLeaf& leaf) {
    if (leaf.path.size() < 2 || !leaf.is_text) return;
    if (std::exchange(index, leaf.path.index(0)) != leaf.path.index(0)) id = digest = "";
    if (leaf.path.is({"*", "id"})) set(id, leaf.text);
    if (leaf.path.is({"*", "digest"})) set(digest, leaf.text);
    if (id == out.image_id && !digest.empty()) own_digest = digest;
  });
  if (listed) set_first(out.image_digest, own_digest);
  std::string name = directory + out.image_id + "/=";
  append_base64(name, "sha256:" + out.image_id);
  ContainerLabels labels;
  const bool read = walk_file(name, why, [&](const JsonLeaf& leaf) {
    if (leaf.is_text && leaf.path.is({"config", "Labels", "*"}))
      labels.add(leaf.path.key(2), leaf.text);
  });
  if (read && out.labels.empty()) out.labels = labels.text();
}

bool from_storage(const std::string& root, const RuntimePaths& paths, bool in_pod, Container& out,
                  std::string& why) {
  bool found = false;
  const Annotator by = in_pod || out.type == "cri-o" ? Annotator::crio : Annotator::nobody;
  for (const std::string& base : paths.storage)
    for (const char* driver : drivers) {
      const std::string directory = root + base + "/" + driver + "-containers/";
      found |= take_bundle(directory + out.full_id + "/userdata/config.json", by, out, why);
      if (!found) continue;
      Container named = out;
      StorageEntry entry(named);
      if (!walk_file(directory + list_file, why, [&](const JsonLeaf& leaf) { entry.take(leaf); }))
        continue;
      entry.end();
      out = std::move(named);
      take_image(root + base + "/" + driver + "-images/", out, why);
      take_from_podman4(root + base + "/libpod/bolt_state.db", out, why);
      for (const char* file : {"/db.sql", "/libpod/db.sql"})
        take_from_podman5(root + base + file, out, why);
    }
  if (found && out.type.empty()) out.type = by == Annotator::crio ? "cri-o" : "podman";
  return found;
}

}  // namespace

void split_image(std::string_view image, Container& out) {
  std::size_t at = image.find('@');
  if (at != std::string_view::npos) {
    out.image_digest = image.substr(at + 1);
    image = image.substr(0, at);
  } else if (image.starts_with("sha256:")) {
    out.image_digest = image;
    return;
  }
  // A colon before the last slash belongs to the registry's port.
  std::size_t slash = image.rfind('/');
  std::size_t colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    out.image_tag = image.substr(colon + 1);
    image = image.substr(0, colon);
  }
  out.image_repository = image;
}

std::uint64_t container_name_stamp(const std::string& root, const RuntimePaths& paths,
                                   const Container& container) {
  std::uint64_t stamp = 0;
  const auto add = [&](const std::string& file) {
    struct stat at;
    if (::stat((root + file).c_str(), &at) != 0) return;
    for (std::uint64_t part :
         {static_cast<std::uint64_t>(at.st_ino), static_cast<std::uint64_t>(at.st_size),
          static_cast<std::uint64_t>(at.st_mtim.tv_sec) * 1'000'000'000 +
              static_cast<std::uint64_t>(at.st_mtim.tv_nsec)})
      stamp = hash_number(stamp ^ part);
  };
  if (container.type == "docker")
    for (const std::string& base : paths.docker)
      add(base + "/containers/" + container.full_id + config_file);
  if (container.type == "podman")
    for (const std::string& base : paths.storage)
      for (const char* driver : drivers) add(base + "/" + driver + "-containers/" + list_file);
  return stamp;
}

bool read_container_files(const std::string& root, const RuntimePaths& paths, bool in_pod,
                          Container& out, std::string& why) {
  bool found = false;
  if (out.type == "docker") {
    found = from_docker(root, paths, in_pod, out, why) || from_containerd(root, paths, out, why);
  } else if (out.type == "cri-o" || out.type == "podman") {
    found = from_storage(root, paths, in_pod, out, why);
  } else if (out.type == "systemd-nspawn" || out.type == "lxc" || out.type == "libvirt-lxc") {
    // For these there is no description other than the name.
    out.name = out.full_id;
    found = true;
  } else {
    found = from_containerd(root, paths, out, why) || from_storage(root, paths, in_pod, out, why) ||
            from_docker(root, paths, in_pod, out, why);
  }
  if (found && !out.image.empty()) split_image(out.image, out);
  out.metadata = found;
  if (found) why.clear();
  return found;
}

}  // namespace saker::enrich
