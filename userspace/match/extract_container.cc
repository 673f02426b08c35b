// SPDX-License-Identifier: Apache-2.0
// container.* and k8s.*. For a process of the host id and name are `host`, the image's parts are
// empty, the rest is unset.
#include <charconv>
#include <string>

#include "enrich/container.h"
#include "match/fillers.h"
#include "match/text_ops.h"
#include "match/transform.h"

namespace saker::match {
namespace {

using enrich::Container;

const Container* container_of(const Event& event) { return event.process->container; }

Value text_or_unset(const std::string& text) {
  return text.empty() ? Value{} : Value::of_text(text);
}

template <auto Member>
Value host_or(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  return container ? text_or_unset(container->*Member) : Value::of_text("host");
}

Value name(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  if (!container) return Value::of_text("host");
  return container->name.empty() ? Value{} : Value::of_text(container->name);
}

template <auto Member>
Value image(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  return container ? text_or_unset(container->*Member) : Value::of_text("");
}

template <auto Member>
Value text(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  return container ? text_or_unset(container->*Member) : Value{};
}

Value privileged(const FieldRef&, const Event& event, View, Scratch&) {
  const Container* container = container_of(event);
  return container && container->metadata ? Value::of_bool(container->privileged) : Value{};
}

std::string_view mount_text(const Container::Mount& mount, Scratch& scratch) {
  Value colon = Value::of_text(":");
  Value parts[] = {Value::of_text(mount.source),     colon, Value::of_text(mount.dest), colon,
                   Value::of_text(mount.mode),       colon, Value::of_bool(mount.rdwr), colon,
                   Value::of_text(mount.propagation)};
  return transform(lang::Transform::concat, parts, {}, scratch).text;
}

// By number, or by a pattern for one end of the mount.
const Container::Mount* find_mount(const FieldRef& field, const Event& event, bool by_dest) {
  const Container* container = container_of(event);
  if (!container) return nullptr;
  if (field.has_index) {
    return field.index < container->mounts.size() ? &container->mounts[field.index] : nullptr;
  }
  for (const Container::Mount& mount : container->mounts) {
    if (glob(field.arg, by_dest ? mount.dest : mount.source, false)) return &mount;
  }
  return nullptr;
}

Value mounts(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Container* container = container_of(event);
  if (!container || container->mounts.empty()) return {};
  Value all = Value::of_text(mount_text(container->mounts[0], scratch));
  for (std::size_t i = 1; i < container->mounts.size(); i++) {
    Value parts[] = {all, Value::of_text(","),
                     Value::of_text(mount_text(container->mounts[i], scratch))};
    all = transform(lang::Transform::concat, parts, {}, scratch);
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

constexpr Filler fillers[] = {
    {"container.id", host_or<&Container::id>},
    {"container.full_id", text<&Container::full_id>},
    {"container.name", name},
    {"container.image", image<&Container::image>},
    {"container.image.id", image<&Container::image_id>},
    {"container.image.repository", image<&Container::image_repository>},
    {"container.image.tag", image<&Container::image_tag>},
    {"container.image.digest", image<&Container::image_digest>},
    {"container.type", host_or<&Container::type>},
    {"container.privileged", privileged},
    {"container.mounts", mounts},
    {"container.mount", mount},
    {"container.mount.source", mount_source},
    {"container.mount.dest", mount_part<&Container::Mount::dest>},
    {"container.mount.mode", mount_part<&Container::Mount::mode>},
    {"container.mount.rdwr", mount_writable},
    {"container.mount.propagation", mount_part<&Container::Mount::propagation>},
    {"k8s.pod.name", text<&Container::pod_name>},
    {"k8s.ns.name", text<&Container::pod_namespace>},
    {"k8s.pod.id", text<&Container::pod_uid>},
    {"k8s.pod.uid", text<&Container::pod_uid>},
    {"k8s.pod.full_sandbox_id", text<&Container::pod_id>},
};

}  // namespace

std::span<const Filler> container_fillers() { return fillers; }

}  // namespace saker::match
