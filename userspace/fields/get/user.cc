// SPDX-License-Identifier: Apache-2.0
// user.* and group.*: the record's effective user, and names from the users' table.
#include "enrich/users.h"
#include "fields/getters.h"

namespace saker::fields {
namespace {

constexpr std::uint32_t no_user = ~0u;

// A container's users are not the host's users, whatever their numbers.
const enrich::Users* users_of(const Event& event, Scratch& scratch) {
  return event.process->container ? nullptr : scratch.users();
}

const enrich::Users::User* find_user(std::uint32_t uid, const Event& event, Scratch& scratch) {
  const enrich::Users* users = users_of(event, scratch);
  return users ? users->user(uid) : nullptr;
}

// The text `<NA>`, not unset, if there is no name: rules compare with it.
Value name_of(std::uint32_t uid, const Event& event, Scratch& scratch) {
  if (const enrich::Users::User* user = find_user(uid, event, scratch))
    return Value::of_text(user->name);
  return Value::of_text(uid == 0 ? "root" : "<NA>");
}

Value uid(const FieldRef&, const Event& event, View, Scratch&) {
  return Value::of_natural(event.record.head().uid);
}

Value name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  return name_of(event.record.head().uid, event, scratch);
}

Value home(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const enrich::Users::User* user = find_user(event.record.head().uid, event, scratch);
  return Value::of_text(user                           ? std::string_view(user->home)
                        : event.record.head().uid == 0 ? "/root"
                                                       : "<NA>");
}

Value shell(const FieldRef&, const Event& event, View, Scratch& scratch) {
  const enrich::Users::User* user = find_user(event.record.head().uid, event, scratch);
  return Value::of_text(user ? std::string_view(user->shell) : "<NA>");
}

// -1 if the process does not belong to a login.
Value login_uid(const FieldRef&, const Event& event, View, Scratch&) {
  if (!event.process->known) return Value::of_number(-1);
  return Value::of_number(static_cast<std::int32_t>(event.process->loginuid));
}

Value login_name(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!event.process->known || event.process->loginuid == no_user) return Value::of_text("<NA>");
  return name_of(event.process->loginuid, event, scratch);
}

Value gid(const FieldRef&, const Event& event, View, Scratch&) {
  return event.process->known ? Value::of_natural(event.process->egid) : Value{};
}

Value name_of_group(const FieldRef&, const Event& event, View, Scratch& scratch) {
  if (!event.process->known) return {};
  const enrich::Users* users = users_of(event, scratch);
  const enrich::Users::Group* group = users ? users->group(event.process->egid) : nullptr;
  if (group) return Value::of_text(group->name);
  return Value::of_text(event.process->egid == 0 ? "root" : "<NA>");
}

}  // namespace

const Getter get::user_uid = uid;
const Getter get::user_name = name;
const Getter get::user_homedir = home;
const Getter get::user_shell = shell;
const Getter get::user_loginuid = login_uid;
const Getter get::user_loginname = login_name;
const Getter get::group_gid = gid;
const Getter get::group_name = name_of_group;

}  // namespace saker::fields
