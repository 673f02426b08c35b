// SPDX-License-Identifier: Apache-2.0
#include "service/config/config.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/units.h"
#include "service/config/include.h"
#include "service/config/keys.h"
#include "service/config/override.h"
#include "service/config/text.h"

namespace saker::service {
namespace {

// Larger than any configuration; -c may name any file by mistake.
constexpr std::size_t max_bytes = 1u << 20;

constexpr std::size_t longest_option = 64u << 10, longest_shown = 200;

// The option's name in an error: shortened, and without characters that control a terminal.
std::string shown(const std::string& written) {
  std::string text = written.substr(0, longest_shown);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return written.size() > longest_shown ? text + "..." : text;
}

// Expands every text of a tree.
struct Expansion {
  ConfigResult& result;
  const std::string& name;
  std::set<const toml::node*> expanded;

  void expand(toml::node& node) {
    if (toml::table* table = node.as_table())
      for (auto&& [key, value] : *table) expand(value);
    if (toml::array* array = node.as_array())
      for (toml::node& value : *array) expand(value);
    auto* text = node.as_string();
    if (!text || text->get().find("${") == std::string::npos) return;
    const auto& file = node.source().path;
    *text = expanded_text(text->get(), node.source().begin, file ? *file : name);
    expanded.insert(&node);
  }
  std::string expanded_text(std::string_view text, const toml::source_position& at,
                            const std::string& file) {
    std::vector<std::string> unset;
    std::string out = expand_environment(text, unset);
    for (const std::string& variable : unset)
      result.warnings.push_back(
          {file, at.line, at.column,
           "the environment variable is not set: " + shown(variable) + "; it is replaced by \"\"",
           "set it for the daemon, or write $${...} for the text itself"});
    return out;
  }
};

void apply_override(const std::string& text, toml::table& tree, ConfigResult& result) {
  const std::string name = "-o " + shown(text);
  const auto wrong = [&](std::string message) {
    result.errors.push_back({name, 0, 0, std::move(message),
                             "write it like -o priority=warning, -o rings.life=1MiB, "
                             "-o rules_files[]=FILE"});
  };
  const std::size_t equals = text.find('=');
  if (text.size() > longest_option) return wrong("is too long");
  if (equals == std::string::npos || equals == 0) return wrong("is not KEY=VALUE");
  const std::string key = text.substr(0, equals);
  const Result<KeyPath> path = parse_key_path(key);
  if (!path) return wrong("the key " + path.error().message);
  const std::string value = Expansion{result, name, {}}.expanded_text(
      std::string_view(text).substr(equals + 1), {}, name);
  apply_option(tree, *path, parse_override_value(value), {result, name, false});
}

ConfigDiagnostic stray_error(const std::string& name, const std::string& text, std::size_t at) {
  const std::size_t line_end = text.rfind('\n', at);
  const std::size_t begin = line_end == std::string::npos ? 0 : line_end + 1;
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const auto column = static_cast<std::uint32_t>(at - begin + 1);
  if (text[at] == '}' || text[at] == ']')
    return {name, static_cast<std::uint32_t>(line), column,
            std::string("this '") + text[at] + "' has no opening bracket",
            "check the brackets before it; the file was not read"};
  return {name, static_cast<std::uint32_t>(line), column,
          "a character that is not ASCII is outside a string",
          "put the value into quotation marks; the file was not read"};
}

std::string pointed(std::string description) {
  // toml++ begins its messages with "Error while parsing value: "; the caller already prints
  // "error".
  constexpr std::string_view prefix = "Error while parsing ";
  return description.starts_with(prefix) ? description.substr(prefix.size()) : description;
}

std::string rendered(const ConfigDiagnostic& error, const char* kind) {
  std::string out = error.file;
  if (error.line) out += ":" + std::to_string(error.line) + ":" + std::to_string(error.column);
  out += std::string(": ") + kind + ": " + error.message + "\n";
  if (!error.hint.empty()) out += "  hint: " + error.hint + "\n";
  return out;
}

}  // namespace

ConfigResult parse_config(const std::string& name, const std::string& text,
                          const std::vector<std::string>& overrides, const run::Config& base) {
  ConfigResult result;
  result.config = base;
  if (!name.empty()) result.files.push_back(name);
  const std::optional<std::size_t> stray = stray_character(text);
  if (stray) result.errors.push_back(stray_error(name, text, *stray));
  toml::parse_result parsed = toml::parse(stray ? std::string() : text, name);
  toml::table tree;
  if (parsed) {
    tree = std::move(parsed).table();
    include_files(tree, name, result);
    Expansion expansion{result, name, {}};
    expansion.expand(tree);
    apply_table(tree, {result, name, true, &expansion.expanded});
  } else {
    const toml::parse_error& error = parsed.error();
    result.errors.push_back({name, error.source().begin.line, error.source().begin.column,
                             pointed(std::string(error.description())),
                             "fix the TOML there; nothing after it was read"});
  }
  for (const std::string& text_of_option : overrides) apply_override(text_of_option, tree, result);
  if (result.config.file_output.enabled && result.config.file_output.path.empty())
    result.errors.push_back({name.empty() ? "configuration" : name, 0, 0,
                             "file_output is enabled but names no file",
                             "add file_output.filename = \"/var/log/saker/alerts.log\""});
  if (!result.log.to_stderr && !result.log.to_syslog)
    result.warnings.push_back({name.empty() ? "configuration" : name, 0, 0,
                               "log.stderr is false, and log.syslog too: the log stays on stderr",
                               "write log.syslog = true to have it in syslog alone"});
  if (PageProblem problem = page_problem(result.page); !problem.message.empty())
    result.errors.push_back({name.empty() ? "configuration" : name, 0, 0,
                             std::move(problem.message), std::move(problem.hint)});
  return result;
}

ConfigResult load_config(const std::string& path, bool required,
                         const std::vector<std::string>& overrides, const run::Config& base) {
  if (path.empty()) return parse_config("", "", overrides, base);
  Result<std::string> text = read_input(path, max_bytes);
  if (!text && text.error().code == ENOENT && !required) {
    ConfigResult none = parse_config("", "", overrides, base);
    none.files.push_back(path);  // it may come
    return none;
  }
  if (text && text->size() <= max_bytes) return parse_config(path, *text, overrides, base);
  ConfigResult result;
  ConfigDiagnostic& unread = result.errors.emplace_back();
  unread.file = path;
  if (text) {
    unread.message = "is larger than " + size_text(max_bytes);
    unread.hint = "name a configuration with -c";
    return result;
  }
  const Error& error = text.error();
  unread.message = error.message.starts_with(path + ": ") ? error.message.substr(path.size() + 2)
                                                          : error.message;
  unread.hint = error.code == ENOENT || error.code == EISDIR
                    ? "name an existing file with -c, or leave -c out"
                    : "make it readable for the daemon";
  return result;
}

std::string render(const ConfigDiagnostic& error) { return rendered(error, "error"); }

std::string render_warnings(const ConfigResult& result) {
  std::string out;
  for (const ConfigDiagnostic& warning : result.warnings) out += rendered(warning, "warning");
  return out;
}

std::vector<std::string> needs_restart(const run::Config& now, const run::Config& wanted) {
  std::vector<std::string> out;
  if (now.device != wanted.device) out.push_back("capture.device");
  if (now.life_bytes != wanted.life_bytes) out.push_back("rings.life");
  if (now.event_bytes != wanted.event_bytes) out.push_back("rings.event");
  if (now.drain_threads != wanted.drain_threads) out.push_back("threads.drain");
  if (now.control_socket != wanted.control_socket) out.push_back("control.socket");
  if (now.control_group != wanted.control_group) out.push_back("control.group");
  if (now.container_root != wanted.container_root) out.push_back("containers.root");
  if (now.container_paths != wanted.container_paths)
    out.push_back("containers.containerd, containers.docker or containers.storage");
  if (now.kubernetes != wanted.kubernetes) out.push_back("kubernetes");
  if (now.spool != wanted.spool) out.push_back("spool");
  return out;
}

}  // namespace saker::service
