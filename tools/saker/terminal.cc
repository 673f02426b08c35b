// SPDX-License-Identifier: Apache-2.0
#include "terminal.h"

#include <unistd.h>

#include <cstdlib>

#include "output/escape.h"

namespace saker::cli {
namespace {

constexpr std::string_view red = "\033[31m", bold_red = "\033[1;31m", yellow = "\033[33m",
                           green = "\033[32m", cyan = "\033[36m", faint = "\033[2m",
                           reset = "\033[0m";

std::string in_colour(std::string_view text, std::string_view colour) {
  if (!stdout_is_terminal() || colour.empty()) return std::string(text);
  return std::string(colour) + std::string(text) + std::string(reset);
}

std::string_view colour_of(std::string_view priority) {
  if (priority == "Emergency" || priority == "Alert" || priority == "Critical") return bold_red;
  if (priority == "Error") return red;
  if (priority == "Warning") return yellow;
  if (priority == "Notice") return cyan;
  return {};
}

}  // namespace

bool stdout_is_terminal() {
  static const bool terminal = ::isatty(STDOUT_FILENO) == 1 && !std::getenv("NO_COLOR");
  return terminal;
}

std::string painted(std::string_view text, std::string_view priority) {
  return in_colour(text, colour_of(priority));
}

std::string alert_line(std::string_view text, std::string_view priority) {
  std::string line;
  output::append_line(line, text);
  return painted(line, priority);
}

std::string marked(std::string_view text, Mark mark) {
  switch (mark) {
    case Mark::plain: return std::string(text);
    case Mark::good: return in_colour(text, green);
    case Mark::bad: return in_colour(text, bold_red);
    case Mark::doubtful: return in_colour(text, yellow);
    case Mark::dim: return in_colour(text, faint);
  }
  return std::string(text);
}

}  // namespace saker::cli
