// SPDX-License-Identifier: Apache-2.0
// Turns a verdict and an event into an alert, as a text line and as a JSON line with Falco's keys.
// One formatter for each thread that matches (it owns a scratch); the rules' texts are shared and
// must outlive it. It allocates nothing until a rule matches.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "fields/event.h"
#include "match/matcher.h"
#include "output/alert.h"
#include "output/rule_text.h"

namespace saker::output {

struct FormatOptions {
  bool text = true, json = true;  // which of the two lines to make
  bool base64 = false;            // bytes as base64 instead of text (buffer_format_base64)
  bool iso_time = false;          // evt.time.iso8601 instead of evt.time (time_format_iso_8601)
  bool include_output = true;     // json_include_output_property
  bool include_tags = true;       // json_include_tags_property
  bool include_message = false;   // json_include_message_property
  bool include_fields = true;     // json_include_output_fields_property
  bool sources = false, messages = false;  // whether alerts bear these (alert.h)
  std::string hostname;                    // as evt.hostname
};

class Formatter {
 public:
  Formatter(std::span<const RuleText> rules, FormatOptions options,
            const enrich::Users* users = nullptr);
  ~Formatter();
  Formatter(Formatter&&) noexcept;

  // Call it while the event's record and process are valid.
  Alert render(const match::Verdict& verdict, const fields::Event& event);
  // Call it between two events when the users have changed.
  void use(const enrich::Users* users);
  // Call it between two events: make JSON even if the options do not ask for it.
  void use_json(bool too);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Adds the name of the recording that holds the alert's event and the events around it: "recording"
// in JSON, and at the end of the text.
void add_recording(Alert& alert, std::string_view path);

// Formats events without a rule: one line each, as text or as JSON with the format's fields.
class LineFormatter {
 public:
  LineFormatter(lang::OutputFormat format, bool json, bool base64 = false);
  ~LineFormatter();

  // Call it while the event's record and process are valid.
  void append(std::string& out, const fields::Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An alert of the sensor itself (lost records, a failing sink): source "internal", no tags.
// `fields`: rendered JSON values by key.
Alert internal_alert(const FormatOptions& options, std::string_view rule, lang::Priority priority,
                     std::string_view message, std::uint64_t time_ns,
                     const std::map<std::string, std::string>& fields = {});

}  // namespace saker::output
