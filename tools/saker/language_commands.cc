// SPDX-License-Identifier: Apache-2.0
// saker fields, saker events-list: the names that a rule may use, and which of them this build
// fills.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "command.h"
#include "lang/describe.h"
#include "scap/origin.h"

namespace saker::cli {
namespace {

// Whether `name` begins with one of the prefixes.
bool chosen(std::string_view name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

// Chooses items from a text that has one indented item per line, some with continuation lines
// indented further.
std::string lines_of(const std::string& text, const std::vector<std::string>& prefixes) {
  std::istringstream lines(text);
  std::string result;
  bool keep = false;
  for (std::string line; std::getline(lines, line);) {
    std::size_t begin = line.find_first_not_of(' ');
    bool begins_item = begin != std::string::npos && begin <= 2;
    if (begins_item) keep = chosen(std::string_view(line).substr(begin), prefixes);
    if (begin == std::string::npos) keep = false;
    if (keep) result += line + "\n";
  }
  return result;
}

std::string members_of(const std::string& text, const std::vector<std::string>& prefixes) {
  nlohmann::json all = nlohmann::json::parse(text), result = nlohmann::json::array();
  for (const auto& item : all)
    if (chosen(item["name"].get<std::string>(), prefixes)) result.push_back(item);
  return result.empty() ? std::string() : result.dump() + "\n";
}

// Prints the whole text, or the items that the prefixes select.
int print_chosen(const Arguments& arguments, const std::string& text, const std::string& json) {
  std::string chosen_text = arguments.has("json") ? json + "\n" : text;
  if (!arguments.words.empty())
    chosen_text =
        arguments.has("json") ? members_of(json, arguments.words) : lines_of(text, arguments.words);
  if (chosen_text.empty()) {
    std::fprintf(stderr, "saker: no name begins with %s\n", arguments.words[0].c_str());
    return exit_failed;
  }
  std::fputs(chosen_text.c_str(), stdout);
  return exit_ok;
}

bool in_captures(std::string_view field) { return scap::fills(fields::find_field(field)); }

int list_fields(const Arguments& arguments) {
  return print_chosen(arguments, lang::fields_text(in_captures), lang::fields_json(in_captures));
}

int list_events(const Arguments& arguments) {
  return print_chosen(arguments, lang::events_text(), lang::events_json());
}

constexpr Option options[] = {json_option};

}  // namespace

const Command fields_command = {
    "fields",
    "[PREFIX...]",
    "list the fields that a rule may name",
    "Lists the fields of conditions and outputs, all or those that begin with a prefix, with\n"
    "type and meaning; for a field that never has a value here, says why.\n",
    options,
    list_fields};
const Command events_list_command = {
    "events-list",
    "[PREFIX...]",
    "list the events that a rule may name",
    "Lists the names of events for evt.type, and which of them this build records.\n",
    options,
    list_events};

}  // namespace saker::cli
