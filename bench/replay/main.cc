// SPDX-License-Identifier: Apache-2.0
// replay repeat FROM TO EVENTS [RULES...] | rules COUNT TO RULES... | measure FILE [RULES...]
#include <cstdio>
#include <cstdlib>

#include "commands.h"

namespace {

using namespace saker;

Result<void> act(const std::vector<std::string>& words) {
  auto rest = [&](std::size_t from) {
    return std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(from), words.end());
  };
  auto number = [](const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); };
  const std::string command = words.empty() ? "" : words[0];
  if (command == "repeat" && words.size() >= 4)
    return bench::repeat_capture(words[1], words[2], number(words[3]), rest(4));
  if (command == "rules" && words.size() >= 4)
    return bench::write_rules(number(words[1]), words[2], rest(3));
  if (command == "measure" && words.size() >= 2) return bench::measure_replay(words[1], rest(2));
  return Error{
      "repeat FROM TO EVENTS [RULES...] | rules COUNT TO RULES... | measure FILE [RULES...]"};
}

}  // namespace

int main(int argc, char** argv) {
  Result<void> done = act({argv + 1, argv + argc});
  if (!done) std::fprintf(stderr, "replay: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
