// SPDX-License-Identifier: Apache-2.0
// evt.*: the event itself, without its arguments.
#include <fcntl.h>

#include "fields/event_names.h"
#include "fields/getters.h"
#include "fields/text/names.h"
#include "fields/text/time_text.h"

namespace saker::fields {
namespace {

using decode::Family;

// The call's result. Unset where Falco has none: an exiting process returns nothing.
bool returns(const Event& event) { return event.record.family() != Family::exit; }

Value number(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(event.number);
}
Value raw_time(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(event.time);
}
Value raw_seconds(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(event.time / 1000000000u);
}
Value raw_rest(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(event.time % 1000000000u);
}
Value clock_time(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(time_text(event.time, TimeForm::clock, scratch));
}
Value clock_seconds(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(time_text(event.time, TimeForm::clock_seconds, scratch));
}
Value iso_time(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(time_text(event.time, TimeForm::iso8601, scratch));
}
Value date_time(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(time_text(event.time, TimeForm::date, scratch));
}
Value date_seconds(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return Value::of_text(time_text(event.time, TimeForm::date_seconds, scratch));
}
Value source_name(const FieldRef&, const Event&, View, Scratch&) {
  return Value::of_text("syscall");
}
Value never(const FieldRef&, const Event&, View, Scratch&) { return Value::of_bool(false); }
Value zero(const FieldRef&, const Event&, View, Scratch&) { return Value::of_natural(0); }
Value zero_time(const FieldRef&, const Event&, View, Scratch&) { return Value::of_text("0ns"); }
Value one(const FieldRef&, const Event&, View, Scratch&) { return Value::of_natural(1); }
Value direction(const FieldRef&, const Event&, View, Scratch&) { return Value::of_text("<"); }
Value cpu(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_number(event.record.head().cpu);
}

std::string_view event_name(const Event& event) {
  bool foreign = event.record.type() == SAKER_EV_foreign;
  return foreign ? event.record.str(SAKER_P_foreign_name) : event.record.info().name;
}

Value type(const FieldRef&, const Event& event, View, Scratch&) {
  std::string_view name = event_name(event);
  return name.empty() ? Value{} : Value::of_text(name);
}

Value call_name(const FieldRef&, const Event& event, View, Scratch&) {
  std::string_view name = event_name(event);
  EventNameId id = find_event_name(name);
  if (id == no_event_name || !event_names()[id].syscall) return {};
  return Value::of_text(name);
}

Value is_type(const FieldRef& field, const Event& event, View, Scratch&) {
  return Value::of_natural(event_name(event) == field.arg);
}

Value category(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_text(category_name(event.record));
}

Value result(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!returns(event)) return {};
  std::int64_t ret = event.record.head().ret;
  return Value::of_text(ret >= 0 ? "SUCCESS" : errno_name(ret, scratch));
}

Value raw_result(const FieldRef&, const Event& event, View, Scratch&) {
  return returns(event) ? Value::of_number(event.record.head().ret) : Value{};
}

Value failed(const FieldRef&, const Event& event, View, Scratch&) {
  return returns(event) ? Value::of_bool(event.record.head().ret < 0) : Value{};
}

Value count_error(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(returns(event) && event.record.head().ret < 0);
}

// evt.count.error.file and its siblings: whether the call failed on that kind of object.
Value count_error_of(const FieldRef& field, const Event& event, View view, Scratch& scratch) {
  std::string_view name = all_fields()[field.id].name;
  std::string_view kind = name.substr(name.rfind('.') + 1), is = category_name(event.record);
  bool counted = kind == "other" ? is != "file" && is != "net" && is != "memory" : is == kind;
  return counted ? count_error(field, event, view, scratch) : Value::of_natural(0);
}

// creat is not included, as in the language; evt.is_open_exec includes it.
bool opens(const Event& event) {
  return event.record.family() == Family::open && event.record.type() != SAKER_EV_creat;
}

Value is_open_read(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_bool(opens(event) &&
                        (event.record.u64(SAKER_P_open_flags) & O_ACCMODE) != O_WRONLY);
}

Value is_open_write(const FieldRef&, const Event& event, View, Scratch&) {
  std::uint64_t mode = event.record.u64(SAKER_P_open_flags) & O_ACCMODE;
  return Value::of_bool(opens(event) && (mode == O_WRONLY || mode == O_RDWR));
}

Value is_open_exec(const FieldRef&, const Event& event, View, Scratch&) {
  if (event.record.family() != Family::open) return Value::of_bool(false);
  std::uint64_t flags = event.record.u64(SAKER_P_open_flags);
  bool makes = event.record.type() == SAKER_EV_creat || (flags & O_CREAT) ||
               (flags & O_TMPFILE) == O_TMPFILE;
  return Value::of_bool(makes && (event.record.u64(SAKER_P_open_mode) & 0111) != 0);
}

Value is_open_create(const FieldRef&, const Event& event, View, Scratch&) {
  if (!opens(event)) return Value::of_bool(false);
  bool temporary = (event.record.u64(SAKER_P_open_flags) & O_TMPFILE) == O_TMPFILE;
  bool created = event.record.u64(SAKER_P_open_fileflags) & SAKER_FILE_CREATED;
  return Value::of_bool(created || (temporary && event.record.head().ret >= 0));
}

}  // namespace

const Getter get::evt_num = number;
const Getter get::evt_time = clock_time;
const Getter get::evt_time_s = clock_seconds;
const Getter get::evt_time_iso8601 = iso_time;
const Getter get::evt_datetime = date_time;
const Getter get::evt_datetime_s = date_seconds;
const Getter get::evt_rawtime = raw_time;
const Getter get::evt_rawtime_s = raw_seconds;
const Getter get::evt_rawtime_ns = raw_rest;
const Getter get::evt_source = source_name;
const Getter get::evt_never = never;
const Getter get::evt_zero = zero;
const Getter get::evt_latency_human = zero_time;
const Getter get::evt_dir = direction;
const Getter get::evt_type = type;
const Getter get::evt_type_is = is_type;
const Getter get::syscall_type = call_name;
const Getter get::evt_category = category;
const Getter get::evt_cpu = cpu;
const Getter get::evt_res = result;
const Getter get::evt_rawres = raw_result;
const Getter get::evt_failed = failed;
const Getter get::evt_one = one;
const Getter get::evt_count_error = count_error;
const Getter get::evt_count_error_of = count_error_of;
const Getter get::evt_is_open_read = is_open_read;
const Getter get::evt_is_open_write = is_open_write;
const Getter get::evt_is_open_exec = is_open_exec;
const Getter get::evt_is_open_create = is_open_create;

}  // namespace saker::fields
