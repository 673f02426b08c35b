// SPDX-License-Identifier: Apache-2.0
#include "compiled_view.h"

#include "fields/event_names.h"

namespace saker::cli {
namespace {

using match::CompiledCode;
using match::CompiledEvents;
using match::CompiledRule;
using match::CompiledStep;
using nlohmann::json;

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string result;
  for (const std::string& text : texts) {
    if (!result.empty()) result += between;
    result += text;
  }
  return result;
}

std::vector<std::string> names_of(const CompiledEvents& events) {
  std::vector<std::string> names;
  for (fields::EventKind kind : events.kinds) names.emplace_back(fields::kind_name(kind));
  return names;
}

// A rule for every event would list several hundred.
std::string events_text(const CompiledEvents& events) {
  constexpr std::size_t shown = 12;
  std::vector<std::string> names = names_of(events);
  std::size_t more = names.size() > shown + 1 ? names.size() - shown : 0;
  names.resize(names.size() - more);
  return joined(names, " ") + (more ? " and " + std::to_string(more) + " more" : "");
}

std::string way_text(const CompiledEvents& events) {
  std::vector<std::string> ways;
  if (events.always) ways.emplace_back("every time");
  for (const std::string& probe : events.found_by) ways.push_back("if the " + probe + " finds it");
  for (const std::string& gate : events.gates)
    ways.push_back("only if this is true, tested once for all rules that need it: " + gate);
  return "  at " + events_text(events) + "\n    looked at " + joined(ways, "\n    or ") +
         "\n    true if tests " + std::to_string(events.code) + " hold\n";
}

std::string notes_text(bool remembered, bool views, std::uint32_t rules) {
  std::string notes;
  if (remembered) notes += ", once for each process";
  if (views) notes += ", for each view of the path";
  if (rules > 1) notes += ", shared by " + std::to_string(rules) + " rules";
  return notes;
}

std::string next_text(std::uint32_t step) {
  if (step == CompiledStep::hold) return "holds";
  if (step == CompiledStep::fail) return "fails";
  return "go to " + std::to_string(step);
}

std::string step_text(const CompiledStep& step, std::size_t number) {
  std::string place = std::to_string(number);
  std::string text =
      "    " + std::string(place.size() < 3 ? 3 - place.size() : 0, ' ') + place + "  ";
  text += step.code ? "tests " + std::to_string(step.code) : step.text;
  std::string how = step.method + notes_text(step.remembered, step.views, step.rules);
  if (how.starts_with(", ")) how.erase(0, 2);
  if (!how.empty()) text += "\n           " + how;
  return text + "\n           yes: " + next_text(step.yes) + ", no: " + next_text(step.no) + "\n";
}

std::string code_text(const CompiledCode& code, std::size_t number) {
  std::string notes = notes_text(code.remembered, false, code.rules);
  if (!notes.empty()) notes = " (" + notes.substr(2) + ")";
  std::string text = "  tests " + std::to_string(number) + notes + "\n";
  if (code.steps.empty()) text += "         hold always\n";
  for (std::size_t i = 0; i < code.steps.size(); i++) text += step_text(code.steps[i], i + 1);
  return text;
}

json next_json(std::uint32_t step) {
  if (step == CompiledStep::hold) return true;
  if (step == CompiledStep::fail) return false;
  return step;
}

json step_json(const CompiledStep& step) {
  json result = {{"once_per_process", step.remembered},
                 {"views", step.views},
                 {"rules", step.rules},
                 {"yes", next_json(step.yes)},
                 {"no", next_json(step.no)}};
  if (step.code) {
    result["tests"] = step.code;
  } else {
    result["test"] = step.text;
    result["method"] = step.method;
  }
  return result;
}

}  // namespace

std::string compiled_text(const CompiledRule& rule) {
  std::string text = "compiled:\n";
  if (rule.events.empty())
    return text + "  not in the program: it is disabled, or can never match\n";
  for (const CompiledEvents& events : rule.events) text += way_text(events);
  for (std::size_t i = 0; i < rule.codes.size(); i++) text += code_text(rule.codes[i], i + 1);
  return text;
}

json compiled_json(const CompiledRule& rule) {
  json events = json::array(), tests = json::array();
  for (const CompiledEvents& way : rule.events)
    events.push_back({{"events", names_of(way)},
                      {"always", way.always},
                      {"found_by", way.found_by},
                      {"gates", way.gates},
                      {"tests", way.code}});
  for (const CompiledCode& code : rule.codes) {
    json steps = json::array();
    for (const CompiledStep& step : code.steps) steps.push_back(step_json(step));
    tests.push_back({{"once_per_process", code.remembered},
                     {"rules", code.rules},
                     {"steps", std::move(steps)}});
  }
  return {{"events", std::move(events)}, {"tests", std::move(tests)}};
}

}  // namespace saker::cli
