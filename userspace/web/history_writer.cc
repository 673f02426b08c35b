// SPDX-License-Identifier: Apache-2.0
#include "web/history_writer.h"

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "web/stored_alert.h"

namespace saker::web {
namespace {

constexpr std::uint64_t minute_ns = 60'000'000'000;
constexpr std::size_t longest_name = 512;

std::string joined(const std::vector<std::string>& tags) {
  std::string out;
  for (const std::string& tag : tags) out += (out.empty() ? "" : "\n") + tag;
  return out;
}

std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

// The one that is written to, and what is known of it.
struct HistoryWriter::File {
  Database database;
  HistorySpan span;
  Statement begin, commit, rollback, add_alert, add_body, add_words, add_name, find_name,
      add_minute, set_span, pages;
  std::map<std::pair<int, std::string>, std::int64_t, std::less<>> names;
  std::uint64_t pages_now = 0;

  explicit File(Database&& opened) : database(std::move(opened)) {}
  Result<void> prepare();
  std::int64_t number_of(NameKind kind, std::string_view name);
  bool add(const StoredAlert& alert);
  bool finish();
};

Result<void> HistoryWriter::File::prepare() {
  const std::pair<Statement*, const char*> wanted[] = {
      {&begin, "BEGIN IMMEDIATE"},
      {&commit, "COMMIT"},
      {&rollback, "ROLLBACK"},
      {&add_alert, "INSERT OR REPLACE INTO alerts VALUES(?, ?, ?, ?, ?, ?, ?)"},
      {&add_body, "INSERT OR REPLACE INTO bodies VALUES(?, ?)"},
      {&add_words, "INSERT INTO words(rowid, text) VALUES(?, ?)"},
      {&add_name, "INSERT OR IGNORE INTO names(kind, name) VALUES(?, ?)"},
      {&find_name, "SELECT id FROM names WHERE kind = ? AND name = ?"},
      {&add_minute,
       "INSERT INTO minutes VALUES(?, ?, ?, 1) ON CONFLICT DO UPDATE SET alerts = alerts + 1"},
      {&set_span, "INSERT OR REPLACE INTO span VALUES(1, ?, ?, ?, ?, ?)"},
      {&pages, "PRAGMA page_count"},
  };
  for (const auto& [statement, sql] : wanted) {
    Result<Statement> made = database.prepare(sql);
    if (!made) return made.error();
    *statement = std::move(*made);
  }
  Result<HistorySpan> known = span_of(database);
  if (!known) return known.error();
  span = *known;
  return {};
}

// 0 stands for none.
std::int64_t HistoryWriter::File::number_of(NameKind kind, std::string_view name) {
  if (name.empty()) return 0;
  name = name.substr(0, longest_name);
  const int of = static_cast<int>(kind);
  std::pair<int, std::string> key{of, name};
  if (const auto known = names.find(key); known != names.end()) return known->second;
  add_name.bind(1, of).bind(2, name).run();
  const std::int64_t number = find_name.bind(1, of).bind(2, name).step() ? find_name.number(0) : 0;
  find_name.reset();
  return names[std::move(key)] = number;
}

bool HistoryWriter::File::add(const StoredAlert& alert) {
  const std::int64_t id = signed_of(alert.id), time = signed_of(alert.time);
  const std::int64_t rule = number_of(NameKind::rule, alert.rule_name);
  const auto priority = static_cast<std::int64_t>(alert.priority);
  const std::string tags = joined(alert.tags);
  add_alert.bind(1, id).bind(2, time).bind(3, priority).bind(4, rule);
  add_alert.bind(5, number_of(NameKind::tags, tags))
      .bind(6, number_of(NameKind::container, alert.container))
      .bind(7, number_of(NameKind::pod, alert.pod));
  const bool done =
      add_alert.run() && add_body.bind(1, id).bind(2, alert.json).run() &&
      add_words.bind(1, id).bind(2, alert.words).run() &&
      add_minute.bind(1, signed_of(alert.time / minute_ns)).bind(2, rule).bind(3, priority).run();
  const bool first = span.alerts++ == 0;
  span.first_id = first ? alert.id : std::min(span.first_id, alert.id);
  span.last_id = std::max(span.last_id, alert.id);
  span.first_time = first ? time : std::min(span.first_time, time);
  span.last_time = first ? time : std::max(span.last_time, time);
  return done;
}

bool HistoryWriter::File::finish() {
  set_span.bind(1, signed_of(span.first_id)).bind(2, signed_of(span.last_id));
  set_span.bind(3, signed_of(span.alerts)).bind(4, span.first_time).bind(5, span.last_time);
  if (!set_span.run() || !commit.run()) return false;
  if (pages.step()) pages_now = static_cast<std::uint64_t>(pages.number(0));
  pages.reset();
  return true;
}

HistoryWriter::HistoryWriter(std::string directory, HistoryLimits limits)
    : directory_(std::move(directory)), limits_(limits) {}
HistoryWriter::~HistoryWriter() = default;

Result<std::unique_ptr<HistoryWriter>> HistoryWriter::open(const std::string& directory,
                                                           HistoryLimits limits) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{directory + ": " + error.message(), error.value()};
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  std::unique_ptr<HistoryWriter> writer(new HistoryWriter(directory, limits));
  std::vector<std::uint64_t> numbers = history_numbers(directory);
  const std::uint64_t newest = numbers.empty() ? 1 : numbers.back();
  if (Result<void> begun = writer->begin_file(newest); !begun) {
    // A damaged file is left as it is, for a person to look at; the history goes on behind it.
    if (Result<void> next = writer->begin_file(newest + 1); !next) return begun.error();
  }
  writer->last_id_ = writer->file_->span.last_id;
  for (; writer->last_id_ == 0 && !numbers.empty(); numbers.pop_back())
    if (Result<Database> older = open_history_file(history_file(directory, numbers.back())); older)
      if (Result<HistorySpan> span = span_of(*older); span) writer->last_id_ = span->last_id;
  writer->drop_old(clock_ns(CLOCK_REALTIME));
  return writer;
}

Result<void> HistoryWriter::begin_file(std::uint64_t number) {
  Result<Database> opened = create_history_file(history_file(directory_, number));
  if (!opened) return opened.error();
  auto file = std::make_unique<File>(std::move(*opened));
  if (Result<void> prepared = file->prepare(); !prepared) return prepared.error();
  file_ = std::move(file);
  number_ = number;
  return {};
}

// By the times of its alerts, not by the clock: a file of old alerts must not make one of each
// batch.
bool HistoryWriter::is_full() const {
  constexpr std::uint64_t page_bytes = 4096;
  const HistorySpan& span = file_->span;
  if (span.alerts == 0) return false;
  return file_->pages_now * page_bytes >= limits_.bytes / files ||
         static_cast<std::uint64_t>(span.last_time - span.first_time) > limits_.age_ns / files;
}

// Room for one more file at its largest, and the log that is written ahead of it.
void HistoryWriter::drop_old(std::uint64_t now) const {
  std::vector<std::uint64_t> numbers = history_numbers(directory_);
  std::uint64_t bytes = limits_.bytes / files;
  for (const std::uint64_t number : numbers)
    if (number != number_) bytes += history_file_bytes(directory_, number);
  for (const std::uint64_t number : numbers) {
    if (number >= number_) break;
    std::int64_t newest = 0;
    if (Result<Database> old = open_history_file(history_file(directory_, number)); old)
      if (Result<HistorySpan> span = span_of(*old); span) newest = span->last_time;
    const bool aged = newest != 0 && static_cast<std::uint64_t>(newest) + limits_.age_ns < now;
    if (bytes <= limits_.bytes && !aged) continue;
    bytes -= std::min(bytes, history_file_bytes(directory_, number));
    remove_history_file(directory_, number);
  }
}

Result<void> HistoryWriter::write(std::span<const output::SharedAlert> batch) {
  const HistorySpan before = file_->span;
  bool done = file_->begin.run();
  for (const output::SharedAlert& alert : batch)
    done = done && file_->add(static_cast<const StoredAlert&>(*alert));
  done = done && file_->finish();
  if (done) return {};
  const std::string problem = file_->database.problem();
  file_->rollback.run();
  file_->span = before;
  file_->names.clear();
  return Error{problem.empty() ? file_->database.path() + " cannot be written" : problem};
}

output::Delivery HistoryWriter::deliver(std::span<const output::SharedAlert> batch,
                                        output::Patience&) {
  const std::uint64_t now = clock_ns(CLOCK_REALTIME);
  if (is_full()) {
    if (Result<void> begun = begin_file(number_ + 1); !begun)
      return {.error = begun.error().message};
    drop_old(now);
  }
  if (Result<void> written = write(batch); !written) return {.error = written.error().message};
  return {.delivered = batch.size()};
}

}  // namespace saker::web
