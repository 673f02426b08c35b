// SPDX-License-Identifier: Apache-2.0
// A rule that held for an event, rendered: what the sinks write. It refers to nothing: the record
// it was made of may be gone. Made by Formatter on the thread that drains; any thread may take it
// over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lang/rules.h"

namespace saker::output {

constexpr std::uint32_t no_rule = 0xffffffff;

// The two lines an alert can be written as.
enum class Form : std::uint8_t { text, json };

struct Alert {
  std::uint32_t rule = no_rule;  // as in match::Verdict; no_rule: the sensor's own
  lang::Priority priority = lang::Priority::debug;
  bool capture = false;          // its rule wants a recording
  std::uint32_t capture_ms = 0;  // ... of so much after it; 0: as configured
  std::uint64_t time = 0;        // of the event, wall clock, ns
  std::uint64_t recorded = 0;    // when its record was made, CLOCK_BOOTTIME ns; 0: it is of none
  std::uint8_t lane = 0;         // that the record came by, SAKER_LANE_*
  // Each one line without its newline, ready to be written: nothing in it needs escaping any more.
  std::string
      text;  // "10:00:51.668189240: Warning message"; empty if the formatter was not asked for it
  std::string json;  // Falco's JSON alert; likewise
  std::string rule_name;

  // The line in that form; where it was not rendered (the outputs changed meanwhile), the other.
  const std::string& line(Form form) const {
    const std::string& wanted = form == Form::json ? json : text;
    return !wanted.empty() ? wanted : form == Form::json ? text : json;
  }
  // Critical or worse: what queues keep to the last.
  bool severe() const { return priority <= lang::Priority::critical; }
  // Of memory, about.
  std::size_t bytes() const { return sizeof(Alert) + text.size() + json.size(); }
};

// As the outputs have it in common: nobody changes it any more.
using SharedAlert = std::shared_ptr<const Alert>;

}  // namespace saker::output
