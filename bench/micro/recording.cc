// SPDX-License-Identifier: Apache-2.0
// Captures and recordings: events per second on one core, reading the captures of ../shared as they
// are and repeated, with all state; writing and reading recordings; and a whole replay with the
// official rules and formatted alerts. Also bytes per event. Writes build/bench/recording.json.
#include <benchmark/benchmark.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "keeper.h"
#include "output/format.h"
#include "recording/builder.h"
#include "recording/encoder.h"
#include "recording/reader.h"
#include "recording/schema.h"
#include "run/generation.h"
#include "scap/reader.h"
#include "scap/section_writer.h"
#include "service/event_file.h"

namespace saker {
namespace {

constexpr const char* captures = "../shared/data/captures/";
constexpr int level_of_converts = 12, level_of_live = 1;
constexpr int times = 50;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> made) {
  if (!made) give_up(made.error().message);
  return std::move(*made);
}

std::string unpacked(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) give_up("cannot open " + path);
  std::string out, part(1 << 20, '\0');
  for (int got; (got = gzread(file, part.data(), static_cast<unsigned>(part.size()))) > 0;)
    out.append(part, 0, static_cast<std::size_t>(got));
  gzclose(file);
  return out;
}

// Temporary files, deleted with this object.
class Folder {
 public:
  Folder() {
    const char* temp = std::getenv("TMPDIR");
    path_ = std::string(temp ? temp : "/tmp") + "/saker-bench.XXXXXX";
    if (!mkdtemp(path_.data())) give_up("cannot make a folder " + path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& bytes, int copies) const {
    std::ofstream file(path_ + "/" + name, std::ios::binary);
    for (int i = 0; i < copies; i++) file << bytes;
    return path_ + "/" + name;
  }
  std::string name(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The bytes of a recording of the file.
std::size_t convert(const std::string& from, std::string* to) {
  std::unique_ptr<service::EventFile> file = must(service::EventFile::open(from));
  recording::Builder builder(0, scap::SectionWriter::make);
  std::size_t bytes = 0;
  auto keep = [&](const std::string& block) {
    bytes += block.size();
    if (to) *to += block;
  };
  if (to) *to = recording::file_beginning();
  keep(recording::encode(recording::Description{}));
  service::EventFile::Types all;
  all.set();
  while (const service::EventFile::Step* step = file->next(all)) {
    if (!step->shown) continue;
    builder.new_batch();
    builder.add(step->event);
    if (builder.full()) keep(recording::encode(*builder.take(), level_of_converts));
  }
  if (builder.events()) keep(recording::encode(*builder.take(), level_of_converts));
  return bytes;
}

std::uint64_t parse(const std::string& path) {
  std::unique_ptr<scap::CaptureReader> reader = must(scap::CaptureReader::open(path));
  while (must(reader->next())) {
  }
  return reader->counters().events;
}

std::uint64_t read(const std::string& path) {
  std::unique_ptr<recording::RecordingReader> reader = must(recording::RecordingReader::open(path));
  recording::RecordingReader::Types all;
  all.set();
  while (reader->next(all)) {
  }
  return reader->events();
}

std::uint64_t replay(const std::string& path, const run::Generation& rules) {
  std::unique_ptr<service::EventFile> file = must(service::EventFile::open(path));
  match::Matcher matcher(*rules.program);
  output::Formatter formatter(rules.texts, rules.format);
  const enrich::Users* users = nullptr;
  while (const service::EventFile::Step* step = file->next(rules.program->asked_kinds())) {
    if (!step->shown) continue;
    if (step->event.users != users) {
      users = step->event.users;
      matcher.use(users);
      formatter.use(users);
    }
    for (const match::Verdict& verdict : matcher.match(step->event))
      benchmark::DoNotOptimize(formatter.render(verdict, step->event));
  }
  return file->totals().events;
}

// A block of events as a daemon would record them: only records, repeated.
void write_live(benchmark::State& state, const std::string& path) {
  struct Kept {
    std::vector<std::uint64_t> record;
    fields::Event event;
  };
  std::unique_ptr<recording::RecordingReader> reader = must(recording::RecordingReader::open(path));
  recording::RecordingReader::Types all;
  all.set();
  std::vector<Kept> events;
  // The data that an event refers to is valid until the next block.
  bool first = true;
  reader->watch([&] { first = events.empty(); });
  while (const fields::Event* event = reader->next(all)) {
    if (!first || events.size() == recording::Builder::most_events) break;
    const saker_rec& head = event->record.head();
    Kept kept{std::vector<std::uint64_t>(head.len / 8), *event};
    std::memcpy(kept.record.data(), &head, head.len);
    events.push_back(std::move(kept));
  }
  std::size_t bytes = 0;
  for (auto _ : state) {
    recording::Builder builder(1);
    builder.new_batch();
    for (const Kept& each : events)
      builder.add({decode::Record(each.record.data()), each.event.process, each.event.time,
                   each.event.number, each.event.users});
    bytes = recording::encode(*builder.take(), level_of_live).size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events.size()) * state.iterations());
  state.counters["bytes/event"] = static_cast<double>(bytes) / static_cast<double>(events.size());
}

template <typename Work>
void add_case(const std::string& name, Work work) {
  benchmark::RegisterBenchmark(name.c_str(), [work](benchmark::State& state) {
    std::uint64_t events = 0;
    for (auto _ : state) events += work();
    state.SetItemsProcessed(static_cast<std::int64_t>(events));
  })->Unit(benchmark::kMillisecond);
}

std::unique_ptr<run::Generation> official_rules() {
  run::Config config;
  config.rules_files.clear();
  for (const char* name : {"falco_rules", "falco-incubating_rules", "falco-sandbox_rules"})
    config.rules_files.push_back("../shared/data/" + std::string(name) + ".yaml");
  std::unique_ptr<run::Generation> rules = must(run::load_generation(config));
  // As saker replay prints them.
  rules->format.json = false;
  rules->format.text = true;
  return rules;
}

void add_cases(const std::string& name, const std::string& scap, const Folder& folder,
               const run::Generation& rules, Keeper& keeper) {
  std::string bytes;
  convert(scap, &bytes);
  const std::string skr = folder.write(name + ".skr", bytes, 1);
  const std::uint64_t events = read(skr);
  keeper.add("recording/" + name + ", .skr of a .scap", "bytes/event",
             static_cast<double>(bytes.size()) / static_cast<double>(events));
  add_case("recording/" + name + ", .scap read with state", [scap] { return parse(scap); });
  add_case(
      "recording/" + name + ", .scap replayed with " + std::to_string(rules.rules_total) + " rules",
      [scap, &rules] { return replay(scap, rules); });
  add_case("recording/" + name + ", .scap to .skr",
           [scap, events] { return convert(scap, nullptr) ? events : 0; });
  add_case("recording/" + name + ", .skr read", [skr] { return read(skr); });
  add_case(
      "recording/" + name + ", .skr replayed with " + std::to_string(rules.rules_total) + " rules",
      [skr, &rules] { return replay(skr, rules); });
  benchmark::RegisterBenchmark(("recording/" + name + ", .skr written of live records").c_str(),
                               [skr](benchmark::State& state) { write_live(state, skr); })
      ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  using namespace saker;
  benchmark::Initialize(&argc, argv);
  if (!std::filesystem::exists(captures)) {
    std::fprintf(stderr, "bench: no captures beside the repository: %s\n", captures);
    return 0;
  }
  Folder folder;
  Keeper keeper;
  std::unique_ptr<run::Generation> rules = official_rules();
  std::string all;
  for (const char* name : {"files", "triggers-default", "web"}) {
    const std::string bytes = unpacked(captures + std::string(name) + ".scap.gz");
    all += bytes;
    add_cases(name, folder.write(name + std::string(".scap"), bytes, 1), folder, *rules, keeper);
  }
  const std::string name = "all three, " + std::to_string(times) + " times";
  add_cases(name, folder.write("all.scap", all, times), folder, *rules, keeper);
  benchmark::RunSpecifiedBenchmarks(&keeper);
  keeper.finish("recording");
  return 0;
}
