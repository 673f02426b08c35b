// SPDX-License-Identifier: Apache-2.0
#include "enrich/kube_json.h"

#include <algorithm>
#include <map>
#include <utility>

#include "enrich/container_labels.h"
#include "enrich/json_walk.h"
#include "enrich/labels.h"

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
    else if (is_at(path, depth_, {"metadata", "creationTimestamp"}))
      set(created_, leaf.text);
    else if (is_at(path, depth_, {"spec", "type"}))
      set(type_, leaf.text);
    else if (is_at(path, depth_, {"spec", "selector", "*"}))
      select(path.key(depth_ + 2), leaf.text);
  }
  Pod pod() {
    end_owner();
    pod_.object.labels = labels_.text();
    // The kubelet makes mirrors, and owns them in the name of its node.
    if (of_node_) pod_.static_uid = mirror_;
    return std::move(pod_);
  }
  Service service() {
    Service out;
    out.object = std::move(pod_.object);
    out.object.labels = labels_.text(Services::longest_labels);
    out.space = std::move(pod_.space);
    out.created = std::move(created_);
    // The name of another host: Kubernetes does not look at the selector.
    if (type_ == "ExternalName") return out;
    for (const auto& [key, value] : selector_) append_label(out.selector, key, value);
    out.too_long = selector_too_long_;
    return out;
  }
  const std::string& version() const { return version_; }

 private:
  void select(const std::string& key, std::string_view value) {
    selector_bytes_ += key.size() + value.size() + 2;
    selector_too_long_ = selector_too_long_ || selector_.size() >= Services::most_selectors ||
                         selector_bytes_ > Services::longest_selector;
    if (!selector_too_long_) selector_.insert_or_assign(key, value);
  }
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
  std::string version_, mirror_, created_, type_;
  std::map<std::string, std::string, std::less<>> selector_;
  std::size_t selector_bytes_ = 0;
  bool selector_too_long_ = false;
  KubeController reference_;
  std::size_t owner_ = 0;
  bool controls_ = false, of_node_ = false;
};

bool is_whole(const KubeObject& object) { return !object.uid.empty() && !object.name.empty(); }

// Calls `take` with the reader of each object of a list.
template <typename Take>
bool read_list(std::string_view json, KubeList& out, Take take) {
  std::optional<ObjectReader> reader;
  std::size_t index = 0;
  const bool read = walk_json(json, [&](const JsonLeaf& leaf) {
    const JsonPath& path = leaf.path;
    if (path.size() > 2 && path.key(0) == "items") {
      if (!reader || index != path.index(1)) {
        if (reader) take(*reader);
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
  if (reader) take(*reader);
  return read && !out.version.empty();
}

// `take` gets the reader of the object, and says whether it is one.
template <typename Take>
bool read_event(std::string_view json, KubeEvent& out, Take take) {
  std::string type;
  ObjectReader reader(1);
  const bool read = walk_json(json, [&](const JsonLeaf& leaf) {
    if (leaf.is_text && leaf.path.is({"type"})) set(type, leaf.text);
    if (leaf.is_text && leaf.path.is({"object", "reason"})) set(out.why, leaf.text);
    if (leaf.path.size() > 1 && leaf.path.key(0) == "object") reader.take(leaf);
  });
  if (!read) return false;
  out.version = reader.version();
  const bool whole = take(reader);
  if (type == "ERROR") return true;
  out.why.clear();
  if (out.version.empty()) return false;
  if (type == "BOOKMARK") {
    out.kind = KubeEvent::Kind::bookmark;
    return true;
  }
  if (!whole) return false;
  if (type == "ADDED" || type == "MODIFIED")
    out.kind = KubeEvent::Kind::changed;
  else if (type == "DELETED")
    out.kind = KubeEvent::Kind::gone;
  else
    return false;
  return true;
}

}  // namespace

std::optional<PodList> read_pod_list(std::string_view json) {
  PodList out;
  const bool read = read_list(json, out, [&](ObjectReader& reader) {
    Pod pod = reader.pod();
    if (is_whole(pod.object)) out.pods.push_back(std::move(pod));
  });
  return read ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ServiceList> read_service_list(std::string_view json) {
  ServiceList out;
  const bool read = read_list(json, out, [&](ObjectReader& reader) {
    Service service = reader.service();
    if (is_whole(service.object)) out.services.push_back(std::move(service));
  });
  return read ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<PodEvent> read_pod_event(std::string_view json) {
  PodEvent out;
  const bool read = read_event(json, out, [&](ObjectReader& reader) {
    out.pod = reader.pod();
    return is_whole(out.pod.object);
  });
  return read ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ServiceEvent> read_service_event(std::string_view json) {
  ServiceEvent out;
  const bool read = read_event(json, out, [&](ObjectReader& reader) {
    out.service = reader.service();
    return is_whole(out.service.object);
  });
  return read ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<KubeMetadata> read_kube_metadata(std::string_view json) {
  ObjectReader reader(0);
  if (!walk_json(json, [&](const JsonLeaf& leaf) { reader.take(leaf); })) return std::nullopt;
  Pod pod = reader.pod();
  if (!is_whole(pod.object)) return std::nullopt;
  return KubeMetadata{std::move(pod.object), std::move(pod.controller)};
}

}  // namespace saker::enrich
