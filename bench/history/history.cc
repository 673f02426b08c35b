// SPDX-License-Identifier: Apache-2.0
// history [ALERTS [DIRECTORY]]: how long the page's history takes to write alerts (1,000,000) and
// to answer filters over them, each asked several times; the slowest answer counts. Prints it, what
// of it was the processor's, which others on the machine do not change, and JSON on the last line.
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "web/history_reader.h"
#include "web/history_writer.h"
#include "web/stored_alert.h"

namespace saker::web {
namespace {

struct NoPatience final : output::Patience {
  bool wait(int, short, int) override { return true; }
  int left_ms(int timeout_ms) override { return timeout_ms; }
};

constexpr const char* priorities[] = {"Critical", "Error", "Warning", "Notice", "Informational"};

// Alerts as rules of Falco make them, with fields and texts that differ as those of a host do.
std::string line(std::uint64_t i) {
  const std::uint64_t mixed = i * 0x9e3779b97f4a7c15 >> 20;
  const std::string n = std::to_string(mixed % 5000), pod = std::to_string(mixed % 300);
  const std::string rule = "Rule " + std::to_string(mixed % 97) + " of something that happens";
  const std::string text =
      "Sensitive file opened for reading by non-trusted program | file=/var/lib/app" + n +
      "/secret" + std::to_string(mixed % 100'000) +
      " gparent=sshd user=deploy process=cat command=cat /var/lib/app" + n +
      " terminal=34816 container_id=" + pod + "ab34cd5 k8s_ns=shop";
  return "{\"hostname\":\"db-17\",\"output\":\"10:00:51.668189240: Warning " + text +
         "\",\"output_fields\":{\"container.id\":\"" + pod + "ab34cd5\",\"evt.time\":null," +
         "\"fd.name\":\"/var/lib/app" + n +
         "/secret\",\"k8s.ns.name\":\"shop\",\"k8s.pod.name\":\"cart-" + pod +
         "\",\"proc.cmdline\":\"cat /var/lib/app" + n +
         "\",\"proc.name\":\"cat\",\"proc.pid\":4711,\"user.name\":\"deploy\"},\"priority\":\"" +
         priorities[mixed % 5] + "\",\"rule\":\"" + rule +
         "\",\"source\":\"syscall\",\"tags\":[\"tag" + std::to_string(mixed % 97 % 7) +
         "\",\"container\"],\"time\":\"2026-01-01T00:00:00.000000000Z\"}";
}

double write(const std::string& directory, std::uint64_t count) {
  auto writer = HistoryWriter::open(directory, {.bytes = 16ull << 30});
  if (!writer) {
    std::fprintf(stderr, "%s\n", writer.error().message.c_str());
    std::exit(1);
  }
  NoPatience patience;
  const std::uint64_t now = clock_ns(CLOCK_REALTIME), step = 20ull * 86'400'000'000'000 / count;
  std::uint64_t spent = 0;
  std::vector<output::SharedAlert> batch;
  for (std::uint64_t i = 0; i < count; i++) {
    auto alert = parse_alert(line(i), now - (count - i) * step);
    alert->id = i + 1;
    batch.push_back(std::make_shared<StoredAlert>(std::move(*alert)));
    if (batch.size() < 300 && i + 1 < count) continue;
    const std::uint64_t began = clock_ns(CLOCK_MONOTONIC);
    if ((*writer)->deliver(batch, patience).delivered != batch.size()) std::exit(1);
    spent += clock_ns(CLOCK_MONOTONIC) - began;
    batch.clear();
  }
  return static_cast<double>(spent) / 1e9;
}

struct Case {
  const char* name;
  HistoryFilter filter;
};

std::vector<Case> cases() {
  const auto now = static_cast<std::int64_t>(clock_ns(CLOCK_REALTIME));
  const std::int64_t day = 86'400'000'000'000;
  return {
      {"none", {}},
      {"rule", {.rule = "Rule 42 of something that happens"}},
      {"rule that is not there", {.rule = "none"}},
      {"priority", {.priority = 2}},
      {"tag", {.tag = "tag3"}},
      {"container", {.container = "17ab34cd5"}},
      {"pod", {.pod = "shop/cart-17"}},
      {"time, the oldest day", {.from = now - 20 * day, .until = now - 19 * day}},
      {"text, a common word", {.text = "sensitive"}},
      {"text, a rare word", {.text = "secret77777"}},
      {"text, a path", {.text = "/var/lib/app4711"}},
      {"text, the beginning of many words", {.text = "sec"}},
      {"text that is not there", {.text = "nosuchword"}},
      {"rule and pod that never meet",
       {.rule = "Rule 1 of something that happens", .pod = "shop/none"}},
      {"priority, rule, tag, pod",
       {.rule = "Rule 42 of something that happens",
        .tag = "tag0",
        .pod = "shop/cart-42",
        .priority = 4}},
      {"common word, rule, priority that never meet",
       {.text = "sensitive", .rule = "Rule 42 of something that happens", .tag = "tag1"}},
      {"the oldest page", {.before = 101}},
  };
}

int run(std::uint64_t count, const std::string& directory) {
  const double writing = write(directory, count);
  HistoryReader reader(directory, 30ull * 86'400'000'000'000);
  const HistorySize size = reader.size();
  std::printf("%llu alerts written in %.1f s (%.0f a second), %.0f bytes each\n",
              static_cast<unsigned long long>(size.alerts), writing,
              static_cast<double>(count) / writing,
              static_cast<double>(size.bytes) / static_cast<double>(count));
  std::string json = "{\"alerts\":" + std::to_string(size.alerts) + ",\"alerts_a_second\":" +
                     std::to_string(static_cast<double>(count) / writing) +
                     ",\"bytes\":" + std::to_string(size.bytes) + ",\"slowest_ms\":{";
  double slowest = 0, slowest_cpu = 0;
  bool first = true;
  for (const Case& each : cases()) {
    double worst = 0, cpu = 0;
    std::size_t rows = 0;
    for (int turn = 0; turn < 5; turn++) {
      const std::uint64_t began = clock_ns(CLOCK_MONOTONIC),
                          worked = clock_ns(CLOCK_THREAD_CPUTIME_ID);
      rows = reader.find(each.filter).rows.size();
      cpu = std::max(cpu, static_cast<double>(clock_ns(CLOCK_THREAD_CPUTIME_ID) - worked) / 1e6);
      worst = std::max(worst, static_cast<double>(clock_ns(CLOCK_MONOTONIC) - began) / 1e6);
    }
    std::printf("  %-45s %8.1f ms (%.1f ms of CPU), %zu rows\n", each.name, worst, cpu, rows);
    json += std::string(first ? "" : ",") + "\"" + each.name + "\":" + std::to_string(worst);
    first = false;
    slowest = std::max(slowest, worst);
    slowest_cpu = std::max(slowest_cpu, cpu);
  }
  const std::uint64_t began = clock_ns(CLOCK_MONOTONIC), worked = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  const std::size_t rows = reader.count(0, INT64_MAX, 12 * 3600).rows.size();
  const double counting = static_cast<double>(clock_ns(CLOCK_MONOTONIC) - began) / 1e6;
  std::printf("  %-45s %8.1f ms (%.1f ms of CPU), %zu rows\n", "counts of 30 days", counting,
              static_cast<double>(clock_ns(CLOCK_THREAD_CPUTIME_ID) - worked) / 1e6, rows);
  std::printf("slowest filter: %.1f ms (%.1f ms of CPU)\n", slowest, slowest_cpu);
  std::printf("%s},\"counts_ms\":%f,\"slowest_filter_ms\":%f,\"slowest_filter_cpu_ms\":%f}\n",
              json.c_str(), counting, slowest, slowest_cpu);
  return 0;
}

}  // namespace
}  // namespace saker::web

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  char name[] = "/tmp/saker-bench-history.XXXXXX";
  const std::string directory = argc > 2 ? argv[2] : ::mkdtemp(name);
  const int status = saker::web::run(count ? count : 1, directory);
  std::filesystem::remove_all(directory);
  return status;
}
