// SPDX-License-Identifier: Apache-2.0
// fs.path.*: the paths of a call that works on names. Unset if the call failed.
#include "fields/path.h"

#include "fields/getters.h"

namespace saker::fields {
namespace {

using decode::Family;

bool worked(const Event& event) {
  std::int64_t ret = event.record.head().ret;
  // For an open, the descriptor decides: only -1 itself counts as failed.
  return event.record.family() == Family::open ? ret != -1 : ret >= 0;
}

Value text_or_unset(std::string_view text) { return text.empty() ? Value{} : Value::of_text(text); }

// Calls on one path. creat is not among them, as in the language; of mount and umount2, only
// umount2 has one name.
bool has_one(const Event& event) {
  Family family = event.record.family();
  std::uint16_t type = event.record.type();
  return family == Family::path || (family == Family::open && type != SAKER_EV_creat) ||
         type == SAKER_EV_umount2;
}

Value name(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  if (!worked(event) || !has_one(event)) return {};
  return text_or_unset(path_at(event, first_path(event.record), view, scratch));
}

Value raw_name(const FieldRef&, const Event& event, View, Scratch&) {
  if (!worked(event) || !has_one(event)) return {};
  return text_or_unset(raw_path(event, first_path(event.record)));
}

// Which is the source and which the target: the link's own name is the source, the path it points
// to is the target.
bool links(const Event& event) {
  std::uint16_t type = event.record.type();
  return type == SAKER_EV_link || type == SAKER_EV_linkat || type == SAKER_EV_symlink ||
         type == SAKER_EV_symlinkat;
}

PathSlots source_slots(const Event& event) {
  return links(event) ? second_path(event.record) : first_path(event.record);
}

PathSlots target_slots(const Event& event) {
  return links(event) ? first_path(event.record) : second_path(event.record);
}

bool has_two(const Event& event) { return event.record.family() == Family::path2 && worked(event); }
bool mounts(const Event& event) { return event.record.type() == SAKER_EV_mount && worked(event); }

Value source(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  if (mounts(event)) {
    return text_or_unset(
        absolute_path(event.record.str(SAKER_P_mount_dev), event.process->program->cwd, scratch));
  }
  return has_two(event) ? text_or_unset(path_at(event, source_slots(event), view, scratch))
                        : Value{};
}

Value target(const FieldRef&, const Event& event, View view, Scratch& scratch) {
  if (mounts(event)) return text_or_unset(path_at(event, first_path(event.record), view, scratch));
  return has_two(event) ? text_or_unset(path_at(event, target_slots(event), view, scratch))
                        : Value{};
}

Value raw_source(const FieldRef&, const Event& event, View, Scratch&) {
  if (mounts(event)) return text_or_unset(event.record.str(SAKER_P_mount_dev));
  return has_two(event) ? text_or_unset(raw_path(event, source_slots(event))) : Value{};
}

Value raw_target(const FieldRef&, const Event& event, View, Scratch&) {
  if (mounts(event)) return text_or_unset(event.record.str(SAKER_P_mount_dir));
  return has_two(event) ? text_or_unset(raw_path(event, target_slots(event))) : Value{};
}

// evt.abspath, also .src and .dst: the same paths, whether the call worked or not.
Value any_path(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  bool two = event.record.family() == Family::path2;
  if (field.arg == "src")
    return two ? text_or_unset(path_at(event, first_path(event.record), view, scratch)) : Value{};
  if (field.arg == "dst")
    return two ? text_or_unset(path_at(event, second_path(event.record), view, scratch)) : Value{};
  return two || !field.arg.empty()
             ? Value{}
             : text_or_unset(path_at(event, first_path(event.record), view, scratch));
}

}  // namespace

const Getter get::fs_path_name = name;
const Getter get::fs_path_nameraw = raw_name;
const Getter get::fs_path_source = source;
const Getter get::fs_path_sourceraw = raw_source;
const Getter get::fs_path_target = target;
const Getter get::fs_path_targetraw = raw_target;
const Getter get::evt_abspath = any_path;

}  // namespace saker::fields
