// SPDX-License-Identifier: Apache-2.0
// Shared by the benchmarks of userspace: keeps rates, prints them as a table and writes them for
// programs. One thread.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace saker {

// Prints as usual, and keeps the rates; for a row in milliseconds without an event count, keeps the
// time.
class Keeper : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      // Processor time: the rate of one core, whatever else the machine does. An iteration counts
      // as one event by default.
      auto items = run.counters.find("items_per_second");
      if (items != run.counters.end())
        add(run.run_name.function_name, "events/s", items->second.value);
      else if (run.time_unit == benchmark::kMillisecond)
        add(run.run_name.function_name, "ms", run.GetAdjustedCPUTime());
      else
        add(run.run_name.function_name, "events/s",
            static_cast<double>(run.threads) * 1e9 / run.GetAdjustedCPUTime());
    }
  }
  void add(const std::string& name, const char* unit, double value) {
    rows.push_back({{"case", name}, {"unit", unit}, {"value", value}});
  }
  // The table, and build/bench/NAME.json.
  void finish(const std::string& name) const {
    for (const nlohmann::json& row : rows) {
      const double value = row["value"].get<double>();
      std::printf("%-60s %14.*f %s\n", row["case"].get<std::string>().c_str(), value < 1000 ? 1 : 0,
                  value, row["unit"].get<std::string>().c_str());
    }
    std::filesystem::create_directories("build/bench");
    std::ofstream("build/bench/" + name + ".json") << rows.dump(1) << "\n";
  }

 private:
  nlohmann::json rows = nlohmann::json::array();
};

}  // namespace saker
