// SPDX-License-Identifier: Apache-2.0
// saker record: records the events of this host.
#include <cstdio>
#include <string>

#include "base/clock.h"
#include "base/units.h"
#include "command.h"
#include "live/arguments.h"
#include "recording/rotation.h"

namespace saker::cli {
namespace {

// Larger blocks pack better; this is the most that is lost if the machine crashes.
constexpr std::uint32_t cut_ms = 1000;
constexpr int look_ms = 200;  // for signals

constexpr Option options[] = {
    {'o', "output", "FILE", "the recording; - for stdout"},
    duration_option,
    {'f', "filter", "COND", "only events for which this condition is true"},
    {0, "events", "WHICH", "all (default), or rules: only those that the daemon's rules ask for"},
    {'C', "rotate-size", "SIZE", "begin a new file after this size: 100MiB, 2G"},
    {'G', "rotate-time", "TIME", "begin a new file after this time: 10m, 1h"},
    {'W', "keep", "N", "files kept, FILE, FILE.1 and so on (10)"},
    {'q', "quiet", "", "no totals"},
    socket_option,
    device_option,
};

constexpr std::string_view text =
    "Writes the events of this host, with their processes, to FILE until interrupted. They\n"
    "come from the daemon if it runs, otherwise from the kernel module. A replay of FILE\n"
    "gives the same alerts as the events did. The condition is written as in a rule, and may\n"
    "use the macros of the loaded rules. Even after a crash FILE is readable; at most the\n"
    "last second is missing. Exit status 1: events were lost, or FILE could not be written;\n"
    "3: neither daemon nor module.\n";

int failed(const std::string& message) {
  std::fprintf(stderr, "saker record: %s\n", message.c_str());
  return exit_failed;
}

// "" if valid.
std::string read_rotation(const Arguments& arguments, recording::Rotation& to) {
  std::optional<std::uint64_t> size = parse_size(arguments.value("rotate-size", "0"));
  std::optional<std::uint64_t> time = parse_duration(arguments.value("rotate-time", "0"));
  std::optional<std::uint64_t> keep = parse_size(arguments.value("keep", std::to_string(to.files)));
  if (!size)
    return "--rotate-size is a size like 100MiB or 2G, not \"" + arguments.value("rotate-size") +
           "\"";
  if (!time)
    return "--rotate-time is a time like 10m or 1h, not \"" + arguments.value("rotate-time") + "\"";
  if (!keep || *keep == 0 || *keep > 100'000)
    return "--keep is a number from 1 to 100000, not \"" + arguments.value("keep") + "\"";
  to.size = *size;
  to.time = *time;
  to.files = static_cast<unsigned>(*keep);
  return "";
}

// The error in the command line; "" if there is none.
std::string check(const Arguments& arguments, recording::Rotation& rotation) {
  const std::string events = arguments.value("events", "all");
  if (!arguments.words.empty()) return "takes no argument; the file is given with -o";
  if (!arguments.has("output")) return "where to? -o FILE";
  if (events != "all" && events != "rules")
    return "--events is all or rules, not \"" + events + "\"";
  if (std::string wrong = check_live(arguments); !wrong.empty()) return wrong;
  return read_rotation(arguments, rotation);
}

struct Written {
  std::uint64_t events = 0, bytes = 0;
};

Result<Written> record(Live& live, recording::RotatingOutput& output, Deadline deadline) {
  Written written;
  while (!live.end()) {
    if (Result<void> asked = deadline.look(live); !asked) return asked.error();
    Result<std::optional<std::string>> block = live.next(look_ms);
    if (!block) return block.error();
    if (!*block) continue;
    if (Result<void> put = output.append(**block, boot_ns()); !put) return put.error();
    written.bytes += (*block)->size();
  }
  written.events = live.end()->events;
  return written;
}

int run(const Arguments& arguments) {
  recording::Rotation rotation;
  if (std::string wrong = check(arguments, rotation); !wrong.empty())
    return usage_error(record_command, wrong);
  catch_interrupts();
  Result<std::unique_ptr<Live>> live = open_live(arguments, arguments.value("filter"), cut_ms);
  if (!live) return live_failed("record", live.error());
  const std::string path = arguments.value("output");
  Result<recording::RotatingOutput> output =
      recording::RotatingOutput::create(path, rotation, (*live)->description(), boot_ns());
  if (!output) return failed(output.error().message);
  bool quiet = arguments.has("quiet");
  if (!quiet)
    std::fprintf(stderr, "recording from %s to %s\n", (*live)->describe().c_str(), path.c_str());
  Result<Written> written = record(**live, *output, Deadline(arguments));
  if (!written) return failed(written.error().message);
  const std::uint64_t lost = (*live)->end()->lost;
  if (!quiet)
    std::fprintf(
        stderr, "%llu events, %llu bytes, %.1f an event, %llu lost, %llu files\n",
        static_cast<unsigned long long>(written->events),
        static_cast<unsigned long long>(written->bytes),
        written->events ? static_cast<double>(written->bytes) / static_cast<double>(written->events)
                        : 0.0,
        static_cast<unsigned long long>(lost), static_cast<unsigned long long>(output->files()));
  return lost ? exit_failed : exit_ok;
}

}  // namespace

const Command record_command = {
    .name = "record",
    .synopsis = "-o FILE",
    .summary = "record the events of this host",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
