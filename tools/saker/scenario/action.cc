// SPDX-License-Identifier: Apache-2.0
#include "action.h"

#include <string>

namespace saker::cli {
namespace {

constexpr RunPlace host = RunPlace::host, container = RunPlace::container,
                   privileged = RunPlace::privileged_container;

struct Row {
  std::string_view name, rule, summary;
  Action action;
};

#define ACTION(name, rule, summary, ...) {"syscall." #name, rule, summary, {__VA_ARGS__}},
constexpr Row rows[] = {
#include "actions.def"
};
#undef ACTION

constexpr std::size_t count = std::size(rows);

struct Table {
  Scenario entries[count];
  constexpr Table() : entries() {
    for (std::size_t i = 0; i < count; i++)
      entries[i] = {rows[i].name, rows[i].rule, rows[i].summary, true,
                    true,         act_script,   &rows[i].action};
  }
};
constexpr Table table;

}  // namespace

std::span<const Scenario> actions() { return table.entries; }

}  // namespace saker::cli
