// SPDX-License-Identifier: Apache-2.0
#include "web/history_reader.h"

#include <algorithm>
#include <set>

#include "base/clock.h"

namespace saker::web {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

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
  std::string out = "a.id < " + std::to_string(filter.before);
  if (filter.from > 0) out += " AND a.time >= " + std::to_string(filter.from);
  if (filter.until < INT64_MAX) out += " AND a.time < " + std::to_string(filter.until);
  if (filter.priority < 7) out += " AND a.priority <= " + std::to_string(filter.priority);
  const std::pair<NameKind, const std::string*> names[] = {{NameKind::rule, &filter.rule},
                                                           {NameKind::tags, &filter.tag},
                                                           {NameKind::container, &filter.container},
                                                           {NameKind::pod, &filter.pod}};
  constexpr const char* columns[] = {"rule", "tags", "container", "pod"};
  for (const auto& [kind, wanted] : names) {
    if (wanted->empty()) continue;
    const std::string numbers = numbers_of(database, kind, *wanted);
    if (numbers.empty()) return Error{"none"};
    out += std::string(" AND a.") + columns[static_cast<int>(kind)] + " IN (" + numbers + ")";
  }
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

// False: the time is up.
bool HistoryReader::find_in(File& file, const HistoryFilter& filter, HistoryRows& out) {
  const Result<std::string> condition = condition_of(file.database, filter);
  if (!condition) return true;
  const std::string match = match_expression(filter.text);
  if (match.empty() && !filter.text.empty()) return true;
  const std::string ids =
      match.empty()
          ? "SELECT a.id FROM alerts a WHERE " + *condition + " ORDER BY a.id DESC LIMIT ?"
          : "SELECT w.rowid FROM words w CROSS JOIN alerts a ON a.id = w.rowid "
            "WHERE words MATCH ?2 AND " +
                *condition + " ORDER BY w.rowid DESC LIMIT ?1";
  Result<Statement> statement =
      file.database.prepare("SELECT b.id, b.line FROM (" + ids + ") f JOIN bodies b ON b.id = " +
                            (match.empty() ? "f.id" : "f.rowid") + " ORDER BY b.id DESC");
  if (!statement) {
    problems_.push_back(statement.error().message);
    return true;
  }
  statement->bind(1, std::int64_t{filter.limit} + 1);
  if (!match.empty()) statement->bind(2, std::string_view(match));
  while (statement->step())
    out.rows.push_back(
        {static_cast<std::uint64_t>(statement->number(0)), std::string(statement->text(1))});
  if (file.database.interrupted()) return false;
  if (const std::string problem = file.database.problem(); !problem.empty())
    problems_.push_back(problem);
  return true;
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

HistoryCounts HistoryReader::count(std::int64_t from_ns, std::int64_t until_ns,
                                   std::uint64_t step_s) {
  look();
  from_ns = std::max(from_ns, oldest());
  const std::string step = std::to_string(std::max<std::uint64_t>(step_s / 60, 1));
  std::map<std::tuple<std::int64_t, std::string, int>, std::uint64_t> sums;
  HistoryCounts out;
  for (auto& [number, file] : files_) {
    if (file.span.alerts == 0 || file.span.last_time < from_ns || file.span.first_time >= until_ns)
      continue;
    Result<Statement> statement = file.database.prepare(
        "SELECT m.step, n.name, m.priority, m.alerts FROM (SELECT minute / " + step + " * " + step +
        " step, rule, priority, sum(alerts) alerts FROM minutes WHERE minute >= ? AND minute < ? "
        "GROUP BY 1, 2, 3) m JOIN names n ON n.id = m.rule");
    if (!statement) continue;
    statement->bind(1, from_ns / (60 * second_ns)).bind(2, (until_ns - 1) / (60 * second_ns) + 1);
    while (statement->step())
      sums[{statement->number(0) * 60, std::string(statement->text(1)),
            static_cast<int>(statement->number(2))}] +=
          static_cast<std::uint64_t>(statement->number(3));
    if (file.database.interrupted()) out.hurried = true;
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
