// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "enrich/bolt_file.h"
#include "enrich/container_labels.h"
#include "enrich/json_values.h"
#include "enrich/json_walk.h"
#include "enrich/sqlite_file.h"

namespace saker::enrich {
namespace {

constexpr std::size_t max_text = 4096, max_metadata = 1u << 20;
// So often, if the owner wrote the database meanwhile.
constexpr unsigned tries = 5;

// Reads a database in a state that it had. False: there is none, or it is invalid.
template <typename File>
bool read_whole(const std::string& path, std::string& why, const std::function<void(File&)>& read) {
  for (unsigned i = 0; i < tries; i++) {
    Result<File> file = File::open(path);
    if (!file) {
      if (file.error().code != ENOENT && file.error().code != ENOTDIR) why = file.error().message;
      return false;
    }
    read(*file);
    if (file->is_whole()) return true;
  }
  why = path + ": it is damaged, or written all the time";
  return false;
}

// The bytes of field 2, a text, in a message of Protocol Buffers: the value of an Any.
std::string_view any_value(std::string_view message) {
  const auto number = [&message]() -> std::uint64_t {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64 && !message.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(message.front());
      message.remove_prefix(1);
      out |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    return out;
  };
  while (!message.empty()) {
    const std::uint64_t tag = number();
    if ((tag & 7) != 2) break;
    const std::string_view value = message.substr(0, number());
    if (tag >> 3 == 2) return value;
    message.remove_prefix(value.size());
  }
  return "";
}

// What containerd's CRI plugin keeps of a pod.
void take_sandbox(std::string_view extension, Container& out) {
  extension = any_value(extension);
  if (extension.size() > max_metadata) return;
  const Json all = Json::parse(extension, nullptr, /*allow_exceptions=*/false);
  const Json& metadata = child(all, "Metadata");
  const Json& config = child(metadata, "Config");
  if (!config.is_object()) return;
  out.pod_network = true;
  out.pod_ip = text(metadata, "IP").substr(0, max_text);
  const Json& cni = child(metadata, "CNIResult");
  if (cni.is_object()) out.pod_cni = cni.dump(-1, ' ', false, Json::error_handler_t::replace);
  ContainerLabels labels;
  for (const auto& [key, value] : child(config, "labels").items())
    if (value.is_string()) labels.add(key, value.get_ref<const std::string&>());
  out.pod_labels = labels.text();
}

// The id of an image is the digest of its configuration, to which its manifest has a reference. An
// image for several machines has a list of manifests.
std::string image_id(BoltFile& file, const std::string& space, const std::string& digest) {
  const auto reference = [&](const std::string& from, const char* to) {
    return file.value({"v1", space, "content", "blob", from, "labels",
                       std::string("containerd.io/gc.ref.content.") + to});
  };
  std::optional<std::string> config = reference(digest, "config");
  if (const auto manifest = reference(digest, "m.0"); !config && manifest)
    config = reference(*manifest, "config");
  return config && config->starts_with("sha256:") ? config->substr(7, max_text) : "";
}

}  // namespace

bool take_from_containerd(const std::string& path, const std::string& space, Container& out,
                          std::string& why) {
  Container made;
  bool there = false;
  const bool whole = read_whole<BoltFile>(path, why, [&](BoltFile& file) {
    made = out;
    const std::string& id = out.full_id;
    there = file.value({"v1", space, "containers", id, "createdat"}).has_value();
    if (!there) return;
    const std::string image =
        file.value({"v1", space, "containers", id, "image"}).value_or("").substr(0, max_text);
    if (made.image.empty()) made.image = image;
    made.image_digest = file.value({"v1", space, "images", image, "target", "digest"})
                            .value_or("")
                            .substr(0, max_text);
    if (made.image_id.empty()) made.image_id = image_id(file, space, made.image_digest);
    ContainerLabels labels;
    file.each({"v1", space, "containers", id, "labels"},
              [&](std::string_view key, std::string_view value) { labels.add(key, value); });
    made.labels = labels.text();
    const std::string& pod = made.pod_id;
    const auto sandbox = file.value({"v1", space, "containers", pod.empty() ? id : pod,
                                     "extensions", "io.cri-containerd.sandbox.metadata"});
    if (sandbox) take_sandbox(*sandbox, made);
  });
  if (whole && there) out = std::move(made);
  return whole && there;
}

namespace {

void take_podman_config(const std::string& config, Container& out) {
  ContainerLabels labels;
  const bool whole = walk_json(config, [&](const JsonLeaf& leaf) {
    if (leaf.is_text && leaf.path.is({"labels", "*"})) labels.add(leaf.path.key(1), leaf.text);
  });
  if (whole) out.labels = labels.text();
}

}  // namespace

void take_from_podman4(const std::string& path, Container& out, std::string& why) {
  std::optional<std::string> config;
  const bool whole = read_whole<BoltFile>(path, why, [&](BoltFile& file) {
    config = file.value({"ctr", out.full_id, "config"});
  });
  if (whole && config) take_podman_config(*config, out);
}

void take_from_podman5(const std::string& path, Container& out, std::string& why) {
  constexpr unsigned id = 0, json = 3;  // columns of podman's schema
  std::optional<std::string> config;
  const bool whole = read_whole<SqliteFile>(path, why, [&](SqliteFile& file) {
    config = file.value("ContainerConfig", id, out.full_id, json);
  });
  if (whole && config) take_podman_config(*config, out);
}

}  // namespace saker::enrich
