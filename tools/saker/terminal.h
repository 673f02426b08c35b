// SPDX-License-Identifier: Apache-2.0
// Colour, only for people: nothing is added unless stdout is a terminal, and never if NO_COLOR is
// set.
#pragma once

#include <string>
#include <string_view>

namespace saker::cli {

bool stdout_is_terminal();
// `text` in the colour of a priority, given by Falco's name.
std::string painted(std::string_view text, std::string_view priority);
// The raw text of an alert (its JSON's "output") for the terminal or a pipe: escaped once.
std::string alert_line(std::string_view text, std::string_view priority);
enum class Mark { plain, good, bad, doubtful, dim };
std::string marked(std::string_view text, Mark mark);

}  // namespace saker::cli
