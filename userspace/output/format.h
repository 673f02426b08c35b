// SPDX-License-Identifier: Apache-2.0
// Verdict and event -> alert, as a text line and as a JSON line with Falco's keys. One formatter
// for each thread that matches (it holds a scratch); the rules' texts are shared and must outlive
// it. Nothing is allocated until a rule holds.
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
  bool base64 = false;            // bytes as base64 in place of text (buffer_format_base64)
  bool iso_time = false;          // evt.time.iso8601 in place of evt.time (time_format_iso_8601)
  bool include_output = true;     // json_include_output_property
  bool include_tags = true;       // json_include_tags_property
  bool include_message = false;   // json_include_message_property
  bool include_fields = true;     // json_include_output_fields_property
  std::string hostname;           // as evt.hostname
};

class Formatter {
 public:
  Formatter(std::span<const RuleText> rules, FormatOptions options,
            const enrich::Users* users = nullptr);
  ~Formatter();
  Formatter(Formatter&&) noexcept;

  // While the event's record and process are valid.
  Alert render(const match::Verdict& verdict, const fields::Event& event);
  // Between two events: the users changed.
  void use(const enrich::Users* users);
  // Likewise: makes JSON although the options do not say so.
  void use_json(bool too);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Names the recording that holds the alert's event, and what came before and after it: "recording"
// in JSON, and at the end of the text.
void add_recording(Alert& alert, std::string_view path);

// Events in a format of their own, without a rule: one line each, as text or as JSON with the
// format's fields.
class LineFormatter {
 public:
  LineFormatter(lang::OutputFormat format, bool json, bool base64 = false);
  ~LineFormatter();

  // While the event's record and process are valid.
  void append(std::string& out, const fields::Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An alert of the sensor itself (records lost, a sink that fails): source "internal", no tags.
// `fields`: JSON values by key, rendered already.
Alert internal_alert(const FormatOptions& options, std::string_view rule, lang::Priority priority,
                     std::string_view message, std::uint64_t time_ns,
                     const std::map<std::string, std::string>& fields = {});

}  // namespace saker::output
