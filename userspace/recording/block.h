// SPDX-License-Identifier: Apache-2.0
// Events on their way into a recording: made by the thread that sees them (recording/builder.h),
// packed by the thread that writes them (recording/encoder.h). Contains only copies, so its owner
// may keep it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "recording/columns.h"
#include "recording/foreign.h"
#include "recording/table.h"

namespace saker::recording {

struct Block {
  struct Occurrence {
    std::uint64_t ts, time, number;
    std::uint32_t body, context, cpu, seq;
  };
  // A record without its process, time and CPU: many events share one.
  struct Body {
    std::size_t at;  // in words
    std::uint32_t length;
  };

  std::vector<Occurrence> events;
  std::vector<Body> bodies;
  std::vector<std::uint64_t> words;  // records, each aligned to eight bytes
  TextWriter texts;
  TableWriter containers{container_columns};
  TableWriter mounts{mount_columns};
  TableWriter images{image_columns};
  TableWriter facts{fact_columns};
  TableWriter user_sets{1};
  TableWriter users{user_columns};
  TableWriter groups{group_columns};
  TableWriter contexts{context_columns};
  std::unique_ptr<ForeignWriter> foreign;  // null: of foreign events only the records are kept
};

}  // namespace saker::recording
