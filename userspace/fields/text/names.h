// SPDX-License-Identifier: Apache-2.0
// Names of the kernel's numbers as rules and alerts write them. Constant tables: any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "decode/record.h"
#include "fields/scratch.h"

namespace saker::fields {

enum class NameTable : std::uint8_t {
  open,
  clone,
  mount,
  umount,
  mode,
  rename,
  unlink,
  chown,
  link,
  resolve,
  memfd,
  module,
  exec,
  ring_setup,
  ring_features,
  ring_enter,
  remove_module,
  pidfd,  // bits
  ptrace,
  bpf,
  domain,
  ring_register,
  signal,
  prctl,
  error,  // numbers
  capability
};

// The names of the bits joined by '|'; empty if no bit has a name.
std::string_view flag_names(NameTable table, std::uint64_t bits, Scratch& scratch);
// The bits, or the number, in the form that rules compare.
std::uint64_t shown_flags(NameTable table, std::uint64_t kernel);
// Empty if it has no name.
std::string_view number_name(NameTable table, std::uint64_t number);
std::uint64_t shown_number(NameTable table, std::uint64_t number);

// The flags passed to open, with SAKER_FILE_* for what it did.
std::string_view open_flag_names(std::uint64_t flags, std::uint64_t file, Scratch& scratch);
std::uint64_t shown_open_flags(std::uint64_t flags, std::uint64_t file);

// "ENOENT" for -2; the number as text if it has no name.
std::string_view errno_name(std::int64_t ret, Scratch& scratch);
// "CAP_CHOWN CAP_KILL"
std::string_view capability_names(std::uint64_t bits, Scratch& scratch);
// evt.category
std::string_view category_name(const decode::Record& record);

}  // namespace saker::fields
