// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/units.h"
#include "command.h"
#include "control.h"
#include "live/arguments.h"
#include "terminal.h"
#include "top_rates.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    {'i', "interval", "TIME", "how long each look is: 2s, 500ms (2s)"},
    {'n', "rows", "N", "rows of each table; without it as many as the terminal has room for"},
    {0, "once", "", "one look, then end"},
    {0, "json", "", "print each look as a JSON object on a line"},
    socket_option,
};
constexpr std::uint64_t least_ns = 100'000'000, most_ns = 5'000'000'000;
constexpr std::size_t rows_without_terminal = 10, width_without_terminal = 200;

struct Look {
  std::uint64_t interval_ns = 2'000'000'000;
  std::size_t rows = 0;  // 0: as many as fit
};

std::string read_look(const Arguments& arguments, Look& look) {
  if (!arguments.words.empty()) return "takes no argument";
  const std::optional<std::uint64_t> ns = parse_duration(arguments.value("interval", "2s"));
  if (!ns || *ns < least_ns || *ns > most_ns) return "--interval may be from 100ms to 5s";
  look.interval_ns = *ns;
  const std::string rows = arguments.value("rows", "0");
  char* end = nullptr;
  look.rows = std::strtoul(rows.c_str(), &end, 10);
  if (*end != 0 || rows.empty() || rows[0] == '-')
    return "--rows needs a number, not \"" + rows + "\"";
  return "";
}

Result<nlohmann::json> ask(ControlClient& control) {
  Result<std::string> answer = control.ask("top");
  if (!answer) return answer.error();
  nlohmann::json json = nlohmann::json::parse(*answer, nullptr, false);
  if (!json.is_object() || !json.value("ok", false))
    return Error{"the daemon does not say what is busy: " + *answer};
  return json;
}

void print(const nlohmann::ordered_json& rates, const Look& look, bool again) {
  winsize size{};
  const bool terminal = stdout_is_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  const std::size_t width = terminal && size.ws_col > 20 ? size.ws_col : width_without_terminal;
  // The header, three tables with a header and an empty line each, and the line of the cursor.
  const std::size_t room = terminal && size.ws_row > 14 ? (size.ws_row - 8u) / 3u : 2;
  const std::size_t rows = look.rows ? look.rows : terminal ? room : rows_without_terminal;
  // Moves to the top and erases the previous output.
  if (again && terminal) std::fputs("\033[H\033[2J", stdout);
  std::fputs(top_text(rates, rows, width).c_str(), stdout);
}

int run(const Arguments& arguments) {
  Look look;
  if (const std::string wrong = read_look(arguments, look); !wrong.empty())
    return usage_error(top_command, wrong);
  catch_interrupts();
  Result<ControlClient> control = ControlClient::connect(arguments.value("socket", default_socket));
  Result<nlohmann::json> before = control ? ask(*control) : Result<nlohmann::json>(control.error());
  const bool once = arguments.has("once");
  while (before && !interrupted()) {
    const timespec pause{static_cast<time_t>(look.interval_ns / 1'000'000'000),
                         static_cast<long>(look.interval_ns % 1'000'000'000)};
    ::nanosleep(&pause, nullptr);
    if (interrupted()) break;
    Result<nlohmann::json> now = ask(*control);
    if (now) {
      const nlohmann::ordered_json rates = top_rates(*before, *now);
      if (arguments.has("json"))
        std::printf("%s\n",
                    rates.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
      else
        print(rates, look, !once);
      if (std::fflush(stdout) != 0) return exit_failed;  // the reader of stdout is gone
      if (once) return exit_ok;
    }
    before = std::move(now);
  }
  if (before) return exit_ok;
  std::fprintf(stderr, "saker: %s\n", before.error().message.c_str());
  return exit_unreachable;
}

}  // namespace

const Command top_command = {
    "top",
    "[-i TIME] [-n N] [--once]",
    "which processes, rules and outputs are busy, and what they cost",
    "Shows again and again which processes cause most events, which rules cost most to judge and\n"
    "alert most, and what the outputs write, until interrupted. Costs are of one CPU, estimated "
    "from\n"
    "one event in 64, and only while somebody looks. Not on a terminal, or with --json, each look "
    "is\n"
    "printed below the one before.\n",
    options,
    run};

}  // namespace saker::cli
