// SPDX-License-Identifier: Apache-2.0
// fd.*: the object of an event's descriptor.
#include <cstring>

#include "enrich/container.h"
#include "fields/descriptor.h"
#include "fields/getters.h"
#include "fields/path.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

using decode::Family;

const Descriptor& fd_of(const Event& event, Scratch& scratch) {
  return descriptor_of(event, scratch);
}

bool is_file(const Descriptor& fd) { return fd.type == SAKER_FD_FILE || fd.type == SAKER_FD_DIR; }

Value number(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  return fd.used ? Value::of_number(fd.number) : Value{};
}

Value type(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  return fd.known ? Value::of_text(type_word(fd.type)) : Value{};
}

Value letter(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  return fd.used ? Value::of_text(type_letter(event, fd)) : Value{};
}

Value name(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  return fd.used ? Value::of_text(descriptor_name(event, fd, view, scratch)) : Value{};
}

// The path; unset if it is not a file. A failed call still named one.
Value path(const Event& event, View view, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  if (!fd.used || (fd.known && !is_file(fd))) return {};
  std::string_view text = descriptor_name(event, fd, view, scratch);
  return text.empty() ? Value{} : Value::of_text(text);
}

Value directory(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  Value text = path(event, view, scratch);
  // For an unknown descriptor even the name is missing, and its directory is the root.
  if (!text.set()) return fd.used && !fd.known ? Value::of_text("/") : text;
  if (fd.type == SAKER_FD_DIR) return text;
  return Value::of_text(directory_of(text.text));
}

Value filename(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  if (!fd.known || fd.type != SAKER_FD_FILE) return {};
  Value text = path(event, view, scratch);
  return text.set() ? Value::of_text(filename_of(text.text)) : text;
}

// As the caller passed it, with repeated slashes merged.
Value raw_name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event, scratch).used) return {};
  std::string_view raw = event.record.family() == Family::open
                             ? raw_path(event, first_path(event.record))
                             : std::string_view();
  if (raw.find("//") == raw.npos) return Value::of_text(raw);
  char* out = scratch.take(raw.size());
  std::size_t length = 0;
  for (char c : raw) {
    if (c != '/' || length == 0 || out[length - 1] != '/') out[length++] = c;
  }
  return Value::of_text({out, length});
}

std::string_view container_id(const Event& event) {
  const enrich::Container* container = event.process->container;
  return container ? std::string_view(container->id) : "host";
}

Value with_container(const Event& event, const Value& text, Scratch& scratch) {
  if (!text.set()) return {};
  Value parts[] = {Value::of_text(container_id(event)), Value::of_text(":"), text};
  return transform(Transform::concat, parts, {}, scratch);
}

Value name_in_container(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  return with_container(event, name(field, event, view, scratch), scratch);
}

Value directory_in_container(const FieldRef& field, const Event& event, View view,
                             Scratch& scratch) {
  return with_container(event, directory(field, event, view, scratch), scratch);
}

Value unique(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const Descriptor& fd = fd_of(event, scratch);
  if (!fd.used) return {};
  Value parts[] = {Value::of_natural(event.record.head().tid), Value::of_number(fd.number)};
  return transform(Transform::concat, parts, {}, scratch);
}

bool opened(const Event& event) {
  return event.record.family() == Family::open && event.record.i64(SAKER_P_open_fd) >= 0;
}

// 0 for an object without a device, unset if nothing is known.
Value device(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event, scratch).known) return {};
  std::uint64_t dev = opened(event) ? event.record.u64(SAKER_P_open_dev) : 0;
  std::uint64_t major = dev >> 20, minor = dev & 0xfffff;
  // In the form of stat(2), which rules use.
  return Value::of_number(
      static_cast<std::int64_t>((minor & 0xff) | major << 8 | (minor & ~0xffull) << 12));
}

Value device_major(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event, scratch).known) return {};
  return Value::of_number(opened(event) ? event.record.i64(SAKER_P_open_dev) >> 20 : 0);
}

Value device_minor(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event, scratch).known) return {};
  return Value::of_number(opened(event) ? event.record.i64(SAKER_P_open_dev) & 0xfffff : 0);
}

Value inode(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!fd_of(event, scratch).known) return {};
  return Value::of_number(opened(event) ? event.record.i64(SAKER_P_open_ino) : 0);
}

Value layer(const Event& event, Scratch& scratch, unsigned flag) {
  if (!fd_of(event, scratch).known) return {};
  return Value::of_bool(opened(event) && (event.record.u64(SAKER_P_open_fileflags) & flag));
}

Value upper_layer(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return layer(event, scratch, SAKER_FILE_UPPER);
}
Value lower_layer(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return layer(event, scratch, SAKER_FILE_LOWER);
}

}  // namespace

const Getter get::fd_num = number;
const Getter get::fd_type = type;
const Getter get::fd_typechar = letter;
const Getter get::fd_name = name;
const Getter get::fd_directory = directory;
const Getter get::fd_filename = filename;
const Getter get::fd_nameraw = raw_name;
const Getter get::fd_containername = name_in_container;
const Getter get::fd_containerdirectory = directory_in_container;
const Getter get::fd_uid = unique;
const Getter get::fd_dev = device;
const Getter get::fd_dev_major = device_major;
const Getter get::fd_dev_minor = device_minor;
const Getter get::fd_ino = inode;
const Getter get::fd_is_upper_layer = upper_layer;
const Getter get::fd_is_lower_layer = lower_layer;

}  // namespace saker::fields
