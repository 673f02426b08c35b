// SPDX-License-Identifier: Apache-2.0
#include "service/config/outputs.h"

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/nearest.h"
#include "output/kinds/kind.h"
#include "run/config.h"

namespace saker::service {
namespace {

using output::Key;
using output::KeyType;
using output::Kind;
using output::Settings;

constexpr std::size_t longest_secret = 64u << 10;
constexpr std::uint64_t longest_ms = 3'600'000;
constexpr std::string_view type_key = "type";
// Keys that every output has.
constexpr std::string_view shared_keys[] = {type_key, "name",  "enabled", "minimumpriority",
                                            "format", "queue", "spool"};

std::string joined(const output::Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// "@FILE" means the content of the file, without a trailing newline.
void read_secret(const At& at, std::string& to) {
  read_string(at, to, "@/etc/saker/token");
  if (!to.starts_with('@')) return;
  Result<std::string> held = read_input(to.substr(1), longest_secret);
  if (!held) return at.wrong(at.key + ": " + held.error().message, "name a file that can be read");
  while (!held->empty() && (held->back() == '\n' || held->back() == '\r')) held->pop_back();
  to = std::move(*held);
}

std::optional<std::string> text_value(const At& at, const Key& key) {
  std::string text;
  const std::size_t before = at.target.result.errors.size();
  if (key.secret)
    read_secret(at, text);
  else
    read_string(at, text, key.example);
  if (at.target.result.errors.size() != before) return std::nullopt;
  return text;
}

std::optional<output::Pairs> pairs_value(const At& at) {
  const toml::table* table = at.node.as_table();
  if (!table) {
    wrong_kind(at, "a table", "{ site = \"berlin\" }");
    return std::nullopt;
  }
  output::Pairs pairs;
  for (const auto& [name, value] : *table)
    read_string(at.inside(value, at.key + "." + std::string(name.str())),
                pairs[std::string(name.str())], "berlin");
  return pairs;
}

std::optional<output::Setting> value_of(const At& at, const Key& key) {
  const std::size_t before = at.target.result.errors.size();
  output::Setting value;
  switch (key.type) {
    case KeyType::text: {
      std::optional<std::string> text = text_value(at, key);
      if (text) value = std::move(*text);
      break;
    }
    case KeyType::number: {
      std::uint32_t number = 0;
      read_number(at, number, 1'000'000'000);
      value = static_cast<std::int64_t>(number);
      break;
    }
    case KeyType::flag: {
      bool flag = false;
      read_bool(at, flag);
      value = flag;
      break;
    }
    case KeyType::list: {
      output::Texts list;
      read_strings(at, list, key.example);
      value = std::move(list);
      break;
    }
    case KeyType::pairs: {
      std::optional<output::Pairs> pairs = pairs_value(at);
      if (pairs) value = std::move(*pairs);
      break;
    }
    case KeyType::milliseconds: {
      std::uint64_t ns = 0;
      read_time(at, ns, key.example);
      const std::uint64_t ms = ns / 1'000'000;
      if (at.target.result.errors.size() == before && (ms == 0 || ms > longest_ms))
        at.wrong(at.key + " must be from 1ms to 1h", "write it like " + at.key + " = \"10s\"");
      value = static_cast<std::int64_t>(ms);
      break;
    }
  }
  if (at.target.result.errors.size() != before) return std::nullopt;
  return value;
}

void unknown_key(const At& at, std::string_view name, const Kind& kind) {
  Nearest nearest(name);
  for (const std::string_view key : shared_keys) nearest.offer(key);
  for (const Key& key : kind.keys) nearest.offer(key.name);
  output::Texts all;
  for (const Key& key : kind.keys) all.push_back(key.name);
  at.wrong("unknown key " + at.key + " of an output of type " + kind.name,
           !nearest.best().empty() ? "did you mean " + std::string(nearest.best()) + "?"
           : all.empty()           ? "it has only the keys of every output"
                                   : "its keys are " + joined(all));
}

// False: it is not one of the keys that every output has.
bool read_shared(const At& at, std::string_view name, const Kind& kind, Settings& settings) {
  if (std::ranges::find(shared_keys, name) == std::end(shared_keys)) return false;
  if (name == "name") read_string(at, settings.name, kind.name);
  if (name == "enabled") read_bool(at, settings.enabled);
  if (name == "minimumpriority") read_priority(at, settings.priority);
  if (name == "spool") read_bool(at, settings.spool);
  if (name == "queue") read_size(at, settings.queue_bytes, 64u << 10, "8MiB");
  if (name != "format") return true;
  read_string(at, settings.format, kind.formats.front());
  if (std::ranges::find(kind.formats, settings.format) == kind.formats.end())
    at.wrong(at.key + " is \"" + settings.format + "\", which an output of type " + kind.name +
                 " does not have",
             "it may be " + joined(kind.formats));
  return true;
}

// The kind that a table names; null: there is none, which is reported.
const Kind* kind_of_table(const At& at, const toml::table& table) {
  const toml::node* node = table.get(type_key);
  if (!node) {
    at.wrong(at.key + " has no type",
             "add type = \"syslog\"; saker outputs list --all shows all types");
    return nullptr;
  }
  std::string type;
  const At inner = at.inside(*node, at.key + ".type");
  const std::size_t before = at.target.result.errors.size();
  read_string(inner, type, "syslog");
  if (at.target.result.errors.size() != before) return nullptr;
  if (const Kind* kind = output::find_kind(type)) return kind;
  for (const output::AbsentKind& absent : output::absent_kinds()) {
    if (absent.name != type) continue;
    inner.wrong("there is no output \"" + type + "\": " + std::string(absent.reason),
                "saker outputs list shows all outputs");
    return nullptr;
  }
  Nearest nearest(type);
  for (const Kind& kind : output::kinds()) nearest.offer(kind.name);
  inner.wrong("there is no output \"" + type + "\"",
              nearest.best().empty() ? "saker outputs list shows all outputs"
                                     : "did you mean \"" + std::string(nearest.best()) + "\"?");
  return nullptr;
}

// Reads every key of the table, then checks them together.
void read_table(const At& at, const toml::table& table, const Kind& kind, Settings& settings) {
  const std::size_t before = at.target.result.errors.size();
  settings.type = kind.name;
  for (const auto& [name, value] : table) {
    const At inner = at.inside(value, at.key + "." + std::string(name.str()));
    // A kind's own key wins: RabbitMQ has its own `queue`.
    const Key* key = kind.find(name.str());
    if (!key && read_shared(inner, name.str(), kind, settings)) continue;
    if (!key) {
      unknown_key(inner, name.str(), kind);
      continue;
    }
    if (std::optional<output::Setting> read = value_of(inner, *key))
      settings.values[key->name] = std::move(*read);
  }
  if (!settings.enabled) return;
  const bool whole_read = at.target.result.errors.size() == before;
  Settings whole = settings;
  complete(kind, whole);
  for (const output::Problem& problem : output::check(kind, whole)) {
    // If a key could not be read, that was reported already; do not report it as missing.
    if (problem.key.empty() && !whole_read) continue;
    const toml::node* node = problem.key.empty() ? nullptr : table.get(problem.key);
    const At where = at.inside(node ? *node : at.node,
                               problem.key.empty() ? at.key : at.key + "." + problem.key);
    where.wrong(problem.key.empty() ? problem.message : where.key + " " + problem.message,
                problem.hint);
  }
}

std::string name_of(const Settings& settings) {
  return settings.name.empty() ? settings.type : settings.name;
}

void add_output(const At& at, Settings settings) {
  if (name_of(settings) == run::spool_name)
    return at.wrong("an output cannot have the name \"spool\"", "give it another name = \"...\"");
  for (const Settings& other : at.config().outputs)
    if (name_of(other) == name_of(settings))
      return at.wrong("two outputs have the name \"" + name_of(settings) + "\"",
                      "give one of them another name = \"...\"");
  at.config().outputs.push_back(std::move(settings));
}

bool is_section_output(const Settings& settings) { return settings.name.ends_with("_output"); }

}  // namespace

void read_outputs(const At& at) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list of tables", "[{ type = \"syslog\" }]");
  std::erase_if(at.config().outputs,
                [](const Settings& settings) { return !is_section_output(settings); });
  for (const toml::node& entry : *list) {
    const At inner = at.inside(entry, "output");
    const toml::table* table = entry.as_table();
    if (!table) {
      wrong_kind(at.inside(entry, "an entry of output"), "a table", "{ type = \"syslog\" }");
      continue;
    }
    const Kind* kind = kind_of_table(inner, *table);
    if (!kind) continue;
    Settings settings;
    read_table(inner, *table, *kind, settings);
    add_output(inner, std::move(settings));
  }
}

void read_output_section(const At& at, const std::string& type) {
  const toml::table* table = at.node.as_table();
  if (!table) return wrong_kind(at, "a section", "{ enabled = true }");
  std::erase_if(at.config().outputs, [&](const Settings& old) { return old.name == at.key; });
  Settings settings;
  settings.enabled = false;
  if (const toml::node* enabled = table->get("enabled"))
    read_bool(at.inside(*enabled, at.key + ".enabled"), settings.enabled);
  read_table(at, *table, *output::find_kind(type), settings);
  settings.name = at.key;
  at.config().outputs.push_back(std::move(settings));
}

}  // namespace saker::service
