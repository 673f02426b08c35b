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
  result,  // what the call returned: "0", "-2", as text its error's name
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
  other_words,  // of strings closed by NULs
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
  ptrace,
  bpf,
  domain
};

struct Argument {
  std::uint16_t event;
  std::string_view name;
  ArgShape shape;
  unsigned slot;
};

// The arguments of an event in their order.
std::span<const Argument> arguments_of(std::uint16_t event);

// What evt.args shows before any name, what evt.rawarg compares with: unset where the record has
// none.
Value raw_argument(const Argument& argument, const Event& event);
// The text that stands for it: names of flags, of errors, of users, a descriptor's name; empty if
// there is none nicer.
std::string_view nice_argument(const Argument& argument, const Event& event, View view,
                               Scratch& scratch);
// The raw one as text.
std::string_view plain_argument(const Argument& argument, const Event& event, Scratch& scratch);

}  // namespace saker::fields
