// SPDX-License-Identifier: Apache-2.0
#include "web/history_reader.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/clock.h"

namespace saker::web {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t priorities = 8;

// Numbers of the names that a filter wants, of one file; "": none of them is in it.
std::string numbers_of(Database& database, NameKind kind, const std::string& wanted) {
  const bool in_list = kind == NameKind::tags;
  Result<Statement> statement = database.prepare(
      in_list ? "SELECT id FROM names WHERE kind = ? AND instr(char(10) || name || char(10), "
                "char(10) || ? || char(10))"
              : "SELECT id FROM names WHERE kind = ? AND name = ?");
  if (!statement) return {};
  statement->bind(1, static_cast<int>(kind)).bind(2, std::string_view(wanted));
  std::string out;
  while (statement->step()) out += (out.empty() ? "" : ",") + std::to_string(statement->number(0));
  return out;
}

// The condition on a row of `alerts`; nothing: no row of this file can meet it.
Result<std::string> condition_of(Database& database, const HistoryFilter& filter) {
  // The names first: they leave the least.
  std::string out;
  const std::pair<NameKind, const std::string*> names[] = {{NameKind::rule, &filter.rule},
                                                           {NameKind::pod, &filter.pod},
                                                           {NameKind::container, &filter.container},
                                                           {NameKind::tags, &filter.tag}};
  constexpr const char* columns[] = {"rule", "tags", "container", "pod"};
  for (const auto& [kind, wanted] : names) {
    if (wanted->empty()) continue;
    const std::string numbers = numbers_of(database, kind, *wanted);
    if (numbers.empty()) return Error{"none"};
    out += std::string("a.") + columns[static_cast<int>(kind)] +
           (numbers.find(',') == numbers.npos ? " = " + numbers : " IN (" + numbers + ")") +
           " AND ";
  }
  if (filter.priority < 7) out += "a.priority <= " + std::to_string(filter.priority) + " AND ";
  if (filter.from > 0) out += "a.time >= " + std::to_string(filter.from) + " AND ";
  if (filter.until < INT64_MAX) out += "a.time < " + std::to_string(filter.until) + " AND ";
  return out;
}

bool is_word(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string match_expression(std::string_view text) {
  std::string out, phrase;
  const auto end_phrase = [&] {
    if (phrase.ends_with(' ')) phrase.pop_back();
    if (!phrase.empty()) out += (out.empty() ? "" : " AND ") + ("\"" + phrase + "\"") + "*";
    phrase.clear();
  };
  for (const char c : text.substr(0, 256)) {
    if (is_word(static_cast<unsigned char>(c)))
      phrase += c;
    else if (c == ' ' || c == '\t')
      end_phrase();
    else if (!phrase.empty() && phrase.back() != ' ')
      phrase += ' ';
  }
  end_phrase();
  return out;
}

int HistoryReader::over(void* self) {
  return boot_ns() > static_cast<HistoryReader*>(self)->deadline_;
}

// What there is now: files that have gone are forgotten, and new ones opened.
void HistoryReader::look() {
  deadline_ = boot_ns() + patience_ns;
  problems_.clear();
  const std::vector<std::uint64_t> numbers = history_numbers(directory_);
  std::erase_if(
      files_, [&](const auto& known) { return !std::ranges::binary_search(numbers, known.first); });
  for (const std::uint64_t number : numbers) {
    auto known = files_.find(number);
    if (known == files_.end()) {
      Result<Database> opened = open_history_file(history_file(directory_, number));
      if (!opened) {
        problems_.push_back(opened.error().message);
        continue;
      }
      known = files_.emplace(number, File{std::move(*opened), {}}).first;
      known->second.database.watch(&HistoryReader::over, this);
    } else if (number != numbers.back() && known->second.span.alerts &&
               std::next(known) != files_.end()) {
      continue;  // it is written to no more, or is looked at once again
    }
    if (Result<HistorySpan> span = span_of(known->second.database); span)
      known->second.span = *span;
    else
      problems_.push_back(span.error().message);
  }
}

std::int64_t HistoryReader::oldest() const {
  const std::uint64_t now = clock_ns(CLOCK_REALTIME);
  return now > age_ns_ ? static_cast<std::int64_t>(now - age_ns_) : 0;
}

namespace {

// A statement of ids, the newest first, and the one it is at; 0: it has no more.
class Ids {
 public:
  explicit Ids(Statement& statement) : statement_(statement) { next(); }
  std::uint64_t at() const { return at_; }
  void next() { at_ = statement_.step() ? static_cast<std::uint64_t>(statement_.number(0)) : 0; }

 private:
  Statement& statement_;
  std::uint64_t at_ = 0;
};

// Of rows that meet `condition`, from the id that is bound on. It is the only limit of the id: of
// two, SQLite would begin at one of them, and test the other row by row.
Result<Statement> prepare_ids(Database& database, const std::string& condition) {
  return database.prepare("SELECT a.id FROM alerts a WHERE " + condition +
                          "a.id <= ?1 ORDER BY a.id DESC");
}

}  // namespace

// The index gives the ids of the words, the table those that meet the condition, both the newest
// first: the two are walked side by side. The table jumps where the index is far ahead, so a rare
// word costs little, and a common word costs at most one walk over both. To ask the table for
// each id of a common word takes several times as long.
bool HistoryReader::find_words(File& file, const std::string& condition, const std::string& match,
                               const HistoryFilter& filter, std::vector<std::uint64_t>& out) {
  const std::size_t most = std::size_t{filter.limit} + 1;
  constexpr unsigned steps_before_jump = 32;
  Result<Statement> words =
      file.database.prepare("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC");
  Result<Statement> table = prepare_ids(file.database, condition);
  if (!words || !table) {
    problems_.push_back((words ? table : words).error().message);
    return true;
  }
  words->bind(1, std::string_view(match));
  table->bind(1, static_cast<std::int64_t>(filter.before - 1));
  Ids word(*words), row(*table);
  for (unsigned lag = 0; word.at() && row.at() && out.size() < most;) {
    if (word.at() > row.at()) {
      word.next();
    } else if (word.at() == row.at()) {
      out.push_back(row.at());
      word.next();
      lag = 0;
    } else if (++lag <= steps_before_jump) {
      row.next();
    } else {
      table->reset();
      table->bind(1, static_cast<std::int64_t>(word.at()));
      row.next();
      lag = 0;
    }
  }
  return !file.database.interrupted();
}

bool HistoryReader::find_rows(File& file, const std::string& condition, const HistoryFilter& filter,
                              std::vector<std::uint64_t>& out) {
  const std::size_t most = std::size_t{filter.limit} + 1;
  Result<Statement> table = prepare_ids(file.database, condition);
  if (!table) {
    problems_.push_back(table.error().message);
    return true;
  }
  table->bind(1, static_cast<std::int64_t>(filter.before - 1));
  for (Ids row(*table); row.at() && out.size() < most; row.next()) out.push_back(row.at());
  return !file.database.interrupted();
}

// False: the time is up.
bool HistoryReader::find_in(File& file, const HistoryFilter& filter, HistoryRows& out) {
  const Result<std::string> condition = condition_of(file.database, filter);
  if (!condition) return true;
  const std::string match = match_expression(filter.text);
  if (match.empty() && !filter.text.empty()) return true;
  std::vector<std::uint64_t> ids;
  bool whole = match.empty() ? find_rows(file, *condition, filter, ids)
                             : find_words(file, *condition, match, filter, ids);
  Result<Statement> line = file.database.prepare("SELECT line FROM bodies WHERE id = ?");
  if (!line) {
    problems_.push_back(line.error().message);
    return whole;
  }
  for (const std::uint64_t id : ids) {
    if (line->bind(1, static_cast<std::int64_t>(id)).step())
      out.rows.push_back({id, std::string(line->text(0))});
    line->reset();
  }
  whole = whole && !file.database.interrupted();
  if (const std::string problem = file.database.problem(); whole && !problem.empty())
    problems_.push_back(problem);
  return whole;
}

HistoryRows HistoryReader::find(const HistoryFilter& wanted) {
  look();
  HistoryFilter filter = wanted;
  filter.from = std::max(filter.from, oldest());
  HistoryRows out;
  for (auto file = files_.rbegin(); file != files_.rend() && !out.hurried; ++file) {
    const HistorySpan& span = file->second.span;
    const bool outside = span.alerts == 0 || span.last_time < filter.from ||
                         span.first_time >= filter.until || span.first_id >= filter.before;
    if (outside) continue;
    // Files may overlap a little: severe alerts overtake others on their way.
    if (out.rows.size() > filter.limit && span.last_id < out.rows.back().id) break;
    out.hurried = !find_in(file->second, filter, out);
    std::ranges::sort(out.rows, std::ranges::greater(), &HistoryRows::Row::id);
  }
  out.more = out.rows.size() > filter.limit;
  if (out.more) out.rows.resize(filter.limit);
  return out;
}

// The minutes come in their order, so only one step is summed at a time: SQLite would sort all rows
// to group them. False: the time is up.
bool HistoryReader::count_in(File& file, const Minutes& minutes, Sums& to) {
  Result<Statement> rows = file.database.prepare(
      "SELECT minute, rule, priority, alerts FROM minutes WHERE minute >= ? AND minute < ?");
  Result<Statement> names = file.database.prepare("SELECT name FROM names WHERE id = ?");
  if (!rows || !names) return true;
  rows->bind(1, minutes.first).bind(2, minutes.end);
  std::unordered_map<std::int64_t, std::uint64_t> step;  // by rule and priority
  std::int64_t begin = 0;
  const auto end_step = [&] {
    for (const auto& [key, alerts] : step) {
      if (names->bind(1, key / priorities).step())
        to[{begin * 60, std::string(names->text(0)), static_cast<int>(key % priorities)}] += alerts;
      names->reset();
    }
    step.clear();
  };
  while (rows->step()) {
    const std::int64_t minute = rows->number(0);
    if (minute >= begin + minutes.step) {
      end_step();
      begin = minute / minutes.step * minutes.step;
    }
    step[rows->number(1) * priorities + rows->number(2)] +=
        static_cast<std::uint64_t>(rows->number(3));
  }
  const bool whole = !file.database.interrupted();
  end_step();
  return whole;
}

HistoryCounts HistoryReader::count(std::int64_t from_ns, std::int64_t until_ns,
                                   std::uint64_t step_s) {
  look();
  from_ns = std::max(from_ns, oldest());
  const auto step = static_cast<std::int64_t>(std::max<std::uint64_t>(step_s / 60, 1));
  Sums sums;
  HistoryCounts out;
  for (auto& [number, file] : files_) {
    if (file.span.alerts == 0 || file.span.last_time < from_ns || file.span.first_time >= until_ns)
      continue;
    if (!count_in(file, {from_ns / (60 * second_ns), (until_ns - 1) / (60 * second_ns) + 1, step},
                  sums))
      out.hurried = true;
  }
  for (const auto& [key, alerts] : sums)
    out.rows.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), alerts});
  return out;
}

std::vector<std::string> HistoryReader::names(NameKind kind, std::size_t most) {
  look();
  std::set<std::string> out;
  for (auto file = files_.rbegin(); file != files_.rend() && out.size() < most; ++file) {
    Result<Statement> statement =
        file->second.database.prepare("SELECT name FROM names WHERE kind = ? LIMIT ?");
    if (!statement) continue;
    statement->bind(1, static_cast<int>(kind)).bind(2, static_cast<std::int64_t>(most));
    while (statement->step()) {
      std::string_view name = statement->text(0);
      while (kind == NameKind::tags && name.find('\n') != name.npos) {
        out.emplace(name.substr(0, name.find('\n')));
        name.remove_prefix(name.find('\n') + 1);
      }
      out.emplace(name);
    }
  }
  std::vector<std::string> sorted(out.begin(), out.end());
  sorted.resize(std::min(sorted.size(), most));
  return sorted;
}

HistorySize HistoryReader::size() {
  look();
  HistorySize out;
  for (const auto& [number, file] : files_) {
    out.alerts += file.span.alerts;
    out.bytes += history_file_bytes(directory_, number);
    out.files++;
    if (file.span.alerts && (out.first_time == 0 || file.span.first_time < out.first_time))
      out.first_time = file.span.first_time;
  }
  out.problems = problems_;
  return out;
}

}  // namespace saker::web
