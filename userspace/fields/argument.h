// SPDX-License-Identifier: Apache-2.0
// The arguments of events under the names that rules use, as text and as value. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fields/event.h"
#include "fields/extract.h"

namespace saker::fields {

enum class ArgShape : std::uint8_t {
  result,  // the call's result: "0", "-2", as text the error's name
  fd_made,
  fd_used,
  fd_copied,
  dirfd,  // a descriptor
  decimal,
  hex,
  octal,
  device,
  text,
  path_first,
  path_second,
  words,
  first_word,
  other_words,  // of NUL-terminated strings
  user,
  group,
  owner,
  task,
  process,
  tuple,
  address,
  // a table of names
  open_flags,
  dup_flags,
  mode,
  resolve,
  unlink,
  chown,
  rename,
  link,
  mount,
  umount,
  clone,
  module,
  memfd,
  exec,
  ring_setup,
  ring_features,
  ring_enter,
  remove_module,
  pidfd,
  ptrace,
  bpf,
  domain,
  ring_register,
  signal,
  prctl,
  call  // Falco's number of the call
};

struct Argument {
  std::uint16_t event;
  std::string_view name;
  ArgShape shape;
  unsigned slot;
};

// The arguments of an event in their order.
std::span<const Argument> arguments_of(std::uint16_t event);

// The value that evt.args shows before the name, and that evt.rawarg compares; unset if the record
// does not have it.
Value raw_argument(const Argument& argument, const Event& event);
// The text for people: names of flags, of errors, of users, or a descriptor's name; empty if there
// is none.
std::string_view nice_argument(const Argument& argument, const Event& event, View view,
                               Scratch& scratch);
// The raw value as text.
std::string_view plain_argument(const Argument& argument, const Event& event, Scratch& scratch);

}  // namespace saker::fields
