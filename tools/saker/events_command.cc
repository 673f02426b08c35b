// SPDX-License-Identifier: Apache-2.0
// saker events: prints live events, or those of a file, one per line.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "command.h"
#include "enrich/hosts.h"
#include "lang/resolve/output_format.h"
#include "live/arguments.h"
#include "match/matcher.h"
#include "output/format.h"
#include "recording/feed.h"
#include "rule_arguments.h"
#include "run/filter.h"
#include "service/event_file.h"

namespace saker::cli {
namespace {

// The reader waits for the line.
constexpr std::uint32_t cut_ms = 100;
constexpr int look_ms = 100;  // for signals

constexpr std::string_view default_format =
    "%evt.num %evt.time %evt.cpu %proc.name (%proc.pid) %evt.type %evt.args";

constexpr Option options[] = {
    {'f', "format", "FORMAT", "the text to print for an event, with %fields, like a rule's output"},
    {'n', "count", "N", "end after N events"},
    {0, "json", "", "print each event as a JSON object with the fields of the format"},
    duration_option,
    {'q', "quiet", "", "no totals"},
    config_option,
    rules_option,
    key_option,
    socket_option,
    device_option,
};

constexpr std::string_view text =
    "Prints the events of FILE, a recording or a .scap capture, - for standard input. Without\n"
    "FILE, prints the live events of this host, from the daemon if it runs, otherwise from\n"
    "the kernel module. The condition is written as in a rule, in one argument or several,\n"
    "and may use the macros of the loaded rules. Live, only events of the types that it names\n"
    "are recorded; without a condition all events, which are many on a busy host. The default\n"
    "format is\n"
    "  %evt.num %evt.time %evt.cpu %proc.name (%proc.pid) %evt.type %evt.args\n"
    "A summary goes to stderr at the end. Exit status 1: FILE is damaged, or events were\n"
    "lost.\n";

struct Wanted {
  std::string file, condition;
  std::uint64_t count = 0;
  lang::OutputFormat format;
  bool base64 = false;
};

bool is_file(const std::string& word) {
  return word == "-" || ::access(word.c_str(), F_OK) == 0 || word.ends_with(".skr") ||
         word.ends_with(".scap") || word.ends_with(".scap.gz");
}

// The error in the command line; "" if there is none.
std::string read_wanted(const Arguments& arguments, Wanted& wanted) {
  for (const std::string& word : arguments.words) {
    if (&word == &arguments.words.front() && is_file(word)) {
      wanted.file = word;
      continue;
    }
    wanted.condition += (wanted.condition.empty() ? "" : " ") + word;
  }
  const std::string number = arguments.value("count", "0");
  char* end = nullptr;
  wanted.count = std::strtoull(number.c_str(), &end, 10);
  if (*end != 0 || number.empty() || number[0] == '-')
    return "--count needs a number, not \"" + number + "\"";
  lang::OutputParse parsed = lang::parse_output(arguments.value("format", default_format));
  if (!parsed.errors.empty()) {
    const lang::OutputError& error = parsed.errors.front();
    return "--format: " + error.message + (error.hint.empty() ? "" : "; " + error.hint);
  }
  wanted.format = std::move(parsed.format);
  return check_live(arguments);
}

struct Totals {
  std::uint64_t printed = 0, lost = 0;
  bool closed = false;  // the reader of stdout is gone
};

// Until `count` events, the end, or an interrupt. `filter`: null if the source filters already.
void print(service::EventFile& file, const Wanted& wanted, const match::Program* filter, bool json,
           Totals& totals) {
  output::LineFormatter formatter(wanted.format, json, wanted.base64);
  std::optional<match::Matcher> matcher;
  service::EventFile::Types types;
  types.set();
  if (filter) {
    matcher.emplace(*filter);
    types = filter->asked_kinds();
  }
  const enrich::Hosts hosts;
  const enrich::Users* users = nullptr;
  std::string line;
  while (const service::EventFile::Step* step = file.next(types)) {
    if (!step->shown) continue;
    fields::Event event = step->event;
    event.hosts = &hosts;
    if (matcher && event.users != users) matcher->use(users = event.users);
    if (matcher && matcher->match(event).empty()) continue;
    line.clear();
    formatter.append(line, event);
    line += '\n';
    // Flushed line by line, for a reader at the other end of a pipe.
    totals.closed =
        std::fwrite(line.data(), 1, line.size(), stdout) != line.size() || std::fflush(stdout) != 0;
    totals.printed++;
    if (totals.closed || totals.printed == wanted.count || (interrupted() && !wanted.file.empty()))
      return;
  }
}

int summarize(const Arguments& arguments, const Totals& totals, std::string_view behind,
              int status) {
  if (!arguments.has("quiet"))
    std::fprintf(stderr, "%llu events printed%s\n", static_cast<unsigned long long>(totals.printed),
                 std::string(behind).c_str());
  return status;
}

Result<std::unique_ptr<match::Program>> compile_condition(const Arguments& arguments,
                                                          const std::string& condition) {
  if (condition.empty()) return std::unique_ptr<match::Program>();
  Result<run::Config> config = read_config_if_asked(arguments);
  if (!config) return Error{config.error().message, EINVAL};
  lang::LoadOptions options;
  options.static_fields = config->static_fields;
  options.standard_input = config->standard_input;
  return run::compile_filter(condition, config->rules_files, options);
}

int print_file(const Arguments& arguments, const Wanted& wanted) {
  Result<std::unique_ptr<match::Program>> filter = compile_condition(arguments, wanted.condition);
  if (!filter) return live_failed("events", filter.error());
  Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(wanted.file);
  if (!file) {
    std::fprintf(stderr, "saker events: %s\n", file.error().message.c_str());
    return exit_failed;
  }
  Totals totals;
  print(**file, wanted, filter->get(), arguments.has("json"), totals);
  for (const std::string& message : (*file)->damage())
    std::fprintf(stderr, "saker events: %s\n", message.c_str());
  return summarize(arguments, totals, "", (*file)->damage().empty() ? exit_ok : exit_failed);
}

int print_live(const Arguments& arguments, const Wanted& wanted) {
  Result<std::unique_ptr<Live>> live = open_live(arguments, wanted.condition, cut_ms);
  if (!live) return live_failed("events", live.error());
  if (!arguments.has("quiet"))
    std::fprintf(stderr, "listening on %s\n", (*live)->describe().c_str());
  Deadline deadline(arguments);
  std::string failure;
  bool described = false;
  auto take = [&]() -> std::optional<std::string> {
    if (!std::exchange(described, true)) return (*live)->description();
    while (!(*live)->end()) {
      Result<void> asked = deadline.look(**live);
      Result<std::optional<std::string>> block = asked ? (*live)->next(look_ms) : asked.error();
      if (block && *block) return std::move(**block);
      if (block) continue;
      failure = block.error().message;
      break;
    }
    return std::nullopt;
  };
  std::unique_ptr<service::EventFile> file =
      service::EventFile::live(std::make_unique<recording::Feed>((*live)->describe(), take));
  Totals totals;
  print(*file, wanted, nullptr, arguments.has("json"), totals);
  if (!failure.empty()) {
    std::fprintf(stderr, "saker events: %s\n", failure.c_str());
    return summarize(arguments, totals, "", exit_unreachable);
  }
  const std::uint64_t lost = (*live)->end() ? (*live)->end()->lost : 0;
  return summarize(arguments, totals, ", " + std::to_string(lost) + " lost",
                   lost ? exit_failed : exit_ok);
}

int run(const Arguments& arguments) {
  Result<run::Config> config = read_config_if_asked(arguments);
  if (!config) return std::fputs(config.error().message.c_str(), stderr), exit_failed;
  Wanted wanted;
  wanted.base64 = config->base64;
  if (std::string wrong = read_wanted(arguments, wanted); !wrong.empty())
    return usage_error(events_command, wrong);
  catch_interrupts();
  return wanted.file.empty() ? print_live(arguments, wanted) : print_file(arguments, wanted);
}

}  // namespace

const Command events_command = {
    .name = "events",
    .synopsis = "[FILE] [CONDITION]",
    .summary = "print events of a file, or live events",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
