// SPDX-License-Identifier: Apache-2.0
// All passes from the bytes of rule files to a program, in their order; this is the only list of
// them. docs/architecture.md says what each makes. load.cc runs the passes of a file for each file
// and those of a set after the last one; compile.cc runs the others.
#pragma once

#include <span>
#include <string_view>

#include "lang/compile/compilation.h"
#include "lang/load_state.h"

namespace saker::lang {

template <typename State>
struct Pass {
  std::string_view name;
  bool (State::*run)();  // false: its result is of no use to later passes
};

inline constexpr Pass<FileState> file_passes[] = {
    {"decode", &FileState::decode},
    {"parse YAML", &FileState::parse_yaml},
    {"read entries", &FileState::read_entries},
    {"note mentions", &FileState::note_mentions},
    {"collect", &FileState::collect},
};

// Also runs before each further file, for everything defined so far: each file must be correct
// together with those before it, as in Falco.
inline constexpr Pass<SetState> set_passes[] = {
    {"resolve", &SetState::resolve},
    {"deduce", &SetState::deduce},
    {"select", &SetState::select},
};

inline constexpr Pass<Compilation> compile_passes[] = {
    {"add rules", &Compilation::add_rules},   {"add conditions", &Compilation::add_conditions},
    {"add events", &Compilation::add_events}, {"add texts", &Compilation::add_texts},
    {"assemble", &Compilation::assemble},
};

template <typename State>
void run_passes(std::span<const Pass<State>> passes, State& state) {
  for (const Pass<State>& pass : passes)
    if (!(state.*pass.run)()) return;
}

}  // namespace saker::lang
