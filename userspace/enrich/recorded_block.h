// SPDX-License-Identifier: Apache-2.0
// Events on their way into a recording: made by who sees them (recording_builder.h), packed by who writes them
// (recording_encoder.h). Holds copies only; whoever has it may keep it.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/recording_table.h"
#include "enrich/recording_columns.h"
#include "enrich/recording_views.h"

namespace saker::enrich::recording {

struct Block {
  struct Event {
    std::uint64_t ts, time, number;
    std::uint32_t body, context, cpu, seq;
  };
  // All of a record but who did it, when and where: many events share one.
  struct Body {
    std::size_t at;  // in words
    std::uint32_t length;
  };

  std::vector<Event> events;
  std::vector<Body> bodies;
  std::vector<std::uint64_t> words;  // records, each at a multiple of eight bytes
  capture::recording::TextWriter texts;
  capture::recording::TableWriter containers{container_columns};
  capture::recording::TableWriter mounts{mount_columns};
  capture::recording::TableWriter images{image_columns};
  capture::recording::TableWriter facts{fact_columns};
  capture::recording::TableWriter user_sets{1};
  capture::recording::TableWriter users{user_columns};
  capture::recording::TableWriter groups{group_columns};
  capture::recording::TableWriter contexts{context_columns};
  ViewTables views{texts};
};

}  // namespace saker::enrich::recording
