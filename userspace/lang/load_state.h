// SPDX-License-Identifier: Apache-2.0
// The data of the loading passes: a file that is being turned into definitions, and the definitions
// of all files that are being turned into rules. For load.cc and passes.h; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lang/read/collector.h"
#include "lang/read/mentions.h"
#include "lang/read/reader.h"
#include "lang/read/sources.h"
#include "lang/read/yaml_tree.h"
#include "lang/report.h"
#include "lang/resolve/resolve.h"
#include "lang/rules.h"

namespace saker::lang {

struct FileState {
  Sources& sources;
  Report& report;
  Mentions& mentions;
  Collector& collector;
  std::string name, text;

  bool decode();
  bool parse_yaml();
  bool read_entries();
  bool note_mentions();
  bool collect();

  SourceId id = 0;
  std::optional<YamlTree> tree = {};
  std::vector<Entry> entries = {};
};

struct SetState {
  const LoadOptions& options;
  Resolver resolver;
  std::size_t since = 0;  // index of the first definition that was not resolved yet
  bool last = false;      // this was the last file

  bool resolve();
  bool deduce();
  bool select();

  RuleSet set = {};
};

}  // namespace saker::lang
