// SPDX-License-Identifier: Apache-2.0
// container.* and k8s.*. For a process of the host, the ids, name and type are `host`, flags are
// false, other texts are empty, and values from labels or mounts are unset. A container that the
// runtime did not describe has only an id.
#include "enrich/container.h"

#include <re2/re2.h>

#include <charconv>
#include <map>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/labels.h"
#include "fields/getters.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

using enrich::Container;
using enrich::each_label;

const Container* container_of(const Event& event) { return event.process->container; }

Value text_or_unset(const std::string& text) {
  return text.empty() ? Value{} : Value::of_text(text);
}

// An unknown process is not assumed to run on the host.
bool of_host(const Event& event) { return !event.process->container && event.process->known; }

template <auto Member>
Value host_or(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("host") : Value{};
  bool described = container->metadata || !(container->*Member).empty();
  return described ? Value::of_text(container->*Member) : Value{};
}

template <auto Member>
Value text(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("") : Value{};
  bool described = container->metadata || !(container->*Member).empty();
  return described ? Value::of_text(container->*Member) : Value{};
}

template <auto Member>
Value of_label(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  return container ? text_or_unset(container->*Member) : Value{};
}

template <auto Member>
Value flag(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_bool(false) : Value{};
  return container->metadata ? Value::of_bool(container->*Member) : Value{};
}

Value sandbox_id(const FieldRef&, const Event& event, View, Scratch&) {
  constexpr std::size_t short_id = 12;
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("") : Value{};
  std::string_view id = container->pod_id;
  return container->metadata || !id.empty() ? Value::of_text(id.substr(0, short_id)) : Value{};
}

// If the sandbox's network is known, even if it is empty.
template <auto Member>
Value of_pod(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("") : Value{};
  return container->pod_network ? Value::of_text(container->*Member) : Value{};
}

template <auto Member>
Value label(const FieldRef& field, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  Value found;
  if (!container) return found;
  each_label(container->*Member, [&](std::string_view key, std::string_view value) {
    if (key != field.arg) return false;
    found = Value::of_text(value);
    return true;
  });
  return found;
}

// All labels except annotations and those that Kubernetes adds for itself.
template <auto Member>
Value labels(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("") : Value{};
  if (!container->metadata) return {};
  std::string all;
  each_label(container->*Member, [&](std::string_view key, std::string_view value) {
    if (key.starts_with("annotation.") || key.starts_with("io.kubernetes.")) return false;
    if (!all.empty()) all += ", ";
    all += key;
    if (!value.empty()) all.append(":").append(value);
    return false;
  });
  return Value::of_text(scratch.keep(all));
}

// On this host: few runtimes store labels where we look, so there may be none, or they may be
// unknown.
Value known_labels(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  const Container* container = container_of(event);
  return container && container->labels.empty()
             ? Value{}
             : labels<&Container::labels>(field, event, view, scratch);
}

Value list_of(const std::vector<std::string_view>& texts, Scratch& scratch) {
  if (texts.empty()) return {};
  auto* items = reinterpret_cast<Value*>(scratch.take(texts.size() * sizeof(Value)));
  std::uint32_t count = 0;
  for (std::string_view text : texts) new (items + count++) Value(Value::of_text(text));
  return Value::of_list(items, count);
}

// As members of a list, `key:value`.
template <auto Member>
Value label_list(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  std::vector<std::string_view> texts;
  if (container)
    each_label(container->*Member, [&](std::string_view key, std::string_view value) {
      texts.push_back(scratch.keep(std::string(key).append(":").append(value)));
      return false;
    });
  return list_of(texts, scratch);
}

template <auto Member>
Value text_list(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  std::vector<std::string_view> texts;
  if (container)
    enrich::each_text(container->*Member, [&](std::string_view text) { texts.push_back(text); });
  return list_of(texts, scratch);
}

// The values of all labels with that key: several objects may have it.
template <auto Member>
Value label_values(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  std::vector<std::string_view> texts;
  if (container)
    each_label(container->*Member, [&](std::string_view key, std::string_view value) {
      if (key == field.arg) texts.push_back(value);
      return false;
    });
  return list_of(texts, scratch);
}

// Only the API server has the labels of a pod; none: they are not known.
Value pod_labels(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const Value list = label_list<&Container::pod_labels>(field, event, View::named, scratch);
  if (!list.set()) return {};
  std::string all;
  for (const Value& item : std::span(list.items, list.count))
    all.append(all.empty() ? "" : ", ").append(item.text);
  return Value::of_text(scratch.keep(all));
}

// The start of the first process of the pid namespace.
Value start(const FieldRef&, const Event& event, View, Scratch&) {
  std::uint64_t at = event.process->program->pidns_start;
  return at ? Value::of_natural(at) : Value{};
}
Value exe_age(const FieldRef&, const Event& event, View, Scratch&) {
  std::uint64_t from = event.process->program->pidns_start, to = event.process->program->exe_ctime;
  return from && to > from ? Value::of_natural(to - from) : Value{};
}

std::string_view mount_text(const Container::Mount& mount, Scratch& scratch) {
  Value colon = Value::of_text(":");
  Value parts[] = {Value::of_text(mount.source),     colon, Value::of_text(mount.dest), colon,
                   Value::of_text(mount.mode),       colon, Value::of_bool(mount.rdwr), colon,
                   Value::of_text(mount.propagation)};
  return transform(Transform::concat, parts, {}, scratch).text;
}

// A regular expression that may match anywhere in the path, as in Falco's plugin: `/proc*` means
// `/pro` followed by any number of c. Each thread caches the last compiled ones, so patterns of
// replaced rules do not accumulate.
bool found_in(std::string_view path, std::string_view pattern) {
  constexpr std::size_t most_kept = 64;
  thread_local std::map<std::string, RE2, std::less<>> compiled;
  auto at = compiled.find(pattern);
  if (at == compiled.end()) {
    if (compiled.size() >= most_kept) compiled.clear();
    RE2::Options options;
    options.set_log_errors(false);
    std::string text = "(?m)" + std::string(pattern);
    at = compiled
             .emplace(std::piecewise_construct, std::forward_as_tuple(pattern),
                      std::forward_as_tuple(text, options))
             .first;
  }
  return at->second.ok() &&
         RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), at->second);
}

// By number, or by a pattern for the source or the destination of the mount.
const Container::Mount* find_mount(const FieldRef& field, const Event& event, bool by_dest) {
  const Container* container = container_of(event);
  if (!container) return nullptr;
  if (field.has_index) {
    return field.index < container->mounts.size() ? &container->mounts[field.index] : nullptr;
  }
  for (const Container::Mount& mount : container->mounts) {
    if (found_in(by_dest ? mount.dest : mount.source, field.arg)) return &mount;
  }
  return nullptr;
}

Value mounts(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  if (!container) return of_host(event) ? Value::of_text("") : Value{};
  if (container->mounts.empty()) return container->metadata ? Value::of_text("") : Value{};
  Value all = Value::of_text(mount_text(container->mounts[0], scratch));
  for (std::size_t i = 1; i < container->mounts.size(); i++) {
    Value parts[] = {all, Value::of_text(","),
                     Value::of_text(mount_text(container->mounts[i], scratch))};
    all = transform(Transform::concat, parts, {}, scratch);
    if (!all.set()) return all;
  }
  return all;
}

Value mount(const FieldRef& field, const Event& event, View, Scratch& scratch) {
  const Container::Mount* found = find_mount(field, event, false);
  return found ? Value::of_text(mount_text(*found, scratch)) : Value{};
}
Value mount_source(const FieldRef& field, const Event& event, View, Scratch&) {
  const Container::Mount* found = find_mount(field, event, true);
  return found ? Value::of_text(found->source) : Value{};
}
template <auto Member>
Value mount_part(const FieldRef& field, const Event& event, View, Scratch&) {
  const Container::Mount* found = find_mount(field, event, false);
  return found ? Value::of_text(found->*Member) : Value{};
}
Value mount_writable(const FieldRef& field, const Event& event, View, Scratch&) {
  const Container::Mount* found = find_mount(field, event, false);
  return found ? Value::of_text(found->rdwr ? "true" : "false") : Value{};
}

constexpr GetterRow runtime_getters[] = {
    {"container.ip", text<&Container::ip>},
    {"container.cni.json", text<&Container::cni>},
    {"container.labels", labels<&Container::labels>},
    {"k8s.pod.label", label<&Container::pod_labels>},
    {"k8s.pod.labels", labels<&Container::pod_labels>},
    {"k8s.pod.ip", of_pod<&Container::pod_ip>},
    {"k8s.pod.cni.json", of_pod<&Container::pod_cni>},
    {"proc.pidns_init_start_ts", start},
    {"proc.exe_ino.ctime_duration_pidns_start", exe_age},
};

}  // namespace

const Getter get::container_id = host_or<&Container::id>;
const Getter get::container_full_id = host_or<&Container::full_id>;
const Getter get::container_name = host_or<&Container::name>;
const Getter get::container_type = host_or<&Container::type>;
const Getter get::container_image = text<&Container::image>;
const Getter get::container_image_id = text<&Container::image_id>;
const Getter get::container_image_repository = text<&Container::image_repository>;
const Getter get::container_image_tag = text<&Container::image_tag>;
const Getter get::container_image_digest = text<&Container::image_digest>;
const Getter get::container_ip = of_label<&Container::ip>;
const Getter get::container_privileged = flag<&Container::privileged>;
const Getter get::container_host_pid = flag<&Container::host_pid>;
const Getter get::container_host_network = flag<&Container::host_network>;
const Getter get::container_host_ipc = flag<&Container::host_ipc>;
const Getter get::container_label = label<&Container::labels>;
const Getter get::container_labels = known_labels;
const Getter get::container_mounts = mounts;
const Getter get::container_mount = mount;
const Getter get::container_mount_source = mount_source;
const Getter get::container_mount_dest = mount_part<&Container::Mount::dest>;
const Getter get::container_mount_mode = mount_part<&Container::Mount::mode>;
const Getter get::container_mount_rdwr = mount_writable;
const Getter get::container_mount_propagation = mount_part<&Container::Mount::propagation>;
const Getter get::k8s_pod_name = of_label<&Container::pod_name>;
const Getter get::k8s_ns_name = of_label<&Container::pod_namespace>;
const Getter get::k8s_pod_id = of_label<&Container::pod_uid>;
const Getter get::k8s_pod_label = label<&Container::pod_labels>;
const Getter get::k8s_pod_labels = pod_labels;
const Getter get::k8s_pod_ip = of_label<&Container::pod_ip>;
const Getter get::kube_pod_labels = label_list<&Container::pod_labels>;
const Getter get::kube_ns_uid = of_label<&Container::namespace_uid>;
const Getter get::kube_ns_label = label<&Container::namespace_labels>;
const Getter get::kube_ns_labels = label_list<&Container::namespace_labels>;
const Getter get::kube_deployment_name = of_label<&Container::deployment_name>;
const Getter get::kube_deployment_uid = of_label<&Container::deployment_uid>;
const Getter get::kube_deployment_label = label<&Container::deployment_labels>;
const Getter get::kube_deployment_labels = label_list<&Container::deployment_labels>;
const Getter get::kube_svc_name = text_list<&Container::service_names>;
const Getter get::kube_svc_uid = text_list<&Container::service_uids>;
const Getter get::kube_svc_label = label_values<&Container::service_labels>;
const Getter get::kube_svc_labels = label_list<&Container::service_labels>;
const Getter get::kube_rs_name = of_label<&Container::replica_set_name>;
const Getter get::kube_rs_uid = of_label<&Container::replica_set_uid>;
const Getter get::kube_rs_label = label<&Container::replica_set_labels>;
const Getter get::kube_rs_labels = label_list<&Container::replica_set_labels>;
const Getter get::kube_rc_name = of_label<&Container::replication_controller_name>;
const Getter get::kube_rc_uid = of_label<&Container::replication_controller_uid>;
const Getter get::k8s_pod_sandbox_id = sandbox_id;
const Getter get::k8s_pod_full_sandbox_id = text<&Container::pod_id>;
std::span<const GetterRow> runtime_container_getters() { return runtime_getters; }

}  // namespace saker::fields
