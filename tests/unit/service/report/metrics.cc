// SPDX-License-Identifier: Apache-2.0
#include "service/report/metrics.h"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <sstream>

#include "../../run/fake_source.h"
#include "../../run/rules_in_memory.h"
#include "service/report/prometheus_text.h"
#include "service/report/status.h"

namespace saker::service {
namespace {

constexpr const char* rules = R"(
- rule: 'a "quoted" rule'
  desc: d
  condition: evt.type = openat
  output: "o"
  priority: WARNING
  tags: [net, T1059.004]
)";

struct Fixture {
  capture::RecordTypes none;
  Log log{LogLevel::error};
  test::FakeSource source;
  std::unique_ptr<run::Pipeline> pipeline;
  WebConfig config;
  RuleCounts counts;
  CycleLength cycle;
  run::Noise noise;
  std::string stalled;

  explicit Fixture(unsigned cpus) : source(cpus, 64u << 10, 64u << 10) {
    config.prometheus_metrics_enabled = true;
    pipeline = std::move(*run::Pipeline::make(source, log, {}));
    REQUIRE(pipeline->start(test::rules(rules), {}, [](const output::Alert&) {}));
  }
  ~Fixture() { pipeline->stop(); }
  WebFacts facts() {
    return {.config = config,
            .pipeline = pipeline.get(),
            .source = source,
            .rules = counts,
            .cycle = cycle,
            .noise = noise,
            .pods = nullptr,
            .started = 0,
            .stalled = stalled};
  }
};

bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  return true;
}

// NAME{LABEL="VALUE",...} NUMBER; the name and labels, or "".
std::string parsed(const std::string& line) {
  std::size_t at = line.find_first_of("{ ");
  if (at == line.npos || !is_name(line.substr(0, at))) return "";
  while (line[at] == '{' || line[at] == ',') {
    const std::size_t equals = line.find("=\"", at);
    if (equals == line.npos || !is_name(line.substr(at + 1, equals - at - 1))) return "";
    for (at = equals + 2; at < line.size() && line[at] != '"'; at++)
      if (line[at] == '\\') at++;
    at++;
    if (at >= line.size()) return "";
  }
  const std::size_t end = at + (line[at] == '}');
  const std::string number = line.substr(end);
  const bool good = number.size() > 1 && number[0] == ' ' &&
                    number.find_first_not_of("0123456789.", 1) == number.npos;
  return good ? line.substr(0, end) : "";
}

TEST_CASE("metrics: every line has Prometheus's format, each metric occurs once") {
  Fixture f(4);
  output::Alert alert;
  alert.rule_name = "a \"quoted\" rule";
  alert.priority = lang::Priority::warning;
  f.counts.note(alert);
  alert.rule_name = "gone\\\n\xff\"} 7\nsaker_alerts_total 9";
  f.counts.note(alert);
  const std::string text = metrics_text(f.facts());
  std::istringstream lines(text);
  std::set<std::string> seen;
  std::string metric, kind;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      const std::size_t space = line.find(' ', 7);
      metric = line.substr(7, space - 7);
      kind = line.substr(space + 1);
      CHECK(is_name(metric));
      CHECK((kind == "gauge" || kind == "histogram" ||
             (kind == "counter" && metric.ends_with("_total"))));
      CHECK(seen.insert("# " + metric).second);
      continue;
    }
    const std::string sample = parsed(line);
    CHECK_FALSE(sample.empty());
    const auto is = [&sample](const std::string& name) {
      return sample == name || sample.starts_with(name + "{");
    };
    CHECK((kind == "histogram"
               ? is(metric + "_bucket") || is(metric + "_sum") || is(metric + "_count")
               : is(metric)));
    CHECK(seen.insert(sample).second);
  }
  CHECK(text.ends_with("\n"));
  CHECK(text.find(
            "falcosecurity_falco_rules_matches_total{priority=\"4\",rule_name=\"a \\\"quoted\\\" "
            "rule\",source=\"syscall\",tag_T1059_004=\"true\",tag_net=\"true\"} 1\n") != text.npos);
  CHECK(text.find("saker_alerts_total 2\n") != text.npos);
  CHECK(text.find("\nsaker_alerts_total 9") == text.npos);
  for (const char* name : {"falcosecurity_scap_n_evts_total ", "falcosecurity_scap_n_drops_total ",
                           "saker_records_lost_total{lane=\"life\"} "})
    CHECK(text.find(std::string("\n") + name) != text.npos);
}

TEST_CASE("metrics: buckets of a histogram hold those below them, and the last one all") {
  PrometheusText out;
  out.histogram("x_seconds", "h");
  const double bounds[] = {0.00002, 1, 10};
  const std::uint64_t counts[] = {1, 0, 2, 4};
  out.distribution(bounds, counts, 2.5, {{"lane", "event"}});
  CHECK(out.text() ==
        "# HELP x_seconds h\n# TYPE x_seconds histogram\n"
        "x_seconds_bucket{lane=\"event\",le=\"2e-05\"} 1\n"
        "x_seconds_bucket{lane=\"event\",le=\"1\"} 1\n"
        "x_seconds_bucket{lane=\"event\",le=\"10\"} 3\n"
        "x_seconds_bucket{lane=\"event\",le=\"+Inf\"} 7\n"
        "x_seconds_sum{lane=\"event\"} 2.500000\nx_seconds_count{lane=\"event\"} 7\n");
}

TEST_CASE("metrics: what rules cost has their names, once they were timed") {
  Fixture f(1);
  CHECK(metrics_text(f.facts()).find("saker_rule_judged_total{") == std::string::npos);
  match::RuleCosts& costs = *f.pipeline->generation().costs;
  costs.add(0, 1000, 64);
  const std::string text = metrics_text(f.facts());
  CHECK(text.find("saker_rule_judged_total{rule_name=\"a \\\"quoted\\\" rule\"} 64\n") !=
        text.npos);
  CHECK(text.find("saker_rule_cost_seconds_total{rule_name=") != text.npos);
  CHECK(text.find("saker_alert_latency_seconds_count{lane=\"event\"} 0\n") != text.npos);
}

TEST_CASE("metrics: operations of io_uring have their names") {
  Fixture f(1);
  CHECK(metrics_text(f.facts()).find("saker_io_uring_submitted_total{") == std::string::npos);
  f.source.use_uring({{.name = "read", .submitted = 7, .refused = 2},
                      {.name = "openat", .submitted = 5, .unseen = 4}});
  const std::string text = metrics_text(f.facts());
  for (const char* sample : {"saker_io_uring_submitted_total{operation=\"read\"} 7\n",
                             "saker_io_uring_refused_total{operation=\"read\"} 2\n",
                             "saker_io_uring_unseen_total{operation=\"openat\"} 4\n"})
    CHECK(text.find(sample) != text.npos);
  const run::LossSample losses = loss_sample(*f.pipeline, f.none);
  CHECK(losses.uring_unseen.at("openat") == 4);
  CHECK(losses.uring_unseen.at("read") == 0);
}

TEST_CASE("metrics: health, versions, and unknown paths") {
  Fixture f(1);
  CHECK(web_answer(f.facts(), "/healthz").body == "{\"status\":\"ok\"}\n");
  CHECK(web_answer(f.facts(), "/versions").body.find("\"saker_version\":\"") != std::string::npos);
  CHECK(web_answer(f.facts(), "/").status == 404);
  CHECK(web_answer(f.facts(), "/metrics").type.starts_with("text/plain; version=0.0.4"));
  f.stalled = "drain thread 0 makes no progress";
  CHECK(web_answer(f.facts(), "/healthz").status == 503);
  f.config.k8s_healthz_endpoint = "/health";
  f.config.prometheus_metrics_enabled = false;
  CHECK(web_answer(f.facts(), "/healthz").status == 404);
  CHECK(web_answer(f.facts(), "/health").status == 503);
  CHECK(web_answer(f.facts(), "/metrics").status == 404);
  WebFacts starting = f.facts();
  starting.pipeline = nullptr;
  CHECK(web_answer(starting, "/health").body == "{\"status\":\"starting\"}\n");
}

}  // namespace
}  // namespace saker::service
