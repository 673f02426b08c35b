// SPDX-License-Identifier: Apache-2.0
// The history on disk: a directory of files of SQLite, each with the alerts of a stretch of time,
// so that what is too old or too much goes with its file. Written by one thread, read by another,
// each with connections of its own.
//
// In a file: `alerts` has a narrow row for each alert, with numbers alone, so that a filter may
// look at all of them; `names` what the numbers stand for; `bodies` the lines; `words` the index
// of texts; `minutes` how many there were of each rule; `span` what the file holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "web/database.h"

namespace saker::web {

enum class NameKind : std::uint8_t { rule, tags, container, pod };

// The file with this number; they are numbered in the order of their beginnings.
std::string history_file(const std::string& directory, std::uint64_t number);
// Of the files there are, in their order.
std::vector<std::uint64_t> history_numbers(const std::string& directory);
// With all that SQLite keeps beside it.
std::uint64_t history_file_bytes(const std::string& directory, std::uint64_t number);
void remove_history_file(const std::string& directory, std::uint64_t number);

// Makes the tables if there are none.
Result<Database> create_history_file(const std::string& path);
Result<Database> open_history_file(const std::string& path);

struct HistorySpan {
  std::uint64_t first_id = 0, last_id = 0, alerts = 0;  // alerts 0: it is empty
  std::int64_t first_time = 0, last_time = 0;           // ns, wall clock
};
Result<HistorySpan> span_of(Database& database);

}  // namespace saker::web
