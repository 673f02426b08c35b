// SPDX-License-Identifier: Apache-2.0
// What a sink's thread does with an alert before sending it: parsing it, and putting it into the
// requests of a recipe, a batch at a time.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "output/format.h"
#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"

namespace saker {
namespace {

output::Alert alert() {
  output::FormatOptions options;
  options.hostname = "node-17.example";
  std::map<std::string, std::string> fields;
  for (const char* name :
       {"proc.name", "proc.exepath", "proc.pname", "user.name", "fd.name", "evt.type",
        "container.id", "container.name", "container.image.repository", "container.image.tag",
        "k8s.ns.name", "k8s.pod.name", "proc.cmdline"})
    fields[name] = "\"a value of some length, as they are\"";
  fields["evt.time"] = "1795963759413375401";
  return output::internal_alert(
      options, "Read sensitive file untrusted", lang::Priority::warning,
      "Sensitive file opened for reading by non-trusted program (file=/etc/shadow gparent=sshd "
      "process=cat proc_exepath=/bin/cat parent=bash command=cat /etc/shadow terminal=34816)",
      1'795'963'759'413'375'401, fields);
}

void take_apart(benchmark::State& state) {
  const output::Alert one = alert();
  for (auto _ : state) benchmark::DoNotOptimize(output::read_document(one));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(take_apart);

void build_requests(benchmark::State& state, const char* kind) {
  const output::Recipe& recipe = *output::find_recipe(kind);
  output::Settings settings{.name = kind, .type = kind};
  complete(*output::find_kind(kind), settings);
  const output::Additions additions(settings);
  const output::Node config = node_of(settings);
  const output::Alert one = alert();
  for (auto _ : state) {
    std::vector<output::Node> nodes;
    for (std::size_t i = 0; i < recipe.batch(); i++) {
      if (std::optional<output::Node> brief = brief_node_of(one, recipe.names())) {
        nodes.push_back(std::move(*brief));
        continue;
      }
      output::Document document = *output::read_document(one);
      additions.apply(document);
      nodes.push_back(node_of(document, recipe.names()));
    }
    benchmark::DoNotOptimize(recipe.request(nodes, config));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(recipe.batch()));
}
BENCHMARK_CAPTURE(build_requests, elasticsearch, "elasticsearch");
BENCHMARK_CAPTURE(build_requests, loki, "loki");
BENCHMARK_CAPTURE(build_requests, splunk, "splunk");
BENCHMARK_CAPTURE(build_requests, slack, "slack");

}  // namespace
}  // namespace saker

BENCHMARK_MAIN();
