// SPDX-License-Identifier: Apache-2.0
#include "enrich/kube_json.h"

#include <algorithm>
#include <utility>

#include "enrich/container_labels.h"
#include "enrich/json_walk.h"

namespace saker::enrich {
namespace {

// No name, uid or version of an object is longer.
constexpr std::size_t max_text = 253, max_token = 16u << 10;
constexpr std::string_view mirror = "kubernetes.io/config.mirror";

void set(std::string& to, std::string_view value, std::size_t longest = max_text) {
  to = value.substr(0, longest);
}

// Whether the path from this depth on has exactly these keys. "" is any index of an array; "*" any
// key.
bool is_at(const JsonPath& path, std::size_t depth, std::initializer_list<std::string_view> keys) {
  if (path.size() != depth + keys.size()) return false;
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const std::string& at = path.key(depth++);
    return key == "*" || key == at;
  });
}

// Gathers one object, whose members begin at some depth.
class ObjectReader {
 public:
  explicit ObjectReader(std::size_t depth) : depth_(depth) {}

  void take(const JsonLeaf& leaf) {
    const JsonPath& path = leaf.path;
    if (path.size() > depth_ + 2 && path.key(depth_) == "metadata" &&
        path.key(depth_ + 1) == "ownerReferences")
      return take_owner(leaf);
    if (!leaf.is_text) return;
    if (is_at(path, depth_, {"metadata", "name"}))
      set(pod_.object.name, leaf.text);
    else if (is_at(path, depth_, {"metadata", "uid"}))
      set(pod_.object.uid, leaf.text);
    else if (is_at(path, depth_, {"metadata", "namespace"}))
      set(pod_.space, leaf.text);
    else if (is_at(path, depth_, {"metadata", "resourceVersion"}))
      set(version_, leaf.text);
    else if (is_at(path, depth_, {"status", "podIP"}))
      set(pod_.ip, leaf.text);
    else if (is_at(path, depth_, {"metadata", "annotations", mirror}))
      set(mirror_, leaf.text);
    else if (is_at(path, depth_, {"metadata", "labels", "*"}))
      labels_.add(path.key(depth_ + 2), leaf.text);
  }
  Pod pod() {
    end_owner();
    pod_.object.labels = labels_.text();
    // The kubelet makes mirrors, and owns them in the name of its node.
    if (of_node_) pod_.static_uid = mirror_;
    return std::move(pod_);
  }
  const std::string& version() const { return version_; }

 private:
  void take_owner(const JsonLeaf& leaf) {
    const std::size_t owner = leaf.path.index(depth_ + 2);
    if (owner != owner_) end_owner();
    owner_ = owner;
    const auto is = [&](std::string_view key) {
      return is_at(leaf.path, depth_, {"metadata", "ownerReferences", "", key});
    };
    if (!leaf.is_text && is("controller"))
      controls_ = leaf.yes;
    else if (leaf.is_text && is("kind"))
      set(reference_.kind, leaf.text);
    else if (leaf.is_text && is("name"))
      set(reference_.name, leaf.text);
    else if (leaf.is_text && is("uid"))
      set(reference_.uid, leaf.text);
  }
  void end_owner() {
    of_node_ = of_node_ || reference_.kind == "Node";
    if (controls_) pod_.controller = reference_;
    controls_ = false;
    reference_ = {};
  }

  const std::size_t depth_;
  Pod pod_;
  ContainerLabels labels_;
  std::string version_, mirror_;
  KubeController reference_;
  std::size_t owner_ = 0;
  bool controls_ = false, of_node_ = false;
};

bool is_whole(const Pod& pod) { return !pod.object.uid.empty() && !pod.object.name.empty(); }

}  // namespace

std::optional<PodList> read_pod_list(std::string_view json) {
  PodList out;
  std::optional<ObjectReader> reader;
  std::size_t index = 0;
  const auto end = [&] {
    if (!reader) return;
    Pod pod = reader->pod();
    if (is_whole(pod)) out.pods.push_back(std::move(pod));
  };
  const bool read = walk_json(json, [&](const JsonLeaf& leaf) {
    const JsonPath& path = leaf.path;
    if (path.size() > 2 && path.key(0) == "items") {
      if (!reader || index != path.index(1)) {
        end();
        reader.emplace(2);
        index = path.index(1);
      }
      reader->take(leaf);
    } else if (leaf.is_text && path.is({"metadata", "resourceVersion"})) {
      set(out.version, leaf.text);
    } else if (leaf.is_text && path.is({"metadata", "continue"})) {
      set(out.next, leaf.text, max_token);
    }
  });
  end();
  if (!read || out.version.empty()) return std::nullopt;
  return out;
}

std::optional<PodEvent> read_pod_event(std::string_view json) {
  PodEvent out;
  std::string type;
  ObjectReader reader(1);
  const bool read = walk_json(json, [&](const JsonLeaf& leaf) {
    if (leaf.is_text && leaf.path.is({"type"})) set(type, leaf.text);
    if (leaf.is_text && leaf.path.is({"object", "reason"})) set(out.why, leaf.text);
    if (leaf.path.size() > 1 && leaf.path.key(0) == "object") reader.take(leaf);
  });
  if (!read) return std::nullopt;
  out.version = reader.version();
  out.pod = reader.pod();
  if (type == "ERROR") return out;
  out.why.clear();
  if (out.version.empty()) return std::nullopt;
  if (type == "BOOKMARK") {
    out.kind = PodEvent::Kind::bookmark;
    return out;
  }
  if (!is_whole(out.pod)) return std::nullopt;
  if (type == "ADDED" || type == "MODIFIED")
    out.kind = PodEvent::Kind::changed;
  else if (type == "DELETED")
    out.kind = PodEvent::Kind::gone;
  else
    return std::nullopt;
  return out;
}

std::optional<KubeMetadata> read_kube_metadata(std::string_view json) {
  ObjectReader reader(0);
  if (!walk_json(json, [&](const JsonLeaf& leaf) { reader.take(leaf); })) return std::nullopt;
  Pod pod = reader.pod();
  if (!is_whole(pod)) return std::nullopt;
  return KubeMetadata{std::move(pod.object), std::move(pod.controller)};
}

}  // namespace saker::enrich
