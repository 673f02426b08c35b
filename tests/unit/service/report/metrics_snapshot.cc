// SPDX-License-Identifier: Apache-2.0
#include "service/report/metrics_snapshot.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "../../output/alerts.h"
#include "../../run/fake_source.h"
#include "../../run/rules_in_memory.h"

namespace saker::service {
namespace {

using Json = nlohmann::json;
constexpr std::uint64_t second = 1'000'000'000;

constexpr const char* rules = R"(
- rule: opened
  desc: d
  condition: evt.type = openat
  output: "o"
  priority: WARNING
)";

struct Fixture {
  test::Directory directory;
  Log log{LogLevel::error};
  test::FakeSource source{2, 64u << 10, 64u << 10};
  std::unique_ptr<run::Pipeline> pipeline = std::move(*run::Pipeline::make(source, log, {}));
  WebConfig config;
  RuleCounts counts;
  CycleLength cycle;
  run::Noise noise;
  std::string stalled;
  WebFacts facts{config, pipeline.get(), source, counts, cycle, noise, nullptr, 0, stalled};

  Fixture() {
    REQUIRE(pipeline->start(test::rules(rules), {}, [](const output::Alert&) {}));
  }
  ~Fixture() { pipeline->stop(); }
};

TEST_CASE("metrics snapshot: an alert and a line at each interval, with Falco's names") {
  Fixture f;
  const std::string path = f.directory / "metrics.jsonl";
  {
    MetricsSnapshot snapshot(f.log);
    run::MetricsConfig config{.enabled = true, .interval_ns = 10 * second, .output_file = path};
    REQUIRE(snapshot.use(config, 100 * second));
    CHECK_FALSE(snapshot.tend(f.facts, 109 * second));
    output::Alert alert;
    alert.rule_name = "Read  a \"file\" (x)";
    f.counts.note(alert);
    const auto first = snapshot.tend(f.facts, 110 * second);
    REQUIRE(first);
    CHECK(first->text.find("Falco metrics snapshot") != std::string::npos);
    const Json told = Json::parse(first->json);
    CHECK(told["rule"] == "Falco internal: metrics snapshot");
    CHECK(told["priority"] == "Informational");
    CHECK(told["source"] == "internal");
    const Json& fields = told["output_fields"];
    CHECK(fields["falco.rules.Read_a_file_x"] == 1);
    CHECK(fields["falco.rules.matches_total"] == 1);
    CHECK(fields["falco.duration_sec"] == 110);
    CHECK(fields["scap.engine_name"] == "kmod");
    CHECK(fields["evt.time"].is_number_unsigned());
    CHECK(fields["falco.memory_rss_mb"].is_number_float());
    CHECK(fields["saker.processes"].is_number_unsigned());
    for (const char* name : {"falco.num_evts", "scap.n_evts", "scap.n_evts_prev", "scap.n_drops",
                             "scap.n_drops_perc", "scap.evts_rate_sec", "falco.version"})
      CHECK_MESSAGE(fields.contains(name), name);
    // Nothing was lost, and what is 0 is left out.
    CHECK_FALSE(fields.contains("scap.n_drops_buffer_total"));
    CHECK_FALSE(fields.contains("scap.n_evts_cpu_0"));
    CHECK_FALSE(snapshot.tend(f.facts, 111 * second));
    config.output_rule = config.rules_counters = config.convert_memory_to_mb = false;
    config.include_empty_values = config.kernel_event_counters_per_cpu = true;
    REQUIRE(snapshot.use(config, 111 * second));
    CHECK_FALSE(snapshot.tend(f.facts, 130 * second));
    const Json all = [&] {
      Json out;
      for (const auto& [name, value] : snapshot.fields(f.facts, 131 * second))
        out[name] = Json::parse(value);
      return out;
    }();
    CHECK(all["scap.n_drops_buffer_total"] == 0);
    CHECK(all["scap.n_evts_cpu_1"] == 0);
    CHECK(all["falco.memory_rss_kb"].is_number_unsigned());
    CHECK_FALSE(all.contains("falco.rules.matches_total"));
  }
  std::istringstream lines(test::content(path));
  std::vector<Json> samples;
  for (std::string line; std::getline(lines, line);) samples.push_back(Json::parse(line));
  REQUIRE(samples.size() == 2);
  CHECK(samples[0]["sample"] == 1);
  CHECK(samples[0]["output_fields"]["falco.duration_sec"] == 110);
  CHECK(samples[1]["sample"] == 2);
}

TEST_CASE("metrics snapshot: switched off it says nothing") {
  Fixture f;
  MetricsSnapshot snapshot(f.log);
  REQUIRE(snapshot.use({}, second));
  CHECK_FALSE(snapshot.tend(f.facts, 90'000 * second));
}

}  // namespace
}  // namespace saker::service
