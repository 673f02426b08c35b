// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "match/matcher.h"
#include "output/format.h"
#include "run/generation.h"
#include "service/event_file.h"

namespace saker::bench {
namespace {

double processor_ns() {
  timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// All rules of the files, also those that are off by default.
Result<std::unique_ptr<run::Generation>> load(const std::vector<std::string>& files) {
  if (files.empty()) return run::empty_generation();
  run::Config config;
  config.rules_files = files;
  config.rules = {{.enable = true, .rule = "*", .tag = ""}};
  Result<std::unique_ptr<run::Generation>> rules = run::load_generation(config);
  if (rules) (*rules)->format.json = false;
  return rules;
}

struct Passed {
  std::uint64_t shown = 0, alerts = 0, bytes = 0;
};

// A separate function, so that callgrind can count from it.
[[gnu::noinline]] Passed counted_replay(service::EventFile& file, const run::Generation& rules) {
  Passed passed;
  match::Matcher matcher(*rules.program);
  output::Formatter formatter(rules.texts, rules.format);
  const enrich::Users* users = nullptr;
  while (const service::EventFile::Step* step = file.next(rules.program->asked_kinds())) {
    if (!step->shown) continue;
    fields::Event event = step->event;
    event.hosts = &rules.hosts;
    if (event.users != users) {
      users = event.users;
      matcher.use(users);
      formatter.use(users);
    }
    passed.shown++;
    for (const match::Verdict& verdict : matcher.match(event)) {
      passed.alerts++;
      passed.bytes += formatter.render(verdict, event).text.size();
    }
  }
  return passed;
}

}  // namespace

Result<void> measure_replay(const std::string& path, const std::vector<std::string>& files) {
  const double begin = processor_ns();
  Result<std::unique_ptr<run::Generation>> rules = load(files);
  if (!rules) return rules.error();
  const double loaded = processor_ns();
  Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(path);
  if (!file) return file.error();
  const double start = processor_ns();
  const Passed passed = counted_replay(**file, **rules);
  const double end = processor_ns();
  if (!(*file)->damage().empty()) return Error{(*file)->damage()[0]};
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  nlohmann::json line = {{"events", (*file)->totals().events},
                         {"shown", passed.shown},
                         {"alerts", passed.alerts},
                         {"load_ms", (loaded - begin) / 1e6},
                         {"ns", (end - start) / static_cast<double>((*file)->totals().events)},
                         {"peak_kib", usage.ru_maxrss}};
  std::printf("%s\n", line.dump().c_str());
  return {};
}

}  // namespace saker::bench
