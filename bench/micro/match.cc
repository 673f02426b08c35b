// SPDX-License-Identifier: Apache-2.0
// From decoded record to verdict: events per second on one core. Mix A: every event has a type that
// rules ask for; mix B: as on a database node, 95 of 100 events are reads and writes that no rule
// asks for. Then the cost by number of rules, two threads, the cost of compiling, and memory.
// Writes build/bench/match.json. `match --pass CASE` runs the events of a case until all caches are
// warm, and then once more in counted_pass(), for bench/micro/instructions.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "keeper.h"
#include "lang/compile.h"
#include "lang/rules.h"
#include "match/matcher.h"
#include "mix.h"
#include "shapes.h"

namespace saker::bench {
namespace {

using ProgramPtr = std::unique_ptr<match::Program>;

ProgramPtr must_compile(const lang::RuleSet& set) {
  for (const lang::Diagnostic& d : set.diagnostics()) {
    if (d.error()) std::fprintf(stderr, "%s", lang::render(d).c_str());
  }
  Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::first);
  Result<ProgramPtr> program = bytes ? match::Program::load(std::move(*bytes)) : bytes.error();
  if (!program) {
    std::fprintf(stderr, "bench: %s\n", program.error().message.c_str());
    std::exit(1);
  }
  return std::move(*program);
}

ProgramPtr shaped_program(std::size_t count, std::size_t files = 1) {
  std::vector<lang::SourceText> texts;
  for (std::size_t i = 0; i < files; i++) {
    texts.push_back({"shaped" + std::to_string(i) + ".yaml",
                     shaped_rules(i * count / files, (i + 1) * count / files)});
  }
  return must_compile(lang::load_rule_texts(texts));
}

std::vector<std::string> official_files() {
  std::vector<std::string> files;
  for (const char* name : {"falco_rules", "falco-incubating_rules", "falco-sandbox_rules"}) {
    std::string path = "../shared/data/" + std::string(name) + ".yaml";
    if (std::filesystem::exists(path)) files.push_back(path);
  }
  return files;
}

std::string official_name() {
  return official_files().empty() ? "shipped rules" : "93 official rules";
}

ProgramPtr official_program() {
  std::vector<std::string> files = official_files();
  if (files.empty()) files = {"rules"};
  lang::RuleSet set = lang::load_rules(files);
  for (lang::Rule& rule : set.rules) rule.enabled = true;
  return must_compile(set);
}

// By number of rules, 0: the official ones. Made on first use.
const match::Program& program_of(std::size_t rules) {
  static std::map<std::size_t, ProgramPtr> made;
  ProgramPtr& program = made[rules];
  if (!program) program = rules ? shaped_program(rules) : official_program();
  return *program;
}

// ---- cases

struct Case {
  std::string name;
  const Events& events;
  std::size_t rules = 0;      // 0: the official ones
  bool all_new = false;       // values that repeat are treated as new
  bool no_processes = false;  // nothing is cached for any process
  int threads = 1;
};

struct Mixes {
  Values values = read_values();
  Events a = EventMaker(values).mix_a(20000), b = EventMaker(values).mix_b(20000),
         all_new = EventMaker(values, true).mix_a(20000);
};

std::vector<Case> cases(const Mixes& mixes) {
  std::string official = "/" + official_name();
  std::vector<Case> all = {
      {"match/mix A" + official, mixes.a},
      {"match/mix B" + official, mixes.b},
      {"match/mix A, all paths new" + official, mixes.all_new, 0, true},
      {"match/mix A, all paths and processes new" + official, mixes.all_new, 0, true, true},
      {"match/mix A, two threads" + official, mixes.a, 0, false, false, 2},
  };
  for (std::size_t count : {25u, 100u, 1000u, 10000u}) {
    std::string rules = "/" + std::to_string(count) + " rules";
    all.push_back({"match/mix A" + rules, mixes.a, count});
    all.push_back({"match/mix A, all paths new" + rules, mixes.all_new, count, true});
  }
  return all;
}

std::size_t look_at(match::Matcher& matcher, const fields::Event& event, const Case& row) {
  if (row.no_processes) const_cast<enrich::Process*>(event.process)->verdicts.forget();
  return matcher.match(event).size();
}

// Called between two rounds over the same events.
void begin_round(match::Matcher& matcher, const Case& row) {
  if (row.all_new) matcher.use(nullptr);
}

void run(benchmark::State& state, const Case& row) {
  match::Matcher matcher(program_of(row.rules));
  std::size_t i = 0, verdicts = 0;
  for (auto _ : state) {
    verdicts += look_at(matcher, row.events.list[i], row);
    if (++i < row.events.list.size()) continue;
    i = 0;
    begin_round(matcher, row);
  }
  state.counters["matched"] =
      benchmark::Counter(static_cast<double>(verdicts), benchmark::Counter::kAvgIterations);
}

void add_case(const Case& row) {
  auto* registered = benchmark::RegisterBenchmark(
      row.name.c_str(), [&row](benchmark::State& state) { run(state, row); });
  if (row.threads > 1) registered->Threads(row.threads)->UseRealTime();
}

// From the text of the rules to a program that a matcher can run.
void add_compilation(const std::string& name, ProgramPtr (*make)()) {
  auto compile = [make](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(make());
  };
  benchmark::RegisterBenchmark(name.c_str(), compile)->Unit(benchmark::kMillisecond);
}

// ---- results

std::size_t allocated() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// For a program with one matcher, everything included.
void add_memory(Keeper& keeper, std::size_t rules) {
  std::size_t before = allocated();
  ProgramPtr program = shaped_program(rules);
  match::Matcher matcher(*program);
  keeper.add("match/memory/" + std::to_string(rules) + " rules", "bytes",
             static_cast<double>(allocated() - before));
}

// A separate function, so that callgrind can count from it.
[[gnu::noinline]] std::size_t counted_pass(match::Matcher& matcher, const Case& row) {
  std::size_t verdicts = 0;
  for (const fields::Event& event : row.events.list) verdicts += look_at(matcher, event, row);
  return verdicts;
}

int pass(const std::vector<Case>& all, const std::string& name) {
  for (const Case& row : all) {
    if (row.name != name) continue;
    match::Matcher matcher(program_of(row.rules));
    for (int round = 0; round < 4; round++) {
      for (const fields::Event& event : row.events.list) look_at(matcher, event, row);
      begin_round(matcher, row);
    }
    std::size_t verdicts = counted_pass(matcher, row);
    std::printf("%zu events, %zu verdicts\n", row.events.list.size(), verdicts);
    return 0;
  }
  for (const Case& row : all) std::printf("%s\n", row.name.c_str());
  return 2;
}

int report(const std::vector<Case>& all) {
  for (const Case& row : all) add_case(row);
  add_compilation("compile/" + official_name(), official_program);
  add_compilation("compile/10000 rules", [] { return shaped_program(10000); });
  add_compilation("compile/10000 rules in 200 files", [] { return shaped_program(10000, 200); });
  Keeper keeper;
  benchmark::RunSpecifiedBenchmarks(&keeper);
  add_memory(keeper, 10000);
  keeper.finish("match");
  return 0;
}

}  // namespace
}  // namespace saker::bench

int main(int argc, char** argv) {
  using namespace saker::bench;
  Mixes mixes;
  std::vector<Case> all = cases(mixes);
  if (argc > 1 && std::string(argv[1]) == "--pass") return pass(all, argc > 2 ? argv[2] : "");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  return report(all);
}
