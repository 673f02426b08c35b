// SPDX-License-Identifier: Apache-2.0
#include "top_rates.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "output/escape.h"

namespace saker::cli {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

std::uint64_t number(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_number_unsigned()
             ? found->get<std::uint64_t>()
             : 0;
}

const Json& list(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_array() ? *found : none;
}

struct Table {
  const char* name;
  const char* key;                   // the key that identifies a row
  std::vector<const char*> kept;     // shown unchanged
  std::vector<const char*> counted;  // counters
};

const Table tables[] = {
    {"processes", "pid", {"name", "container"}, {"events", "cost_ns"}},
    {"rules", "rule", {}, {"alerts", "judged", "cost_ns"}},
    {"outputs", "name", {"waiting"}, {"written", "lost", "errors"}},
};

double rounded(double value) {
  return static_cast<double>(static_cast<std::int64_t>(value * 100 + 0.5)) / 100;
}

void add_rate(Ordered& row, const char* name, std::uint64_t before, std::uint64_t now,
              double seconds) {
  const double rate = static_cast<double>(now < before ? now : now - before) / seconds;
  if (std::string_view(name) == "cost_ns")
    row["cost_percent"] = rounded(rate / 1e7);
  else
    row[std::string(name) + "_per_second"] = rounded(rate);
}

Ordered rates_of(const Table& table, const Json& before, const Json& now, double seconds) {
  std::map<std::string, const Json*> old;
  for (const Json& row : list(before, table.name))
    if (row.is_object() && row.contains(table.key)) old[row[table.key].dump()] = &row;
  static const Json nothing;
  Ordered out = Ordered::array();
  for (const Json& row : list(now, table.name)) {
    if (!row.is_object() || !row.contains(table.key)) continue;
    const auto at = old.find(row[table.key].dump());
    const Json& was = at == old.end() ? nothing : *at->second;
    Ordered rate{{table.key, row[table.key]}};
    for (const char* name : table.kept)
      if (row.contains(name)) rate[name] = row[name];
    for (const char* name : table.counted)
      add_rate(rate, name, number(was, name), number(row, name), seconds);
    out.push_back(std::move(rate));
  }
  const char* by =
      std::string_view(table.name) == "outputs" ? "written_per_second" : "cost_percent";
  std::stable_sort(out.begin(), out.end(), [&](const Ordered& a, const Ordered& b) {
    return a[by].get<double>() > b[by].get<double>();
  });
  return out;
}

std::string safe(const Ordered& value) {
  std::string text;
  output::append_shown(text, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

std::string cut(std::string line, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t column = 0; end < line.size(); end++) {
    const bool begins = (static_cast<unsigned char>(line[end]) & 0xc0) != 0x80;
    if (begins && column++ == width) break;
  }
  line.resize(end);
  return line + "\n";
}

std::string row_text(const Ordered& row, std::initializer_list<const char*> numbers) {
  std::string line;
  for (const char* name : numbers) {
    char text[40];
    std::snprintf(text, sizeof text, "%12.2f ", row[name].get<double>());
    line += text;
  }
  return line;
}

bool quiet(const Ordered& row, std::initializer_list<const char*> numbers) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](const char* name) { return row[name].get<double>() == 0; });
}

template <typename Name>
void add_table(std::string& out, const Ordered& rows, const char* head,
               std::initializer_list<const char*> numbers, std::size_t most, std::size_t width,
               bool all, Name name) {
  out += "\n" + cut(head, width);
  std::size_t shown = 0;
  for (const Ordered& row : rows) {
    if (shown == most || (!all && quiet(row, numbers))) continue;
    out += cut(row_text(row, numbers) + name(row), width);
    shown++;
  }
}

}  // namespace

nlohmann::ordered_json top_rates(const Json& before, const Json& now) {
  const std::uint64_t since = number(before, "now_ns"), until = number(now, "now_ns");
  const double seconds = std::max(1e-3, static_cast<double>(until - std::min(since, until)) / 1e9);
  Ordered out{{"seconds", rounded(seconds)}, {"sampled_one_of", number(now, "sampled_one_of")}};
  for (const char* name : {"seen", "lost", "matched"}) {
    static const Json nothing;
    const auto records = [&](const Json& answer) {
      return number(answer.is_object() && answer.contains("records") ? answer["records"] : nothing,
                    name);
    };
    add_rate(out, name, records(before), records(now), seconds);
  }
  Ordered finding;
  add_rate(finding, "cost_ns", number(before, "finding_ns"), number(now, "finding_ns"), seconds);
  out["finding_percent"] = finding["cost_percent"];
  for (const Table& table : tables) out[table.name] = rates_of(table, before, now, seconds);
  return out;
}

std::string top_text(const Ordered& rates, std::size_t rows, std::size_t width) {
  char head[160];
  std::snprintf(head, sizeof head,
                "%.0f records/s, %.0f lost/s, %.0f matched/s; finding rules takes %.2f %% of a CPU",
                rates["seen_per_second"].get<double>(), rates["lost_per_second"].get<double>(),
                rates["matched_per_second"].get<double>(), rates["finding_percent"].get<double>());
  std::string out = cut(head, width);
  add_table(out, rates["processes"], "    events/s        %CPU PROCESS",
            {"events_per_second", "cost_percent"}, rows, width, false, [](const Ordered& row) {
              std::string text = safe(row["pid"]) + " " + safe(row["name"]);
              const std::string container = safe(row["container"]);
              return container.empty() ? text : text + " in " + container;
            });
  add_table(out, rates["rules"], "    judged/s        %CPU     alerts/s RULE",
            {"judged_per_second", "cost_percent", "alerts_per_second"}, rows, width, false,
            [](const Ordered& row) { return safe(row["rule"]); });
  add_table(out, rates["outputs"], "   written/s      lost/s     errors/s OUTPUT",
            {"written_per_second", "lost_per_second", "errors_per_second"}, rows, width, true,
            [](const Ordered& row) {
              return safe(row["name"]) + ", " + safe(row["waiting"]) + " waiting";
            });
  return out;
}

}  // namespace saker::cli
