// SPDX-License-Identifier: Apache-2.0
#include "service/falco_arguments.h"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace saker::service {
namespace {

// Options of Falco, now or formerly, that have a replacement here or none.
struct Elsewhere {
  std::string_view name;
  char letter;  // 0: none
  int value;
  bool harmless;  // it is ignored with a warning
  std::string_view text;
};

constexpr std::string_view by_tag =
    "write -o 'rules=[{disable={tag=\"TAG\"}}]', or enable=, or rule=NAME in place of the tag";
constexpr std::string_view no_plugins = "Saker loads no plugins";
constexpr std::string_view no_kubernetes = "Saker queries no API server; it knows pods without one";

constexpr Elsewhere elsewhere[] = {
    {"stats", 's', required_argument, false,
     "saker status --json has the counters, and /metrics (webserver.enabled)"},
    {"stats-interval", 0, required_argument, false, "scrape /metrics as often as you want"},
    {"ignored-events", 'i', no_argument, false,
     "no event is left out because of its volume; saker events-list shows those that are recorded"},
    {"support", 0, no_argument, false,
     "saker status --json shows the daemon, sakerd --check checks configuration and rules"},
    {"list-plugins", 0, no_argument, false, no_plugins},
    {"plugin-info", 0, required_argument, false, no_plugins},
    {"config-schema", 0, no_argument, false,
     "docs/saker.toml.example shows every key; sakerd --check checks a configuration"},
    {"rule-schema", 0, no_argument, false, "saker rules check checks rules"},
    {"page-size", 0, no_argument, false, "getconf PAGESIZE prints it"},
    {"daemon", 'd', no_argument, false, "systemctl start saker runs it in the background"},
    {"disable-rules", 'D', required_argument, false, by_tag},
    {"disable-tag", 'T', required_argument, false, by_tag},
    {"enable-tag", 't', required_argument, false, by_tag},
    {"snaplen", 'S', required_argument, true, "the recorded length of a buffer is fixed"},
    {"all-events", 'A', no_argument, true, "the rules say which events are recorded"},
    {"cri", 0, required_argument, true, "container runtimes are found automatically"},
    {"disable-cri-async", 0, no_argument, true,
     "a runtime's files are read without a request to it"},
    {"modern-bpf", 0, no_argument, true, "Saker's module is the only event source"},
    {"nodriver", 0, no_argument, false, "Saker's module is the only event source"},
    {"userspace", 'u', no_argument, false, "Saker's module is the only event source"},
    {"gvisor-config", 'g', required_argument, false, "gVisor is not an event source here"},
    {"gvisor-root", 0, required_argument, false, "gVisor is not an event source here"},
    {"k8s-api", 'k', required_argument, true, no_kubernetes},
    {"k8s-api-cert", 'K', required_argument, true, no_kubernetes},
    {"k8s-node", 0, required_argument, true, no_kubernetes},
    {"unbuffered", 'U', no_argument, true, ""},  // output is never buffered
};

// Codes of long options without a letter; those of `elsewhere` follow.
enum : int {
  code_check = 256,
  code_version,
  code_list,
  code_events,
  code_enable,
  code_disable,
  code_format,
  code_markdown,
  code_elsewhere
};

constexpr option own[] = {{"config", required_argument, nullptr, 'c'},
                          {"rules", required_argument, nullptr, 'r'},
                          {"option", required_argument, nullptr, 'o'},
                          {"check", no_argument, nullptr, code_check},
                          {"dry-run", no_argument, nullptr, code_check},
                          {"version", no_argument, nullptr, code_version},
                          {"help", no_argument, nullptr, 'h'},
                          {"validate", required_argument, nullptr, 'V'},
                          {"pidfile", required_argument, nullptr, 'P'},
                          {"print", required_argument, nullptr, 'p'},
                          {"print-base64", no_argument, nullptr, 'b'},
                          {"verbose", no_argument, nullptr, 'v'},
                          {"list", optional_argument, nullptr, code_list},
                          {"list-events", no_argument, nullptr, code_events},
                          {"list-syscall-events", no_argument, nullptr, code_events},
                          {"enable-source", required_argument, nullptr, code_enable},
                          {"disable-source", required_argument, nullptr, code_disable},
                          {"format", required_argument, nullptr, code_format},
                          {"markdown", no_argument, nullptr, code_markdown}};

const Elsewhere* find_elsewhere(int code) {
  if (code >= code_elsewhere) return &elsewhere[code - code_elsewhere];
  const auto* found = std::ranges::find(elsewhere, static_cast<char>(code), &Elsewhere::letter);
  return found == std::end(elsewhere) || code == 0 ? nullptr : found;
}

// -p FORMAT, and Falco's -pc, -pk, whose fields are in the suggested output.
void take_print(std::string_view format, DaemonArguments& to) {
  for (const std::string_view name : {"c", "k", "m", "container", "kubernetes", "mesos"})
    if (format == name) {
      to.suggested_output = true;
      return;
    }
  to.extra_output += (to.extra_output.empty() ? "" : " ") + std::string(format);
}

Result<void> take_source(int code, std::string_view source) {
  const bool syscall = source == "syscall", enable = code == code_enable;
  if (syscall == enable) return {};
  return Error{syscall ? std::string("--disable-source syscall leaves no event source")
                       : "--enable-source " + std::string(source) +
                             ": there is one source, syscall (no plugins)"};
}

Result<void> take_seconds(const std::string& text, DaemonArguments& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to.seconds);
  if (error == std::errc() && end == text.data() + text.size() && to.seconds < 1'000'000'000)
    return {};
  return Error{"-M \"" + text + "\" is not a number of seconds"};
}

}  // namespace

const option* all_options() {
  static const auto all = [] {
    std::array<option, std::size(own) + std::size(elsewhere) + 1> out{};
    std::size_t at = 0;
    for (const option& each : own) out[at++] = each;
    for (std::size_t i = 0; i < std::size(elsewhere); i++)
      out[at++] = {elsewhere[i].name.data(), elsewhere[i].value, nullptr,
                   code_elsewhere + static_cast<int>(i)};
    return out;
  }();
  return all.data();
}

const char* all_letters() {
  static const std::string all = [] {
    std::string out = "c:r:o:hV:Ll:M:NP:p:e:bv";
    for (const Elsewhere& each : elsewhere)
      if (each.letter) out.append(1, each.letter).append(each.value == no_argument ? "" : ":");
    return out;
  }();
  return all.c_str();
}

Result<void> take_falco_option(int code, const char* value, DaemonArguments& to) {
  switch (code) {
    case code_check: to.check = true; return {};
    case code_version: to.version = true; return {};
    case 'V': to.validate.push_back(value); return {};
    case 'L': to.command = SakerCommand::all_rules; return {};
    case 'l':
      to.command = SakerCommand::rule;
      to.asked = value;
      return {};
    case 'e':
      to.command = SakerCommand::replay;
      to.asked = value;
      return {};
    case code_list: to.command = SakerCommand::fields; return {};
    case code_events: to.command = SakerCommand::events; return {};
    case 'M': return take_seconds(value, to);
    case 'P': to.pid_file = value; return {};
    case 'p': take_print(value, to); return {};
    case 'b': to.overrides.push_back("buffer_format_base64=true"); return {};
    case 'v': to.verbose = true; return {};
    case code_enable:
    case code_disable: return take_source(code, value);
    case 'N':
    case code_format:
    case code_markdown:
      to.notes.push_back("saker fields and saker events-list have one form, and --json");
      return {};
    default: break;
  }
  const Elsewhere* found = find_elsewhere(code);
  if (!found) return Error{"unknown option"};
  const std::string name =
      found->letter ? std::string("-") + found->letter : "--" + std::string(found->name);
  if (!found->harmless) return Error{name + " is not here: " + std::string(found->text)};
  if (!found->text.empty())
    to.notes.push_back(name + " has no effect here: " + std::string(found->text));
  return {};
}

std::vector<std::string> command_of(const DaemonArguments& arguments) {
  std::vector<std::string> words;
  switch (arguments.command) {
    case SakerCommand::fields: return {"fields"};
    case SakerCommand::events: return {"events-list"};
    case SakerCommand::all_rules: words = {"rules", "list"}; break;
    case SakerCommand::rule: words = {"rules", "show"}; break;
    case SakerCommand::replay: words = {"replay"}; break;
    case SakerCommand::nothing:
      if (arguments.validate.empty()) return {};
      words = {"rules", "check"};
  }
  if (arguments.config_given) words.insert(words.end(), {"-c", arguments.config});
  for (const std::string& each : arguments.overrides) words.insert(words.end(), {"-o", each});
  for (const std::string& each : arguments.rules) words.insert(words.end(), {"-r", each});
  // Falco prints JSON here if its alerts are JSON.
  for (const std::string& each : arguments.overrides)
    if (each == "json_output=true") words.push_back("--json");
  if (!arguments.asked.empty()) words.insert(words.end(), {"--", arguments.asked});
  words.insert(words.end(), arguments.validate.begin(), arguments.validate.end());
  return words;
}

}  // namespace saker::service
