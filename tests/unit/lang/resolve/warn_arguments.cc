// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/warn_arguments.h"

#include <doctest/doctest.h>

#include "../loaded.h"

using namespace saker;
using namespace saker::lang;

namespace {

// Line, column and hint of each warning about an argument that no event has.
std::string warned(const std::string& condition, const std::string& before = {}) {
  std::string text;
  for (const Diagnostic& warning : loaded({before + rule(condition)}).diagnostics()) {
    if (warning.message.find("has an argument") == std::string::npos) continue;
    CHECK(warning.code == Code::warn_compile_condition);
    text += std::to_string(warning.pos.line) + ":" + std::to_string(warning.pos.column) + " " +
            warning.hint + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("an argument that no event of the rule has causes a warning at its place") {
  CHECK(warned("evt.type = setuid and evt.arg.backlog = 3") ==
        "2:36 arguments of setuid: res, uid\n");
  CHECK(warned("evt.type = setuid and evt.rawarg.backlog = 3") ==
        "2:36 arguments of setuid: res, uid\n");
  CHECK(warned("evt.type = setuid and evt.arg.uid = root") == "");
  CHECK(warned("evt.type in (setuid, listen) and evt.arg.backlog = 3") == "");
  CHECK(warned("evt.type = setuid and evt.arg[7] = 3") == "");
  // Only captures have such events, with all arguments.
  CHECK(warned("evt.type = semctl and evt.arg.backlog = 3") == "");
}

TEST_CASE("an argument in a macro causes a warning if none of our events has it") {
  const std::string cpu = "- macro: busy\n  condition: evt.arg.cpu_usr > 3\n";
  CHECK(warned("evt.type = setuid and busy", cpu) == "4:14 arguments of setuid: res, uid\n");
  CHECK(warned("evt.type = setuid and queued",
               "- macro: queued\n  condition: evt.arg.backlog > 3\n") == "");
}
