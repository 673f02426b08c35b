// SPDX-License-Identifier: Apache-2.0
#include "web/history_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/file.h"

namespace saker::web {
namespace {

constexpr std::string_view extension = ".db";
constexpr const char* beside[] = {"", "-wal", "-shm"};

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS span(one INTEGER PRIMARY KEY, first_id INTEGER, last_id INTEGER,
  alerts INTEGER, first_time INTEGER, last_time INTEGER);
CREATE TABLE IF NOT EXISTS names(id INTEGER PRIMARY KEY, kind INTEGER, name TEXT,
  UNIQUE(kind, name));
CREATE TABLE IF NOT EXISTS alerts(id INTEGER PRIMARY KEY, time INTEGER, priority INTEGER,
  rule INTEGER, tags INTEGER, container INTEGER, pod INTEGER);
CREATE TABLE IF NOT EXISTS bodies(id INTEGER PRIMARY KEY, line TEXT);
CREATE TABLE IF NOT EXISTS minutes(minute INTEGER, rule INTEGER, priority INTEGER, alerts INTEGER,
  PRIMARY KEY(minute, rule, priority)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, content='', columnsize=0,
  tokenize='unicode61 remove_diacritics 0');
)";

}  // namespace

std::string history_file(const std::string& directory, std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof(name), "%010llu.db", static_cast<unsigned long long>(number));
  return directory + "/" + name;
}

std::vector<std::uint64_t> history_numbers(const std::string& directory) {
  std::vector<std::uint64_t> out;
  for (const std::string& name : names_in(directory)) {
    std::uint64_t number = 0;
    const char* begin = name.data();
    const auto [end, error] = std::from_chars(begin, begin + name.size(), number);
    if (error == std::errc() && std::string_view(end) == extension) out.push_back(number);
  }
  std::ranges::sort(out);
  return out;
}

std::uint64_t history_file_bytes(const std::string& directory, std::uint64_t number) {
  std::uint64_t bytes = 0;
  for (const char* suffix : beside) {
    struct stat st {};
    if (::stat((history_file(directory, number) + suffix).c_str(), &st) == 0)
      bytes += static_cast<std::uint64_t>(st.st_size);
  }
  return bytes;
}

void remove_history_file(const std::string& directory, std::uint64_t number) {
  for (const char* suffix : beside) ::unlink((history_file(directory, number) + suffix).c_str());
}

Result<Database> create_history_file(const std::string& path) {
  const mode_t before = ::umask(077);
  Result<Database> database = Database::open(path, Database::Use::write);
  Result<void> made;
  // Whole after a crash of the machine, too; the last moments may be missing then.
  if (database)
    made = database->execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=4194304;"
        "PRAGMA temp_store=MEMORY;");
  if (database && made) made = database->execute(schema);
  ::umask(before);
  if (database && !made) return made.error();
  return database;
}

Result<Database> open_history_file(const std::string& path) {
  return Database::open(path, Database::Use::read);
}

Result<HistorySpan> span_of(Database& database) {
  Result<Statement> statement = database.prepare(
      "SELECT first_id, last_id, alerts, first_time, last_time FROM span WHERE one = 1");
  if (!statement) return statement.error();
  HistorySpan out;
  if (!statement->step()) {
    if (const std::string problem = database.problem(); !problem.empty()) return Error{problem};
    return out;
  }
  out.first_id = static_cast<std::uint64_t>(statement->number(0));
  out.last_id = static_cast<std::uint64_t>(statement->number(1));
  out.alerts = static_cast<std::uint64_t>(statement->number(2));
  out.first_time = statement->number(3);
  out.last_time = statement->number(4);
  return out;
}

}  // namespace saker::web
