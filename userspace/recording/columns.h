// SPDX-License-Identifier: Apache-2.0
// Columns of the tables in an events block (docs/recording.md), for who writes and who reads them.
#pragma once

#include <cstdint>

#include "enrich/container.h"
#include "enrich/process.h"

namespace saker::recording {

// Numbers of columns by list of fields.def.
enum : unsigned {
  image_numbers = 0
#define RECORDED_NUMBER(member) +1
#include "recording/fields.def"
  ,
  image_texts = 0
#define RECORDED_TEXT(member) +1
#define RECORDED_LIST(member) +1
#include "recording/fields.def"
  ,
  container_numbers = 0
#define RECORDED_CONTAINER_NUMBER(member) +1
#include "recording/fields.def"
  ,
  container_texts = 0
#define RECORDED_CONTAINER_TEXT(member) +1
#include "recording/fields.def"
  ,
};

// Images: links first, then as many numbers and texts as these two say, so that either may grow.
enum ImageColumn : unsigned { image_id, image_container, image_parent, image_number_count, image_first };
enum ContainerColumn : unsigned { container_id, container_number_count, container_first };
constexpr unsigned image_columns = unsigned{image_first} + unsigned{image_numbers} + unsigned{image_texts};
constexpr unsigned container_columns =
    unsigned{container_first} + unsigned{container_numbers} + unsigned{container_texts};
enum MountColumn : unsigned { mount_container, mount_rdwr, mount_source, mount_dest, mount_mode, mount_propagation,
                              mount_columns };
enum FactColumn : unsigned { fact_vtid, fact_threads, fact_other_threads, fact_descriptors, fact_standard,
                             fact_cgroups = fact_standard + 6, fact_thread, fact_columns };
enum UserColumn : unsigned { user_set, user_uid, user_gid, user_name, user_home, user_shell, user_columns };
enum GroupColumn : unsigned { group_set, group_gid, group_name, group_columns };
// Images, facts and sets of users by their row + 1; 0: none. The numbers are the record's.
enum ContextColumn : unsigned { context_image, context_facts, context_users, context_tid, context_pid, context_uid,
                                context_columns };
enum EventColumn : unsigned { event_body, event_context, event_ts, event_wall, event_number, event_cpu, event_seq,
                              event_columns };
// Bodies: these, a column for each slot (a blob's is its text), then a column of flags for each blob: SAKER_BLOB_*, and
// whether there is a text at all, be it empty.
enum BodyColumn : unsigned { body_ret, body_flags, body_nparams, body_first };
constexpr std::uint64_t body_blob_there = 1u << 16;

// Of events that stood in a capture (recording/views_reader.h). Descriptors and threads by their row + 1; 0: none.
enum DescriptorColumn : unsigned { descriptor_type, descriptor_bits, descriptor_dev, descriptor_ino, descriptor_area,
                                   descriptor_name, descriptor_raw, descriptor_columns };
enum DescriptorBit : unsigned { descriptor_role = 3, descriptor_connected = 1 << 2, descriptor_upper = 1 << 3,
                                descriptor_lower = 1 << 4 };
// Leaders: name, exe, exepath of each.
enum ThreadColumn : unsigned { thread_vpid, thread_container, thread_leaders, thread_fd_limit = thread_leaders + 9,
                               thread_vm_size, thread_vm_resident, thread_vm_swapped, thread_faults_major,
                               thread_faults_minor, thread_bits, thread_main, thread_parent_vpid = thread_main + 4,
                               thread_parent_began, thread_exe_age, thread_types, thread_columns };
// Of a thread that is not the main one its name, exe, exepath and arguments stand from thread_main on.
enum ThreadBit : unsigned { thread_other = 1, thread_no_main = 2, thread_parent = 4 };
enum InterfaceColumn : unsigned { interface_v6, interface_address, interface_netmask, interface_name,
                                  interface_columns };
// Raw events: these, a column for each parameter, then one for each that refers to something (raw_refers).
enum RawColumn : unsigned { raw_shape, raw_descriptor, raw_number, raw_bits, raw_first };
enum RawBit : unsigned { raw_has_fd = 1, raw_name_changed = 2, raw_has_thread = 4, raw_swapped = 8,
                         raw_says_local = 16, raw_source_local = 32, raw_dest_local = 64 };
// In a shape: the parameter is a text; else it is a number of so many bytes.
constexpr unsigned char raw_text = 0xff;
// What a parameter refers to: a descriptor not known, the one the event is about, or a row + 2 ...
enum RawReference : unsigned { raw_unknown, raw_own, raw_other };
// The time of the event before, less that of the event before in this block.
enum ViewColumn : unsigned { view_raw, view_previous, view_first, view_host, view_columns };

// A member more needs a row in fields.def, or it is missing in a replay.
static_assert(sizeof(enrich::CaptureFacts) == 8 + 3 * 4 + 4 + 3 * 24 + 16);

}  // namespace saker::recording
