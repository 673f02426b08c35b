// SPDX-License-Identifier: Apache-2.0
// An alert: a rule that matched an event, rendered as the sinks write it. It refers to nothing: the
// record may be gone. Made by Formatter on the drain thread; any thread may take it over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lang/rules.h"

namespace saker::output {

constexpr std::uint32_t no_rule = 0xffffffff;

// The two forms in which an alert can be written.
enum class Form : std::uint8_t { text, json };

struct Alert {
  std::uint32_t rule = no_rule;  // as in match::Verdict; no_rule: an alert of the sensor itself
  lang::Priority priority = lang::Priority::debug;
  bool capture = false;          // its rule asks for a recording
  std::uint32_t capture_ms = 0;  // ... of this length after it; 0: as configured
  std::uint64_t time = 0;        // of the event, wall clock, ns
  std::uint64_t recorded = 0;    // when its record was made, CLOCK_BOOTTIME ns; 0: it is of none
  std::uint8_t lane = 0;         // that the record came by, SAKER_LANE_*
  // Each is one line without its newline, ready to be written: everything is escaped.
  std::string
      text;  // "10:00:51.668189240: Warning message"; empty if the formatter was not asked for it
  std::string json;  // Falco's JSON alert; empty if the formatter was not asked for it
  std::string rule_name;
  // Only where FormatOptions ask for it.
  std::string exepath, image;  // what it comes from: the program, and its container's image
  std::string message;         // without its time, as it is: what repeats have in common

  // The line in that form; the other form if that one was not rendered (the outputs changed in
  // between).
  const std::string& line(Form form) const {
    const std::string& wanted = form == Form::json ? json : text;
    return !wanted.empty() ? wanted : form == Form::json ? text : json;
  }
  // Critical or above: queues keep these longest.
  bool severe() const { return priority <= lang::Priority::critical; }
  // Approximate memory.
  std::size_t bytes() const {
    return sizeof(Alert) + text.size() + json.size() + exepath.size() + image.size() +
           message.size();
  }
};

// Shared by the outputs: it never changes any more.
using SharedAlert = std::shared_ptr<const Alert>;

}  // namespace saker::output
