// SPDX-License-Identifier: Apache-2.0
// The entries of a rule file as the reader passes them to the collector, before append, override
// and redefinition are applied. Plain data; a missing key is an empty optional.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lang/read/sources.h"
#include "lang/rules.h"

namespace saker::lang {

struct TextAt {
  std::string text;
  SourcePlace origin;
};

struct ExceptionEntry {
  struct Value {  // one component of a tuple
    bool list = false;
    std::vector<TextAt> items;  // one unless list
    SourcePlace origin;
  };
  struct Tuple {
    bool scalar = false;  // written without brackets: one value, one item
    std::vector<Value> values;
    SourcePlace origin;
  };
  TextAt name;
  bool has_fields = false, has_comps = false, has_values = false;
  bool scalar_fields = false, scalar_comps = false;
  std::vector<TextAt> fields, comps;
  std::vector<Tuple> values;
};

enum class Operation : std::uint8_t { append, replace };
using Overrides = std::map<std::string, Operation>;

struct ListEntry {
  TextAt name;
  SourcePlace origin;
  std::vector<TextAt> items;
  bool append = false;
  Overrides overrides;
};

struct MacroEntry {
  TextAt name;
  SourcePlace origin;
  MappedText condition;
  bool append = false;
  Overrides overrides;
};

struct RuleEntry {
  TextAt name;
  SourcePlace origin;
  std::optional<MappedText> condition, output;
  std::optional<TextAt> desc, source;
  std::optional<Priority> priority;
  std::optional<bool> enabled, warn_evttypes, skip_if_unknown_filter, capture;
  std::optional<std::uint32_t> capture_duration_ms;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::vector<ExceptionEntry>> exceptions;
  bool append = false;
  // a definition with errors, which are reported: the rest is still checked, but no rule is made
  bool broken = false;
  Overrides overrides;
};

}  // namespace saker::lang
