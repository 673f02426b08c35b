// SPDX-License-Identifier: Apache-2.0
#include "service/config.h"

#include <cstring>

#include "base/file.h"
#include "service/config_keys.h"

namespace saker::service {
namespace {

// More than any configuration has; a mistake in -c may name anything.
constexpr std::size_t max_bytes = 1u << 20;

// "key=value": the value as TOML, or, since a shell eats quotes, as a plain string.
void apply_override(const std::string& text, ConfigResult& result) {
  const std::string name = "-o " + text;
  std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    result.mistakes.push_back({name, 0, 0, "is not KEY=VALUE", "write it like -o priority=warning"});
    return;
  }
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    toml::table quoted;
    std::string value = text.substr(equals + 1);
    toml::path path(std::string_view(text).substr(0, equals));
    toml::table* at = &quoted;
    for (std::size_t i = 0; i + 1 < path.size(); i++)
      at = at->insert_or_assign(path[i].key(), toml::table{}).first->second.as_table();
    at->insert_or_assign(path[path.size() - 1].key(), value);
    apply_table(quoted, {result, name, false});
    return;
  }
  apply_table(parsed.table(), {result, name, false});
}

std::string pointed(std::string description) {
  // toml++ begins its messages like "Error while parsing value: "; the caller says error already.
  constexpr std::string_view prefix = "Error while parsing ";
  return description.starts_with(prefix) ? description.substr(prefix.size()) : description;
}

}  // namespace

ConfigResult parse_config(const std::string& name, const std::string& text,
                          const std::vector<std::string>& overrides) {
  ConfigResult result;
  toml::parse_result parsed = toml::parse(text, name);
  if (parsed) {
    apply_table(parsed.table(), {result, name, true});
  } else {
    const toml::parse_error& error = parsed.error();
    result.mistakes.push_back({name, error.source().begin.line, error.source().begin.column,
                               pointed(std::string(error.description())),
                               "mend the TOML there; nothing behind it was read"});
  }
  for (const std::string& text_of_option : overrides) apply_override(text_of_option, result);
  if (result.config.file_output.enabled && result.config.file_output.path.empty())
    result.mistakes.push_back({name.empty() ? "configuration" : name, 0, 0,
                               "file_output is enabled but names no file",
                               "add file_output.filename = \"/var/log/saker/alerts.log\""});
  return result;
}

ConfigResult load_config(const std::string& path, bool required,
                         const std::vector<std::string>& overrides) {
  if (path.empty()) return parse_config("", "", overrides);
  Result<std::string> text = read_file(path, max_bytes);
  if (!text && text.error().code == ENOENT && !required) return parse_config("", "", overrides);
  if (!text) {
    ConfigResult result;
    result.mistakes.push_back({path, 0, 0, std::strerror(text.error().code),
                               text.error().code == ENOENT
                                   ? "name an existing file with -c, or leave -c out"
                                   : "make it readable for the daemon"});
    return result;
  }
  return parse_config(path, *text, overrides);
}

std::string render(const ConfigMistake& mistake) {
  std::string out = mistake.file;
  if (mistake.line)
    out += ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column);
  out += ": error: " + mistake.message + "\n";
  if (!mistake.remedy.empty()) out += "  hint: " + mistake.remedy + "\n";
  return out;
}

std::vector<std::string> needs_restart(const Config& now, const Config& wanted) {
  std::vector<std::string> out;
  if (now.device != wanted.device) out.push_back("capture.device");
  if (now.life_bytes != wanted.life_bytes) out.push_back("rings.life");
  if (now.event_bytes != wanted.event_bytes) out.push_back("rings.event");
  if (now.drain_threads != wanted.drain_threads) out.push_back("threads.drain");
  if (now.control_socket != wanted.control_socket) out.push_back("control.socket");
  if (now.container_root != wanted.container_root) out.push_back("containers.root");
  return out;
}

}  // namespace saker::service
