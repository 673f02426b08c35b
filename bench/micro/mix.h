// SPDX-License-Identifier: Apache-2.0
// The mixes of events for benchmarks: values from captures if those are available, and records and
// processes made from them. The same in every run.
#pragma once

#include <fcntl.h>
#include <zlib.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "../../tests/unit/match/record_builder.h"
#include "fields/event.h"

namespace saker::bench {

using testing::ProcessBox;
using testing::RecordBuilder;

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

inline std::string text_of(const nlohmann::json& fields, const char* name) {
  auto at = fields.find(name);
  return at != fields.end() && at->is_string() ? at->get<std::string>() : "";
}

inline void read_capture(const std::string& path, Values& values,
                         std::set<Values::Command>& commands) {
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

inline Values read_values() {
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

struct Events {
  std::vector<std::unique_ptr<ProcessBox>> processes, parents;
  std::vector<std::vector<std::uint64_t>> records;
  std::vector<fields::Event> list;
};

class EventMaker {
 public:
  // `all_new`: no path and no executed program repeats.
  explicit EventMaker(const Values& values, bool all_new = false)
      : values_(values), all_new_(all_new) {}

  Events mix_a(std::size_t count) {
    Events events;
    make_processes(events);
    for (std::size_t i = 0; i < count; i++) add_asked(events);
    return events;
  }

  // Reads, writes, sends and receives have no record here: a number that no rule asks for replaces
  // them.
  Events mix_b(std::size_t count) {
    Events events;
    make_processes(events);
    for (std::size_t i = 0; i < count; i++) {
      if (below(100) < 5) {
        add_asked(events);
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
  std::string path() { return fresh(values_.paths[below(values_.paths.size())]); }
  // Another name in the same directory, with the same suffix.
  std::string fresh(std::string path) {
    if (all_new_) path.insert(path.rfind('/') + 1, std::to_string(++made_) + "-");
    return path;
  }

  void make_processes(Events& events) {
    auto init = std::make_unique<ProcessBox>();
    init->command("systemd", "/usr/lib/systemd/systemd", {});
    for (const Values::Command& command : values_.commands) {
      auto parent = std::make_unique<ProcessBox>();
      parent->command(command.parent, "/usr/bin/" + command.parent, {});
      parent->process.parent = &init->process;
      make_process(events, command, *parent);
      events.parents.push_back(std::move(parent));
    }
    events.parents.push_back(std::move(init));
  }

  void make_process(Events& events, const Values::Command& command, const ProcessBox& parent) {
    auto box = std::make_unique<ProcessBox>();
    box->command(command.name, command.exepath, {command.line});
    box->environment({"PATH=/usr/bin:/bin", "HOME=/root"});
    box->process.parent = &parent.process;
    box->process.clone_time = 1;
    box->process.vpid = 7;
    events.processes.push_back(std::move(box));
  }
  std::size_t commands() const { return values_.commands.size(); }

  void add(Events& events, Made made, const enrich::Process* process = nullptr) {
    events.records.push_back(std::move(made.words));
    if (!process) process = &events.processes[below(commands())]->process;
    events.list.push_back({decode::Record(events.records.back().data()), process,
                           1'700'000'000'000'000'000, events.list.size() + 1});
  }

  // The program that it executed is the process's own.
  void add_exec(Events& events) {
    std::size_t index = below(commands());
    Values::Command command = values_.commands[index];
    if (all_new_) {
      command.exepath = fresh(command.exepath);
      make_process(events, command, *events.parents[index]);
    }
    const enrich::Process& process =
        all_new_ ? events.processes.back()->process : events.processes[index]->process;
    RecordBuilder record(SAKER_EV_execve);
    record.text(SAKER_P_exec_filename, command.exepath).text(SAKER_P_exec_exepath, command.exepath);
    record.text(SAKER_P_exec_comm, command.name).text(SAKER_P_exec_cwd, "/");
    add(events, record.build(), &process);
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
      case 5: return RecordBuilder(SAKER_EV_ptrace).set(SAKER_P_ptrace_request, 1).build();
      default: return RecordBuilder(SAKER_EV_setuid).set(SAKER_P_cred_arg0, 1000).build();
    }
  }

  void add_asked(Events& events) {
    std::size_t part = below(100);
    if (part < 60) return add(events, open());
    if (part < 75) return add(events, socket());
    return part < 85 ? add_exec(events) : add(events, other());
  }

  const Values& values_;
  bool all_new_;
  std::size_t made_ = 0;
  std::mt19937_64 random_{42};
};

}  // namespace saker::bench
