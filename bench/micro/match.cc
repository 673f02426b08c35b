// SPDX-License-Identifier: Apache-2.0
// From decoded record to verdict: events a second on one core. Mix A: every event of a type that
// rules ask for; mix B: as on a database node, 95 of 100 reads and writes that none asks for. Then
// the cost over the number of rules, and two threads. Writes build/bench/match.json.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "../../tests/unit/match/record_builder.h"
#include "keeper.h"
#include "lang/compile.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace saker {
namespace {

using testing::ProcessBox;
using testing::RecordBuilder;

// ---- values
// -----------------------------------------------------------------------------------------------------------

struct Values {
  std::vector<std::string> paths;
  struct Command {
    std::string name, exepath, parent, line;
    bool operator<(const Command& o) const {
      return std::tie(name, parent, line) < std::tie(o.name, o.parent, o.line);
    }
  };
  std::vector<Command> commands;
};

std::string text_of(const nlohmann::json& fields, const char* name) {
  auto at = fields.find(name);
  return at != fields.end() && at->is_string() ? at->get<std::string>() : "";
}

void read_capture(const std::string& path, Values& values, std::set<Values::Command>& commands) {
  gzFile file = gzopen(path.c_str(), "rb");
  std::vector<char> line(1 << 20);
  while (file && gzgets(file, line.data(), static_cast<int>(line.size()))) {
    nlohmann::json row = nlohmann::json::parse(line.data(), nullptr, false);
    if (row.is_discarded()) continue;
    const nlohmann::json& fields = row["output_fields"];
    std::string name = text_of(fields, "fd.name");
    if (text_of(fields, "evt.type").starts_with("open") && name.starts_with("/"))
      values.paths.push_back(name);
    commands.insert({text_of(fields, "proc.name"), text_of(fields, "proc.exepath"),
                     text_of(fields, "proc.pname"), text_of(fields, "proc.args")});
  }
  if (file) gzclose(file);
}

Values read_values() {
  Values values;
  std::set<Values::Command> commands;
  for (const char* name : {"files", "web", "triggers-default"}) {
    read_capture("../shared/data/captures/" + std::string(name) + ".dump.jsonl.gz", values,
                 commands);
  }
  values.commands.assign(commands.begin(), commands.end());
  if (values.paths.empty()) {
    std::fprintf(stderr, "bench: no captures beside the repository, built-in values are used\n");
    values.paths = {"/etc/ld.so.cache",
                    "/lib/x86_64-linux-gnu/libc.so.6",
                    "/dev/null",
                    "/proc/filesystems",
                    "/etc/passwd",
                    "/tmp/build/file1",
                    "/usr/share/locale/locale.alias",
                    "/var/log/app/current"};
    values.commands = {{"bash", "/usr/bin/bash", "sshd", "-l"},
                       {"python3", "/usr/bin/python3", "bash", "serve.py"},
                       {"cat", "/usr/bin/cat", "bash", "notes.txt"},
                       {"nginx", "/usr/sbin/nginx", "systemd", ""}};
  }
  return values;
}

// ---- events
// -----------------------------------------------------------------------------------------------------------

struct Events {
  std::vector<std::unique_ptr<ProcessBox>> processes;
  std::vector<std::vector<std::uint64_t>> records;
  std::vector<match::Event> list;
};

class EventMaker {
 public:
  explicit EventMaker(const Values& values) : values_(values) {}

  Events mix_a(std::size_t count) {
    Events events;
    make_processes(events);
    for (std::size_t i = 0; i < count; i++) add(events, asked_record());
    return events;
  }

  // Reads, writes, sends and receives have no record here: a number that no rule asks for stands
  // for them.
  Events mix_b(std::size_t count) {
    Events events;
    make_processes(events);
    for (std::size_t i = 0; i < count; i++) {
      if (below(100) < 5) {
        add(events, asked_record());
        continue;
      }
      RecordBuilder io(SAKER_EV_openat);
      io.head().type = 126;
      io.head().nparams = 0;
      add(events, {io.head()});
    }
    return events;
  }

 private:
  struct Made {
    std::vector<std::uint64_t> words;
    Made(std::vector<std::uint64_t> words) : words(std::move(words)) {}
    Made(const saker_rec& head) : words(sizeof(head) / 8) {
      std::memcpy(words.data(), &head, sizeof(head));
    }
  };

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  const std::string& path() { return values_.paths[below(values_.paths.size())]; }

  void make_processes(Events& events) {
    auto init = std::make_unique<ProcessBox>();
    init->command("systemd", "/usr/lib/systemd/systemd", {});
    for (const Values::Command& command : values_.commands) {
      auto parent = std::make_unique<ProcessBox>();
      parent->command(command.parent, "/usr/bin/" + command.parent, {});
      parent->process.parent = &init->process;
      auto box = std::make_unique<ProcessBox>();
      box->command(command.name, command.exepath, {command.line});
      box->environment({"PATH=/usr/bin:/bin", "HOME=/root"});
      box->process.parent = &parent->process;
      box->process.clone_time = 1;
      box->process.vpid = 7;
      events.processes.push_back(std::move(box));
      parents_.push_back(std::move(parent));
    }
    parents_.push_back(std::move(init));
  }

  void add(Events& events, Made made) {
    events.records.push_back(std::move(made.words));
    const enrich::Process* process = &events.processes[below(events.processes.size())]->process;
    events.list.push_back({decode::Record(events.records.back().data()), process,
                           1'700'000'000'000'000'000, events.list.size() + 1});
  }

  Made open() {
    RecordBuilder record(below(10) ? SAKER_EV_openat : SAKER_EV_open);
    const std::string& name = path();
    record.ret(3)
        .set(SAKER_P_open_fd, 3)
        .text(SAKER_P_open_name, name)
        .text(SAKER_P_open_path, name);
    record.set(SAKER_P_open_flags, below(5) ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC)
        .set(SAKER_P_open_fdtype, 'f');
    return record.build();
  }

  Made socket() {
    bool connects = below(2);
    RecordBuilder record(connects ? SAKER_EV_connect : SAKER_EV_accept4);
    auto peer =
        static_cast<std::uint32_t>(below(2) ? 0x0a000000 + below(65536) : 0xc6336400 + below(256));
    saker_sock sock = testing::tcp4(0x0a000001, static_cast<std::uint16_t>(32768 + below(20000)),
                                    peer, static_cast<std::uint16_t>(below(2) ? 5432 : 443),
                                    connects ? SAKER_ROLE_CLIENT : SAKER_ROLE_SERVER);
    record.ret(5)
        .set(SAKER_P_sock_fd, 5)
        .sock(SAKER_P_sock_sock, sock)
        .set(SAKER_P_sock_fdtype, '4');
    return record.build();
  }

  Made other() {
    switch (below(7)) {
      case 0:
        return RecordBuilder(SAKER_EV_unlinkat)
            .set(SAKER_P_path_dirfd, -100ull)
            .text(SAKER_P_path_name, path())
            .build();
      case 1:
        return RecordBuilder(SAKER_EV_rename)
            .text(SAKER_P_path2_oldname, path())
            .text(SAKER_P_path2_newname, path())
            .build();
      case 2:
        return RecordBuilder(SAKER_EV_mkdir)
            .text(SAKER_P_path_name, path())
            .set(SAKER_P_path_mode, 0755)
            .build();
      case 3:
        return RecordBuilder(SAKER_EV_link)
            .text(SAKER_P_path2_oldname, path())
            .text(SAKER_P_path2_newname, path())
            .build();
      case 4:
        return RecordBuilder(SAKER_EV_fchmodat)
            .set(SAKER_P_path_dirfd, -100ull)
            .text(SAKER_P_path_name, path())
            .set(SAKER_P_path_mode, 0644)
            .build();
      case 5:
        return RecordBuilder(SAKER_EV_ptrace).set(SAKER_P_ptrace_request, 1).build();
      default:
        return RecordBuilder(SAKER_EV_setuid).set(SAKER_P_cred_arg0, 1000).build();
    }
  }

  Made exec() {
    const Values::Command& command = values_.commands[below(values_.commands.size())];
    RecordBuilder record(SAKER_EV_execve);
    record.text(SAKER_P_exec_filename, command.exepath).text(SAKER_P_exec_exepath, command.exepath);
    record.text(SAKER_P_exec_comm, command.name).text(SAKER_P_exec_cwd, "/");
    return record.build();
  }

  Made asked_record() {
    std::size_t part = below(100);
    if (part < 60) return open();
    if (part < 75) return socket();
    return part < 85 ? exec() : other();
  }

  const Values& values_;
  std::mt19937_64 random_{42};
  std::vector<std::unique_ptr<ProcessBox>> parents_;
};

// ---- rules
// ------------------------------------------------------------------------------------------------------------

// Real shapes with constants of their own.
std::string shaped_rule(std::size_t i) {
  std::string n = std::to_string(i);
  const std::string shapes[] = {
      "evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.typechar='f' and "
      "fd.num>=0 and fd.name startswith /opt/app" +
          n + "/ and not proc.name in (dpkg, rpm, tool" + n + ")",
      "evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.typechar='f' and "
      "fd.num>=0 and fd.name in (/etc/secret" +
          n + "/key, /srv/k" + n + ") and not proc.pname in (cron, agent" + n +
          ") and proc.aname[2] != helper" + n,
      "evt.type in (execve, execveat) and proc.name in (miner" + n + ", xm" + n +
          ") and proc.pname exists",
      "evt.type in (execve, execveat) and proc.pname = server" + n +
          " and proc.name in (bash, sh, dash, zsh) and not proc.cmdline contains known" + n,
      "evt.type in (connect, sendto) and fd.l4proto != udp and fd.sport = " +
          std::to_string(1024 + i % 60000) + " and proc.name = client" + n,
      "evt.type in (unlink, unlinkat, rename, renameat) and (fs.path.name startswith /var/lib/db" +
          n + "/ or fs.path.source startswith /var/lib/db" + n + "/) and not proc.name = db" + n,
      "evt.type in (open, openat, openat2) and evt.is_open_write=true and (fd.name endswith .bak" +
          n + " or fd.directory = /usr/local/lib" + n + ") and proc.name != backup" + n,
      "evt.type in (chmod, fchmodat, mkdir) and fs.path.name startswith /home/user" + n +
          "/ and container.id != host",
      "evt.type in (open, openat) and fd.name contains /.vault" + n +
          "/ and not proc.name in (vault, v" + n + ")",
      "evt.type in (execve, execveat) and proc.cmdline contains '--payload" + n +
          "' and not user.uid = " + n,
  };
  return "- rule: rule " + n + "\n  desc: d\n  condition: " + shapes[i % std::size(shapes)] +
         "\n  output: o %proc.name\n  priority: WARNING\n";
}

std::unique_ptr<match::Program> must_compile(const lang::RuleSet& set,
                                             lang::RuleMatching matching) {
  for (const lang::Diagnostic& d : set.diagnostics()) {
    if (d.error()) std::fprintf(stderr, "%s", lang::render(d).c_str());
  }
  Result<std::vector<std::byte>> bytes = lang::compile(set, matching);
  Result<std::unique_ptr<match::Program>> program =
      bytes ? match::Program::load(std::move(*bytes))
            : Result<std::unique_ptr<match::Program>>(bytes.error());
  if (!program) {
    std::fprintf(stderr, "bench: %s\n", program.error().message.c_str());
    std::exit(1);
  }
  return std::move(*program);
}

std::unique_ptr<match::Program> shaped_program(std::size_t count) {
  lang::SourceText text{"shaped.yaml", ""};
  for (std::size_t i = 0; i < count; i++) text.text += shaped_rule(i);
  return must_compile(lang::load_rule_texts({&text, 1}), lang::RuleMatching::first);
}

std::unique_ptr<match::Program> official_program(std::string& what) {
  std::vector<std::string> files;
  for (const char* name : {"falco_rules", "falco-incubating_rules", "falco-sandbox_rules"}) {
    std::string path = "../shared/data/" + std::string(name) + ".yaml";
    if (std::filesystem::exists(path)) files.push_back(path);
  }
  what = std::to_string(files.empty() ? 0 : 93) + " official rules";
  if (files.empty()) {
    files = {"rules"};
    what = "shipped rules";
  }
  lang::RuleSet set = lang::load_rules(files);
  for (lang::Rule& rule : set.rules) rule.enabled = true;
  return must_compile(set, lang::RuleMatching::first);
}

// ---- measuring
// --------------------------------------------------------------------------------------------------------

void run(benchmark::State& state, const match::Program& program, const Events& events) {
  match::Matcher matcher(program);
  std::size_t i = 0, verdicts = 0;
  for (auto _ : state) {
    verdicts += matcher.match(events.list[i]).size();
    if (++i == events.list.size()) i = 0;
  }
  state.counters["matched"] =
      benchmark::Counter(static_cast<double>(verdicts), benchmark::Counter::kAvgIterations);
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  using namespace saker;
  benchmark::Initialize(&argc, argv);
  Values values = read_values();
  EventMaker maker(values);
  Events mix_a = maker.mix_a(20000), mix_b = maker.mix_b(20000);
  std::string official;
  std::vector<std::unique_ptr<match::Program>> programs;
  programs.push_back(official_program(official));
  const match::Program& all = *programs[0];
  benchmark::RegisterBenchmark(("match/mix A/" + official).c_str(),
                               [&](benchmark::State& s) { run(s, all, mix_a); });
  benchmark::RegisterBenchmark(("match/mix B/" + official).c_str(),
                               [&](benchmark::State& s) { run(s, all, mix_b); });
  benchmark::RegisterBenchmark(("match/mix A, two threads/" + official).c_str(),
                               [&](benchmark::State& s) { run(s, all, mix_a); })
      ->Threads(2)
      ->UseRealTime();
  Keeper keeper;
  for (std::size_t count : {25u, 100u, 1000u, 10000u}) {
    programs.push_back(shaped_program(count));
    const match::Program& program = *programs.back();
    benchmark::RegisterBenchmark(("match/mix A/" + std::to_string(count) + " rules").c_str(),
                                 [&](benchmark::State& s) { run(s, program, mix_a); });
    keeper.add("match/program/" + std::to_string(count) + " rules", "bytes",
               static_cast<double>(program.bytes().size()));
  }
  benchmark::RunSpecifiedBenchmarks(&keeper);
  keeper.finish("match");
  return 0;
}
