// SPDX-License-Identifier: Apache-2.0
// The history on disk: a directory of SQLite files, each with the alerts of a span of time, so that
// old alerts, or alerts beyond the limit, are deleted with their file. One thread writes, another
// reads, each through its own connections.
//
// In a file: `alerts` has a narrow row of numbers for each alert, so that a filter can scan all of
// them; `names` has the texts of these numbers; `bodies` the lines; `words` the index of texts;
// `minutes` counts per rule; `span` describes the content of the file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "web/database.h"

namespace saker::web {

enum class NameKind : std::uint8_t { rule, tags, container, pod };

// The path of the file with this number; numbers increase with the files' first times.
std::string history_file(const std::string& directory, std::uint64_t number);
// The numbers of the existing files, ascending.
std::vector<std::uint64_t> history_numbers(const std::string& directory);
// The size of the file, with those that SQLite keeps next to it.
std::uint64_t history_file_bytes(const std::string& directory, std::uint64_t number);
void remove_history_file(const std::string& directory, std::uint64_t number);

// Creates the tables if there are none.
Result<Database> create_history_file(const std::string& path);
Result<Database> open_history_file(const std::string& path);

struct HistorySpan {
  std::uint64_t first_id = 0, last_id = 0, alerts = 0;  // alerts 0: it is empty
  std::int64_t first_time = 0, last_time = 0;           // ns, wall clock
};
Result<HistorySpan> span_of(Database& database);

}  // namespace saker::web
