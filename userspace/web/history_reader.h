// SPDX-License-Identifier: Apache-2.0
// Queries the history: alerts by a filter, counts over time, names. Queries have a time limit:
// results not found by then are left out, and the answer says so. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "web/history_files.h"

namespace saker::web {

struct HistoryFilter {
  // "": any
  std::string text = "", rule = "", tag = "", container = "", pod = "";
  int priority = 7;                          // this or worse
  std::int64_t from = 0, until = INT64_MAX;  // ns, wall clock
  std::uint64_t before = INT64_MAX;          // numbers below it
  unsigned limit = 100;
};

struct HistoryRows {
  struct Row {
    std::uint64_t id;
    std::string line;
  };
  std::vector<Row> rows;  // the newest first
  bool more = false;      // there may be
  bool hurried = false;   // the time was up before all was looked at
};

struct HistoryCounts {
  struct Row {
    std::int64_t from;  // s, wall clock: a multiple of the step
    std::string rule;
    int priority;
    std::uint64_t alerts;
  };
  std::vector<Row> rows;
  bool hurried = false;
};

struct HistorySize {
  std::uint64_t alerts = 0, bytes = 0, files = 0;
  std::int64_t first_time = 0;
  std::vector<std::string> problems;  // of files that cannot be read
};

class HistoryReader {
 public:
  explicit HistoryReader(std::string directory, std::uint64_t age_ns)
      : directory_(std::move(directory)), age_ns_(age_ns) {}

  HistoryRows find(const HistoryFilter& filter);
  HistoryCounts count(std::int64_t from_ns, std::int64_t until_ns, std::uint64_t step_s);
  // All names, sorted; each tag separately.
  std::vector<std::string> names(NameKind kind, std::size_t most);
  HistorySize size();

  static constexpr std::uint64_t patience_ns = 2'000'000'000;

 private:
  struct File {
    Database database;
    HistorySpan span;
  };

  void look();
  std::int64_t oldest() const;
  bool find_in(File& file, const HistoryFilter& filter, HistoryRows& out);
  bool find_words(File& file, const std::string& condition, const std::string& match,
                  const HistoryFilter& filter, std::vector<std::uint64_t>& out);
  bool find_rows(File& file, const std::string& condition, const HistoryFilter& filter,
                 std::vector<std::uint64_t>& out);
  // By the begin of the step, the rule's name, the priority.
  using Sums = std::map<std::tuple<std::int64_t, std::string, int>, std::uint64_t>;
  struct Minutes {
    std::int64_t first, end, step;  // since 1970
  };
  static bool count_in(File& file, const Minutes& minutes, Sums& to);
  static int over(void* self);

  const std::string directory_;
  const std::uint64_t age_ns_;
  std::map<std::uint64_t, File> files_;  // by number
  std::vector<std::string> problems_;
  std::uint64_t deadline_ = 0;
};

// Search words as an expression for the index: each must match the beginning of a word of the
// alert, and words joined by punctuation must follow each other. "": there are no words in it.
std::string match_expression(std::string_view text);

}  // namespace saker::web
