// SPDX-License-Identifier: Apache-2.0
// What /metrics costs the main thread with many CPUs and rules that all alerted.
// Writes build/bench/metrics.json.
#include "service/report/metrics.h"

#include <benchmark/benchmark.h>

#include <string>

#include "../../tests/unit/run/fake_source.h"
#include "keeper.h"
#include "lang/compile.h"

namespace saker {
namespace {

std::unique_ptr<run::Generation> rules(int count) {
  std::string text;
  for (int i = 0; i < count; i++)
    text += "- rule: rule number " + std::to_string(i) +
            "\n  desc: d\n  condition: evt.type = openat and fd.name startswith /a/" +
            std::to_string(i) +
            "/\n  output: o\n  priority: WARNING\n  tags: [container, mitre_execution, T1059]\n";
  lang::SourceText source{"bench.yaml", text};
  lang::RuleSet set = lang::load_rule_texts({&source, 1});
  auto out = std::make_unique<run::Generation>();
  out->program = std::move(*match::Program::load(std::move(*lang::compile(set))));
  out->costs = std::make_unique<match::RuleCosts>(out->program->rule_count());
  out->texts = std::move(*output::rule_texts(*out->program));
  out->rules_enabled = out->rules_total = set.rules.size();
  return out;
}

void metrics(benchmark::State& state, unsigned cpus, int count) {
  test::FakeSource source(cpus, 4096, 4096);
  const Log log{LogLevel::error};
  auto pipeline = std::move(*run::Pipeline::make(source, log, {}));
  (void)pipeline->start(rules(count), {}, [](const output::Alert&) {});
  service::WebConfig config;
  service::RuleCounts counts;
  const CycleLength cycle;
  const run::Noise noise;
  const std::string stalled;
  for (int i = 0; i < count; i++) {
    output::Alert alert;
    alert.rule_name = "rule number " + std::to_string(i);
    counts.note(alert);
    pipeline->generation().costs->add(static_cast<std::uint32_t>(i), 1000, 64);
  }
  std::size_t bytes = 0;
  for (auto _ : state)
    bytes =
        service::metrics_text({config, pipeline.get(), source, counts, cycle, noise, 0, stalled})
            .size();
  state.counters["bytes"] = static_cast<double>(bytes);
  pipeline->stop();
}
}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  using namespace saker;
  benchmark::Initialize(&argc, argv);
  Keeper keeper;
  for (auto [cpus, count] : {std::pair{1u, 100}, {128u, 100}, {128u, 5000}}) {
    const std::string name =
        "metrics, " + std::to_string(cpus) + " CPUs, " + std::to_string(count) + " rules";
    benchmark::RegisterBenchmark(name.c_str(), metrics, cpus, count)->Unit(benchmark::kMillisecond);
  }
  benchmark::RunSpecifiedBenchmarks(&keeper);
  keeper.finish("metrics");
  return 0;
}
