// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "../terminal.h"

namespace saker::cli {
namespace {

std::string milliseconds(std::int64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(ns) / 1e6);
  return text;
}

std::string_view verdict_of(const Attempt& attempt) {
  if (attempt.seen) return "seen";
  if (attempt.performed.state == Outcome::State::skipped) return "skipped";
  if (attempt.performed.state == Outcome::State::failed) return "not done";
  return "NOT SEEN";
}

// Attempts of one scenario: how often it was made, and how often it was seen.
struct Row {
  const Scenario* scenario;
  std::vector<const Attempt*> attempts;
  std::size_t seen = 0;
};

std::vector<Row> rows_of(const ScenarioReport& report) {
  std::vector<Row> rows;
  for (const Attempt& attempt : report.attempts) {
    auto found = std::find_if(rows.begin(), rows.end(),
                              [&](const Row& row) { return row.scenario == attempt.scenario; });
    if (found == rows.end()) found = rows.insert(rows.end(), Row{attempt.scenario, {}});
    found->attempts.push_back(&attempt);
    found->seen += attempt.seen;
  }
  return rows;
}

std::string row_verdict(const Row& row) {
  const Attempt* worst = row.attempts.front();
  for (const Attempt* attempt : row.attempts)
    if (!attempt->seen) worst = attempt;
  std::string text(verdict_of(*worst));
  if (row.attempts.size() > 1)
    text += " " + std::to_string(row.seen) + "/" + std::to_string(row.attempts.size());
  return text;
}

// For one attempt its latency, for several the median.
std::string row_latency(const Row& row) {
  std::vector<Attempt> seen;
  for (const Attempt* attempt : row.attempts)
    if (attempt->seen) seen.push_back(*attempt);
  std::optional<std::int64_t> middle = latency_percentile(seen, 50);
  if (!middle) return "-";
  return milliseconds(*middle) + (row.scenario->time_of_record ? " *" : "");
}

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(width, result.size()), ' ');
  return result;
}

struct Widths {
  std::size_t scenario = 24, rule = 42;
};

Widths widths_of(const std::vector<Row>& rows) {
  Widths widths;
  for (const Row& row : rows) {
    widths.scenario = std::max(widths.scenario, row.scenario->name.size() + 2);
    widths.rule = std::max(widths.rule, row.scenario->rule.size() + 2);
  }
  return widths;
}

void append_row(std::string& out, const Row& row, const Widths& widths) {
  std::string verdict = row_verdict(row);
  Mark mark = row.seen == row.attempts.size()  ? Mark::good
              : verdict.starts_with("skipped") ? Mark::doubtful
                                               : Mark::bad;
  out += padded(row.scenario->name, widths.scenario) + padded(row.scenario->rule, widths.rule) +
         marked(padded(verdict, 16), mark) + row_latency(row) + "\n";
  for (const Attempt* attempt : row.attempts)
    if (!attempt->performed.message.empty()) {
      out += "    " + attempt->performed.message + "\n";
      break;
    }
}

nlohmann::json attempt_json(const Attempt& attempt) {
  nlohmann::json object = {{"scenario", attempt.scenario->name},
                           {"rule", attempt.scenario->rule},
                           {"seen", attempt.seen},
                           {"verdict", verdict_of(attempt)}};
  if (attempt.seen) {
    object["latency_ns"] = attempt.latency_ns;
    object["latency_from"] = attempt.scenario->time_of_record ? "record" : "return";
    object["since_record_ns"] = attempt.since_record_ns;
  }
  if (!attempt.performed.message.empty()) object["message"] = attempt.performed.message;
  return object;
}

}  // namespace

void ScenarioReport::add(Attempt attempt) {
  if (attempts.size() >= most_attempts) {
    const auto half = attempts.begin() + most_attempts / 2;
    forgotten += static_cast<std::uint64_t>(half - attempts.begin());
    forgotten_seen += static_cast<std::uint64_t>(
        std::count_if(attempts.begin(), half, [](const Attempt& a) { return a.seen; }));
    attempts.erase(attempts.begin(), half);
  }
  attempts.push_back(std::move(attempt));
}

std::uint64_t ScenarioReport::seen() const {
  return forgotten_seen + static_cast<std::uint64_t>(
                              std::count_if(attempts.begin(), attempts.end(),
                                            [](const Attempt& attempt) { return attempt.seen; }));
}

bool ScenarioReport::passed() const {
  return seen() == performed() && !attempts.empty() && broken.empty() && records &&
         records->complete();
}

std::optional<Records> parse_records(const std::string& status) {
  nlohmann::json object = nlohmann::json::parse(status, nullptr, false);
  if (!object.is_object() || !object.contains("records") || !object["records"].is_object())
    return std::nullopt;
  Records records;
  const std::pair<const char*, std::uint64_t*> keys[] = {
      {"seen", &records.seen}, {"written", &records.written}, {"lost", &records.lost}};
  for (auto [key, to] : keys) {
    auto found = object["records"].find(key);
    if (found == object["records"].end() || !found->is_number_integer()) return std::nullopt;
    *to = found->get<std::uint64_t>();
  }
  if (object.contains("alerts") && object["alerts"].is_object()) {
    auto dropped = object["alerts"].find("dropped");
    if (dropped != object["alerts"].end() && dropped->is_number_unsigned())
      records.alerts_dropped = dropped->get<std::uint64_t>();
  }
  return records;
}

std::optional<std::int64_t> latency_percentile(const std::vector<Attempt>& attempts,
                                               unsigned percent) {
  std::vector<std::int64_t> sorted;
  for (const Attempt& attempt : attempts)
    if (attempt.seen) sorted.push_back(attempt.latency_ns);
  if (sorted.empty()) return std::nullopt;
  std::sort(sorted.begin(), sorted.end());
  // Nearest rank: the smallest value with at least percent/100 of all at or below it.
  std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::string report_table(const ScenarioReport& report) {
  const std::vector<Row> rows = rows_of(report);
  const Widths widths = widths_of(rows);
  std::string out = padded("SCENARIO", widths.scenario) + padded("RULE", widths.rule) +
                    padded("RESULT", 16) + "LATENCY\n";
  bool starred = false;
  for (const Row& row : rows) {
    append_row(out, row, widths);
    starred = starred || (row.scenario->time_of_record && row.seen > 0);
  }
  if (starred)
    out +=
        "* from the kernel's record to the alert, because the action is a program that "
        "continues;\n  the others from the action's return to the alert\n";
  if (report.attempts.size() > rows.size()) {
    std::optional<std::int64_t> p50 = latency_percentile(report.attempts, 50),
                                p99 = latency_percentile(report.attempts, 99);
    if (p50 && p99)
      out += "latency p50 " + milliseconds(*p50) + ", p99 " + milliseconds(*p99) + "\n";
  }
  if (report.records)
    out += "records: " + std::to_string(report.records->seen) + " seen, " +
           std::to_string(report.records->written) + " written, " +
           marked(std::to_string(report.records->lost) + " lost",
                  report.records->lost ? Mark::bad : Mark::good) +
           (report.records->alerts_dropped
                ? marked(", " + std::to_string(report.records->alerts_dropped) + " alerts dropped",
                         Mark::bad)
                : "") +
           "\n";
  else
    out += marked("records: the daemon did not report them", Mark::bad) + "\n";
  if (!report.broken.empty()) out += marked("broken off: " + report.broken, Mark::bad) + "\n";
  if (report.forgotten)
    out += "the table has the last " + std::to_string(report.attempts.size()) + " actions\n";
  return out +
         marked(
             std::to_string(report.seen()) + " of " + std::to_string(report.performed()) + " seen",
             report.passed() ? Mark::good : Mark::bad) +
         "\n";
}

std::string report_json(const ScenarioReport& report) {
  nlohmann::json object = {{"passed", report.passed()},
                           {"performed", report.performed()},
                           {"seen", report.seen()},
                           {"attempts", nlohmann::json::array()}};
  for (const Attempt& attempt : report.attempts)
    object["attempts"].push_back(attempt_json(attempt));
  if (report.records)
    object["records"] = {{"seen", report.records->seen},
                         {"written", report.records->written},
                         {"lost", report.records->lost},
                         {"alerts_dropped", report.records->alerts_dropped}};
  if (std::optional<std::int64_t> p50 = latency_percentile(report.attempts, 50))
    object["latency_ns"] = {{"p50", *p50}, {"p99", *latency_percentile(report.attempts, 99)}};
  if (!report.broken.empty()) object["broken"] = report.broken;
  return object.dump();
}

}  // namespace saker::cli
