// SPDX-License-Identifier: Apache-2.0
// saker outputs list, show, test: the configured outputs, and the kinds of outputs.
#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "command.h"
#include "deadline.h"
#include "output/format.h"
#include "output/kinds/kind.h"
#include "output/sinks/open_peer.h"
#include "rule_arguments.h"
#include "run/open_sinks.h"

namespace saker::cli {
namespace {

using output::Key;
using output::Kind;
using output::Settings;

constexpr Option list_options[] = {
    {'a', "all", "", "every kind of output"}, config_option, key_option};
constexpr Option show_options[] = {config_option, key_option};
constexpr Option test_options[] = {{'n', "dry-run", "", "print what would be sent, send nothing"},
                                   {0, "secrets", "", "also print passwords and tokens"},
                                   {0, "timeout", "SECONDS", "time limit for one output (15)"},
                                   config_option,
                                   key_option};

constexpr std::string_view hidden = "***";

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string joined(const output::Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

std::string shown(const output::Setting& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* list = std::get_if<output::Texts>(&value)) {
    std::string out;
    for (const std::string& text : *list) out += (out.empty() ? "\"" : ", \"") + text + "\"";
    return "[" + out + "]";
  }
  std::string out;
  for (const auto& [name, text] : std::get<output::Pairs>(value))
    out += (out.empty() ? "\"" : ", \"") + name + "\" = \"" + text + "\"";
  return "{ " + out + " }";
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void list_kinds() {
  std::vector<const Kind*> all;
  for (const Kind& kind : output::kinds()) all.push_back(&kind);
  std::ranges::stable_sort(all, {}, &Kind::category);
  std::string category;
  for (const Kind* kind : all) {
    if (kind->category != category) print((category.empty() ? "" : "\n") + kind->category + ":\n");
    category = kind->category;
    print("  " + padded(kind->name, 20) + kind->summary + "\n");
  }
  if (output::absent_kinds().empty()) return;
  print("\nnot here:\n");
  for (const output::AbsentKind& absent : output::absent_kinds())
    print("  " + padded(std::string(absent.name), 20) + std::string(absent.reason) + "\n");
}

int list(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(outputs_list_command, "takes no argument");
  if (arguments.has("all")) {
    list_kinds();
    return exit_ok;
  }
  Result<run::Config> config = read_config(arguments);
  if (!config) {
    std::fputs(config.error().message.c_str(), stderr);
    return exit_failed;
  }
  print(padded("NAME", 24) + padded("TYPE", 16) + padded("PRIORITY", 15) + "FORMAT\n");
  for (const Settings& settings : run::wanted_outputs(*config))
    print(padded(settings.name, 24) + padded(settings.type, 16) +
          padded(std::string(lang::priority_name(settings.priority)), 15) + settings.format + "\n");
  return exit_ok;
}

void show_kind(const Kind& kind) {
  print("[[output]]\ntype = \"" + kind.name + "\"   # " + kind.summary + "\n");
  print("#format = \"" + kind.formats.front() + "\"   # " + joined(kind.formats) + "\n");
  for (const Key& key : kind.keys) {
    const std::string value = key.preset ? shown(*key.preset) : "\"" + key.example + "\"";
    print((key.required ? "" : "#") + key.name + " = " + value + "   # " + key.help +
          (key.choices.empty() ? "" : ": " + joined(key.choices)) + "\n");
  }
}

void show_settings(const Settings& settings) {
  const Kind* kind = output::find_kind(settings.type);
  print("[[output]]\ntype = \"" + settings.type + "\"\nname = \"" + settings.name +
        "\"\nminimumpriority = \"" + std::string(lang::priority_name(settings.priority)) +
        "\"\nformat = \"" + settings.format + "\"\n");
  for (const auto& [name, value] : settings.values) {
    const Key* key = kind->find(name);
    print(name + " = " + (key && key->secret ? "\"***\"" : shown(value)) + "\n");
  }
}

int show(const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return usage_error(outputs_show_command, "takes the name of an output, or of a kind");
  const std::string& name = arguments.words[0];
  Result<run::Config> config = read_config(arguments);
  // A kind is shown even if the configuration has errors.
  if (config)
    for (const Settings& settings : run::wanted_outputs(*config))
      if (settings.name == name) {
        show_settings(settings);
        return exit_ok;
      }
  if (const Kind* kind = output::find_kind(name)) {
    show_kind(*kind);
    return exit_ok;
  }
  for (const output::AbsentKind& absent : output::absent_kinds())
    if (absent.name == name)
      std::fprintf(stderr, "saker: %s: %s\n", name.c_str(), std::string(absent.reason).c_str());
  if (!config) std::fputs(config.error().message.c_str(), stderr);
  std::fprintf(stderr,
               "saker: there is no output \"%s\"; saker outputs list --all shows all kinds\n",
               name.c_str());
  return exit_failed;
}

output::SharedAlert test_alert() {
  output::FormatOptions format;
  format.hostname = run::host_name();
  const std::map<std::string, std::string> fields = {
      {"proc.name", "\"saker\""}, {"test", "true"}, {"user.name", "\"root\""}};
  return std::make_shared<output::Alert>(output::internal_alert(
      format, "Test rule", lang::Priority::debug, "Test of an output by saker outputs test",
      clock_ns(CLOCK_REALTIME), fields));
}

// Replaces each secret by stars.
Settings without_secrets(Settings settings) {
  for (const Key& key : output::find_kind(settings.type)->keys)
    if (key.secret && !settings.text(key.name).empty())
      settings.values[key.name] = std::string(hidden);
  return settings;
}

bool test_one(const Settings& settings, const Arguments& arguments, std::uint64_t within_ns) {
  const bool dry = arguments.has("dry-run");
  auto peer =
      output::open_peer(dry && !arguments.has("secrets") ? without_secrets(settings) : settings,
                        {.hostname = run::host_name()});
  const auto fail = [&](const std::string& why) {
    std::fprintf(stderr, "%s: failed: %s\n", settings.name.c_str(), why.c_str());
    return false;
  };
  if (!peer) return fail(peer.error().message);
  const output::SharedAlert batch[] = {test_alert()};
  if (dry) {
    print("# " + settings.name + "\n" + (*peer)->preview(batch));
    return true;
  }
  Deadline deadline(within_ns);
  const output::Delivery done = (*peer)->deliver(batch, deadline);
  if (!done.note.empty())
    std::fprintf(stderr, "%s: %s\n", settings.name.c_str(), done.note.c_str());
  if (done.delivered == 1) {
    std::fprintf(stderr, "%s: delivered\n", settings.name.c_str());
    return true;
  }
  return fail(done.error.empty() ? "not delivered in time" : done.error);
}

int test(const Arguments& arguments) {
  Result<run::Config> config = read_config(arguments);
  if (!config) {
    std::fputs(config.error().message.c_str(), stderr);
    return exit_failed;
  }
  const std::vector<Settings> all = run::wanted_outputs(*config);
  for (const std::string& name : arguments.words)
    if (std::ranges::find(all, name, &Settings::name) == all.end()) {
      std::fprintf(stderr, "saker: no output of the configuration is named \"%s\"\n", name.c_str());
      return exit_failed;
    }
  const std::string seconds = arguments.value("timeout", "15");
  const std::uint64_t within = std::strtoull(seconds.c_str(), nullptr, 10);
  if (within == 0 || within > 3600)
    return usage_error(outputs_test_command, "--timeout is a number of seconds from 1 to 3600");
  bool good = true;
  for (const Settings& settings : all)
    if (arguments.words.empty() || std::ranges::count(arguments.words, settings.name))
      good &= test_one(settings, arguments, within * 1'000'000'000);
  return good ? exit_ok : exit_failed;
}

}  // namespace

const Command outputs_list_command = {
    "outputs list",
    "",
    "the configured outputs, or all kinds",
    "Lists the configured outputs; with --all, every kind of output.\n",
    list_options,
    list};

const Command outputs_show_command = {
    "outputs show",
    "NAME|TYPE",
    "the settings of an output, or the keys of a kind",
    "Prints the settings of a configured output, without its secrets; or the keys of an\n"
    "output type with their defaults.\n",
    show_options,
    show};

const Command outputs_test_command = {
    "outputs test",
    "[NAME]...",
    "send a test alert to outputs",
    "Sends a test alert of priority debug to the named outputs, or to all configured ones,\n"
    "whatever their minimum priority, and reports the result. The exit status is 1 if an\n"
    "output did not accept it. With --dry-run, prints exactly what would be sent.\n",
    test_options,
    test};

}  // namespace saker::cli
