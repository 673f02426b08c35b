// SPDX-License-Identifier: Apache-2.0
// Columns of the tables in an events block (docs/recording.md), for writers and readers.
#pragma once

#include <cstdint>

#include "enrich/container.h"
#include "enrich/process.h"

namespace saker::recording {

// Numbers of columns for the lists of fields.def.
enum : unsigned {
  image_numbers = 0
#define RECORDED_NUMBER(member) +1
#define RECORDED_PROGRAM_NUMBER(member) +1
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

// Images: links first, then the counts of numbers and of texts, then as many of these, so that
// either may grow in later versions.
enum ImageColumn : unsigned {
  image_id,
  image_container,
  image_parent,
  image_number_count,
  image_first
};
enum ContainerColumn : unsigned { container_id, container_number_count, container_first };
constexpr unsigned image_columns =
    unsigned{image_first} + unsigned{image_numbers} + unsigned{image_texts};
constexpr unsigned container_columns =
    unsigned{container_first} + unsigned{container_numbers} + unsigned{container_texts};
enum MountColumn : unsigned {
  mount_container,
  mount_rdwr,
  mount_source,
  mount_dest,
  mount_mode,
  mount_propagation,
  mount_columns
};
enum FactColumn : unsigned {
  fact_vtid,
  fact_threads,
  fact_other_threads,
  fact_descriptors,
  fact_standard,
  fact_cgroups = fact_standard + 6,
  fact_thread,
  fact_columns
};
enum UserColumn : unsigned {
  user_set,
  user_uid,
  user_gid,
  user_name,
  user_home,
  user_shell,
  user_columns
};
enum GroupColumn : unsigned { group_set, group_gid, group_name, group_columns };
// Images, facts and sets of users by their row + 1; 0: none. The numbers are from the record.
enum ContextColumn : unsigned {
  context_image,
  context_facts,
  context_users,
  context_tid,
  context_pid,
  context_uid,
  context_columns
};
enum EventColumn : unsigned {
  event_body,
  event_context,
  event_ts,
  event_wall,
  event_number,
  event_cpu,
  event_seq,
  event_columns
};
// Bodies: these columns, a column for each slot (for a blob: its text), then a column of flags for
// each blob: SAKER_BLOB_*, and whether there is a text at all, even if it is empty.
enum BodyColumn : unsigned { body_ret, body_flags, body_nparams, body_first };
constexpr std::uint64_t body_blob_there = 1u << 16;

// A new member needs a row in fields.def, otherwise a replay does not have it.
static_assert(sizeof(enrich::CaptureFacts) == 8 + 3 * 4 + 4 + 3 * 24 + 16);

}  // namespace saker::recording
