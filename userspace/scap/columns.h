// SPDX-License-Identifier: Apache-2.0
// The sections of a recording's blocks (docs/recording.md) with what a capture says about its
// events beyond their records, and their columns: for section_writer and section_reader.
#pragma once

#include "recording/table.h"

namespace saker::scap {

constexpr recording::Section descriptors_section{12}, threads_section{13}, interfaces_section{14},
    raw_section{15},  // one for each type of event
    views_section{16};

// Descriptors and threads by their row + 1; 0: none.
enum DescriptorColumn : unsigned {
  descriptor_type,
  descriptor_bits,
  descriptor_dev,
  descriptor_ino,
  descriptor_area,
  descriptor_name,
  descriptor_raw,
  descriptor_columns
};
enum DescriptorBit : unsigned {
  descriptor_role = 3,
  descriptor_connected = 1 << 2,
  descriptor_upper = 1 << 3,
  descriptor_lower = 1 << 4
};
// Leaders: name, exe, exepath of each.
enum ThreadColumn : unsigned {
  thread_vpid,
  thread_container,
  thread_leaders,
  thread_fd_limit = thread_leaders + 9,
  thread_vm_size,
  thread_vm_resident,
  thread_vm_swapped,
  thread_faults_major,
  thread_faults_minor,
  thread_bits,
  thread_main,
  thread_parent_vpid = thread_main + 4,
  thread_parent_began,
  thread_exe_age,
  thread_types,
  thread_columns
};
// For a thread that is not the main one, the columns from thread_main on have the name, exe,
// exepath and arguments of the main thread.
enum ThreadBit : unsigned { thread_other = 1, thread_no_main = 2, thread_parent = 4 };
enum InterfaceColumn : unsigned {
  interface_v6,
  interface_address,
  interface_netmask,
  interface_name,
  interface_columns
};
// Raw events: these columns, one column for each parameter, then one for each parameter that refers
// to something (raw_refers).
enum RawColumn : unsigned { raw_shape, raw_descriptor, raw_number, raw_bits, raw_first };
enum RawBit : unsigned {
  raw_has_fd = 1,
  raw_name_changed = 2,
  raw_has_thread = 4,
  raw_swapped = 8,
  raw_says_local = 16,
  raw_source_local = 32,
  raw_dest_local = 64
};
// In a shape: the parameter is a text; otherwise the number of bytes of its number.
constexpr unsigned char raw_text = 0xff;
// What a parameter refers to: an unknown descriptor, the one the event is about, or a row + 2 ...
enum RawReference : unsigned { raw_unknown, raw_own, raw_other };
// raw_previous is the time of the capture's previous event minus that of the previous event in this
// block.
enum ViewColumn : unsigned { view_raw, view_previous, view_first, view_host, view_columns };

}  // namespace saker::scap
