// SPDX-License-Identifier: Apache-2.0
#include "service/config_keys.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>
#include <optional>
#include <sstream>

#include "base/units.h"
#include "lang/nearest.h"
#include "lang/yaml_values.h"
#include "service/config_override.h"

namespace saker::service {
namespace {

// One key being read: the node, its full name, and where mistakes go.
struct At {
  const toml::node& node;
  std::string key;
  ConfigTarget& target;

  run::Config& config() const { return target.result.config; }
  void wrong(std::string message, std::string remedy) const {
    toml::source_position pos = node.source().begin;
    if (!target.has_position) pos = {};
    target.result.mistakes.push_back(
        {target.name, pos.line, pos.column, std::move(message), std::move(remedy)});
  }
  // The same for something inside this key.
  At inside(const toml::node& inner, std::string name) const { return {inner, name, target}; }
};

const char* kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

void wrong_kind(const At& at, const char* wanted, const std::string& example) {
  at.wrong(at.key + " is " + kind_of(at.node) + ", it must be " + wanted,
           "write it like " + at.key + " = " + example);
}

// In an option everything may be text, as YAML has it; a file says what it means.
const std::string* text_in_option(const At& at) {
  const auto* value = at.node.as_string();
  return value && !at.target.has_position ? &value->get() : nullptr;
}

std::optional<bool> bool_of(const At& at) {
  if (const auto* value = at.node.as_boolean()) return value->get();
  const std::string* text = text_in_option(at);
  return text ? lang::parse_yaml_bool(*text) : std::nullopt;
}

std::optional<std::int64_t> integer_of(const At& at) {
  if (const auto* value = at.node.as_integer()) return value->get();
  const std::string* text = text_in_option(at);
  std::int64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  return whole ? std::optional(number) : std::nullopt;
}

// And what is no text may be wanted as one: static_fields={rack=42}.
std::optional<std::string> string_of(const At& at) {
  if (const auto* value = at.node.as_string()) return value->get();
  if (at.target.has_position || at.node.is_table() || at.node.is_array()) return std::nullopt;
  std::ostringstream printed;
  at.node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) printed << std::boolalpha << value.get();
  });
  return printed.str();
}

void read_bool(const At& at, bool& to) {
  if (const std::optional<bool> value = bool_of(at)) to = *value;
  else wrong_kind(at, "true or false", "true");
}

void read_string(const At& at, std::string& to, const std::string& example) {
  if (std::optional<std::string> value = string_of(at)) to = std::move(*value);
  else wrong_kind(at, "a string", "\"" + example + "\"");
}

void read_number(const At& at, std::uint32_t& to, std::int64_t max) {
  const std::optional<std::int64_t> value = integer_of(at);
  if (!value) return wrong_kind(at, "a whole number", "1000");
  if (*value < 0 || *value > max)
    return at.wrong(at.key + " is " + std::to_string(*value) + ", it must be from 0 to " +
                        std::to_string(max),
                    "choose a number in that range");
  to = static_cast<std::uint32_t>(*value);
}

void read_fraction(const At& at, double& to, double most) {
  const auto* value = at.node.as_floating_point();
  const auto* whole = at.node.as_integer();
  if (!value && !whole) return wrong_kind(at, "a number", "0.1");
  const double number = value ? value->get() : static_cast<double>(whole->get());
  if (!(number >= 0 && number <= most))
    return at.wrong(at.key + " must be from 0 to " + std::to_string(static_cast<int>(most)),
                    "choose a number in that range");
  to = number;
}

// One of a few words; `names` in the order of the values from 0.
void read_choice(const At& at, std::initializer_list<std::string_view> names,
                 const std::function<void(std::size_t)>& set) {
  const auto* value = at.node.as_string();
  std::string all;
  for (std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  if (!value) return wrong_kind(at, ("one of " + all).c_str(),
                                "\"" + std::string(*names.begin()) + "\"");
  lang::Nearest nearest(value->get());
  std::size_t index = 0;
  for (std::string_view name : names) {
    if (name == value->get()) return set(index);
    nearest.offer(name);
    index++;
  }
  at.wrong(at.key + " is \"" + value->get() + "\"",
           nearest.best().empty() ? "it may be " + all
                                  : "did you mean \"" + std::string(nearest.best()) + "\"?");
}

void read_strings(const At& at, std::vector<std::string>& to, const std::string& example) {
  const toml::array* list = at.node.as_array();
  if (const auto* one = at.node.as_string()) {
    to = {one->get()};
    return;
  }
  if (!list) return wrong_kind(at, "a list of strings", "[\"" + example + "\"]");
  std::vector<std::string> out;
  for (const toml::node& item : *list) {
    std::string text;
    std::size_t mistakes = at.target.result.mistakes.size();
    read_string(at.inside(item, "an entry of " + at.key), text, example);
    if (at.target.result.mistakes.size() == mistakes) out.push_back(std::move(text));
  }
  to = std::move(out);
}

// Bytes: a number, or text with KiB, MiB or GiB. Nothing: it is no size, and that has been told.
std::optional<std::uint64_t> size_of(const At& at, const std::string& example) {
  std::optional<std::uint64_t> bytes;
  if (const auto* number = at.node.as_integer()) {
    if (number->get() >= 0) bytes = static_cast<std::uint64_t>(number->get());
  } else if (const auto* text = at.node.as_string()) {
    bytes = parse_size(text->get());
  } else {
    wrong_kind(at, "a size", "\"" + example + "\"");
    return std::nullopt;
  }
  if (!bytes) at.wrong(at.key + " is no size", "write it like " + at.key + " = \"" + example + "\"");
  return bytes;
}

// A ring's size is a power of two.
void read_ring_size(const At& at, std::uint64_t& to) {
  constexpr std::uint64_t least = 64u << 10, most = 64u << 20;
  std::optional<std::uint64_t> bytes = size_of(at, "4MiB");
  if (!bytes) return;
  if (*bytes < least || *bytes > most || !std::has_single_bit(*bytes))
    return at.wrong(at.key + " must be a power of two from 64KiB to 64MiB",
                    "write it like " + at.key + " = \"4MiB\"");
  to = *bytes;
}

void read_size(const At& at, std::uint64_t& to, std::uint64_t least, const std::string& example) {
  std::optional<std::uint64_t> bytes = size_of(at, example);
  if (!bytes) return;
  if (*bytes < least)
    return at.wrong(at.key + " must be at least " + size_text(least), "write it like " + at.key + " = \"" + example + "\"");
  to = *bytes;
}

// A whole number of seconds, or text with ms, s, m, h or d.
void read_time(const At& at, std::uint64_t& to, const std::string& example) {
  std::optional<std::uint64_t> ns;
  if (const auto* number = at.node.as_integer()) ns = parse_duration(std::to_string(number->get()));
  else if (const auto* text = at.node.as_string()) ns = parse_duration(text->get());
  if (!ns) return wrong_kind(at, "a time", "\"" + example + "\"");
  to = *ns;
}

void read_keep(const At& at, std::uint32_t& to) {
  std::uint32_t files = 1;
  read_number(at, files, 100'000);
  if (files == 0) return at.wrong(at.key + " is 0, then nothing would be kept", "write at least " + at.key + " = 1");
  to = files;
}

void read_events(const At& at, bool& all) {
  read_choice(at, {"rules", "all"}, [&](std::size_t which) { all = which == 1; });
}

void read_priority(const At& at, lang::Priority& to) {
  const auto* value = at.node.as_string();
  if (!value) return wrong_kind(at, "the name of a priority", "\"warning\"");
  if (auto priority = lang::parse_priority(value->get())) {
    to = *priority;
    return;
  }
  lang::Nearest nearest(value->get());
  for (const char* name : {"emergency", "alert", "critical", "error", "warning", "notice",
                           "informational", "debug"})
    nearest.offer(name);
  at.wrong(at.key + " is \"" + value->get() + "\"",
           nearest.best().empty()
               ? "it may be emergency, alert, critical, error, warning, notice, informational, debug"
               : "did you mean \"" + std::string(nearest.best()) + "\"?");
}

// { enable = { rule = "...", tag = "..." } }
void read_selection(const At& at) {
  const toml::table* entry = at.node.as_table();
  const toml::node* enable = entry ? entry->get("enable") : nullptr;
  const toml::node* disable = entry ? entry->get("disable") : nullptr;
  const toml::node* what = enable ? enable : disable;
  const toml::table* fields = what ? what->as_table() : nullptr;
  if (!entry || entry->size() != 1 || !fields || fields->empty())
    return at.wrong("an entry of rules must be enable or disable with a rule or a tag",
                    "write it like rules = [{ disable = { tag = \"network\" } }]");
  lang::Selection selection;
  selection.enable = enable != nullptr;
  for (const auto& [key, value] : *fields) {
    At inner = at.inside(value, "rules." + std::string(key.str()));
    if (key == "rule") read_string(inner, selection.rule, "Terminal shell in container");
    else if (key == "tag") read_string(inner, selection.tag, "network");
    else inner.wrong("unknown key \"" + std::string(key.str()) + "\" in an entry of rules",
                     "it may be rule or tag");
  }
  at.config().rules.push_back(std::move(selection));
}

void read_rules(const At& at) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[{ disable = { rule = \"*\" } }]");
  at.config().rules.clear();
  for (const toml::node& entry : *list) read_selection(at.inside(entry, "rules"));
}

void read_append_fields(const At& at, lang::AppendOutput& to) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[\"proc.exepath\", { home = \"${HOME}\" }]");
  for (const toml::node& entry : *list) {
    if (const auto* field = entry.as_string()) {
      to.extra_fields.push_back({field->get(), ""});
    } else if (const toml::table* pairs = entry.as_table()) {
      for (const auto& [key, value] : *pairs) {
        std::string format;
        read_string(at.inside(value, "append_output.extra_fields." + std::string(key.str())), format,
                    "%proc.exepath");
        to.extra_fields.push_back({std::string(key.str()), format});
      }
    } else {
      wrong_kind(at.inside(entry, "an entry of extra_fields"), "a field's name or { key = format }",
                 "\"proc.exepath\"");
    }
  }
}

void read_match(const At& at, lang::AppendOutput& to) {
  const toml::table* match = at.node.as_table();
  if (!match) return wrong_kind(at, "a table", "{ source = \"syscall\" }");
  for (const auto& [key, value] : *match) {
    At inner = at.inside(value, "append_output.match." + std::string(key.str()));
    if (key == "rule") read_string(inner, to.match_rule, "Terminal shell in container");
    else if (key == "source") read_string(inner, to.match_source, "syscall");
    else if (key == "tags") read_strings(inner, to.match_tags, "network");
    else inner.wrong("unknown key \"" + inner.key + "\"", "it may be rule, source or tags");
  }
}

void read_append_entry(const At& at) {
  const toml::table* entry = at.node.as_table();
  if (!entry) return wrong_kind(at, "a table", "[{ extra_output = \"on %evt.hostname\" }]");
  lang::AppendOutput out;
  for (const auto& [key, value] : *entry) {
    At inner = at.inside(value, "append_output." + std::string(key.str()));
    if (key == "match") read_match(inner, out);
    else if (key == "extra_output") read_string(inner, out.extra_output, "on %evt.hostname");
    else if (key == "extra_fields") read_append_fields(inner, out);
    else if (key == "suggested_output") read_bool(inner, out.suggested_output);
    else inner.wrong("unknown key \"" + inner.key + "\"",
                     "it may be match, extra_output, extra_fields or suggested_output");
  }
  at.config().append_output.push_back(std::move(out));
}

void read_append_output(const At& at) {
  const toml::array* list = at.node.as_array();
  if (!list) return wrong_kind(at, "a list", "[{ extra_output = \"on %evt.hostname\" }]");
  at.config().append_output.clear();
  for (const toml::node& entry : *list) read_append_entry(at.inside(entry, "append_output"));
}

void read_static_fields(const At& at) {
  const toml::table* fields = at.node.as_table();
  if (!fields) return wrong_kind(at, "a table", "{ site = \"berlin\" }");
  at.config().static_fields.clear();
  for (const auto& [key, value] : *fields)
    read_string(at.inside(value, "static_fields." + std::string(key.str())),
                at.config().static_fields[std::string(key.str())], "berlin");
}

void read_format(const At& at, bool& json, bool& chosen) {
  read_choice(at, {"text", "json"}, [&](std::size_t which) {
    json = which == 1;
    chosen = true;
  });
}

// "ignore" goes with no other.
void read_drop_actions(const At& at) {
  run::LossConfig& to = at.config().syscall_event_drops;
  std::vector<std::string> actions;
  read_strings(at, actions, "log");
  to.log = to.alert = to.exit = false;
  for (const std::string& action : actions) {
    if (action == "log") to.log = true;
    else if (action == "alert") to.alert = true;
    else if (action == "exit") to.exit = true;
    else if (action != "ignore" || actions.size() != 1)
      at.wrong(at.key + " has \"" + action + "\"", "it may have log, alert and exit, or ignore alone");
  }
}

struct Key {
  std::string_view path;
  void (*read)(const At& at);
};

// Every key there is; docs/saker.toml.example explains each.
constexpr Key keys[] = {
    {"rules_files",
     [](const At& at) { read_strings(at, at.config().rules_files, "/etc/saker/rules.d"); }},
    {"rules", read_rules},
    {"priority", [](const At& at) { read_priority(at, at.config().priority); }},
    {"rule_matching",
     [](const At& at) {
       read_choice(at, {"first", "all"}, [&](std::size_t which) {
         at.config().rule_matching = static_cast<lang::RuleMatching>(which);
       });
     }},
    {"append_output", read_append_output},
    {"static_fields", read_static_fields},
    {"json_output", [](const At& at) { read_bool(at, at.config().json_output); }},
    {"json_include_output_property",
     [](const At& at) { read_bool(at, at.config().json_include_output); }},
    {"json_include_tags_property",
     [](const At& at) { read_bool(at, at.config().json_include_tags); }},
    {"json_include_message_property",
     [](const At& at) { read_bool(at, at.config().json_include_message); }},
    {"json_include_output_fields_property",
     [](const At& at) { read_bool(at, at.config().json_include_fields); }},
    {"time_format_iso_8601", [](const At& at) { read_bool(at, at.config().iso_time); }},
    {"buffer_format_base64", [](const At& at) { read_bool(at, at.config().base64); }},
    {"stdout_output.enabled",
     [](const At& at) { read_bool(at, at.config().stdout_output.enabled); }},
    {"stdout_output.format",
     [](const At& at) {
       run::OutputConfig& out = at.config().stdout_output;
       read_format(at, out.json, out.own_format);
     }},
    {"file_output.enabled", [](const At& at) { read_bool(at, at.config().file_output.enabled); }},
    {"file_output.filename",
     [](const At& at) {
       read_string(at, at.config().file_output.path, "/var/log/saker/alerts.log");
     }},
    {"file_output.format",
     [](const At& at) {
       run::OutputConfig& out = at.config().file_output;
       read_format(at, out.json, out.own_format);
     }},
    {"syscall_event_drops.threshold",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.threshold, 1); }},
    {"syscall_event_drops.actions", read_drop_actions},
    {"syscall_event_drops.rate",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.rate, 1000); }},
    {"syscall_event_drops.max_burst",
     [](const At& at) { read_fraction(at, at.config().syscall_event_drops.max_burst, 1000); }},
    {"capture.device", [](const At& at) { read_string(at, at.config().device, "/dev/saker"); }},
    {"rings.life", [](const At& at) { read_ring_size(at, at.config().life_bytes); }},
    {"rings.event", [](const At& at) { read_ring_size(at, at.config().event_bytes); }},
    {"rings.wake_us", [](const At& at) { read_number(at, at.config().wake_us, 1'000'000); }},
    {"rings.wake_bytes", [](const At& at) { read_number(at, at.config().wake_bytes, 64 << 20); }},
    {"threads.drain", [](const At& at) { read_number(at, at.config().drain_threads, 1024); }},
    {"control.socket",
     [](const At& at) { read_string(at, at.config().control_socket, "/run/saker/saker.sock"); }},
    {"containers.root", [](const At& at) { read_string(at, at.config().container_root, "/host"); }},
    {"names.hosts_file", [](const At& at) { read_string(at, at.config().hosts_file, "/etc/hosts"); }},
    {"recorder.enabled", [](const At& at) { read_bool(at, at.config().recorder.enabled); }},
    {"recorder.directory",
     [](const At& at) { read_string(at, at.config().recorder.directory, "/var/lib/saker/recordings"); }},
    {"recorder.events", [](const At& at) { read_events(at, at.config().recorder.all_events); }},
    {"recorder.filter", [](const At& at) { read_string(at, at.config().recorder.filter, "container"); }},
    {"recorder.rotate_size",
     [](const At& at) { read_size(at, at.config().recorder.rotate_size, 0, "256MiB"); }},
    {"recorder.rotate_time", [](const At& at) { read_time(at, at.config().recorder.rotate_ns, "1h"); }},
    {"recorder.keep", [](const At& at) { read_keep(at, at.config().recorder.keep); }},
    {"flight_recorder.enabled", [](const At& at) { read_bool(at, at.config().flight_recorder.enabled); }},
    {"flight_recorder.directory",
     [](const At& at) { read_string(at, at.config().flight_recorder.directory, "/var/lib/saker/flight"); }},
    {"flight_recorder.events", [](const At& at) { read_events(at, at.config().flight_recorder.all_events); }},
    {"flight_recorder.filter",
     [](const At& at) { read_string(at, at.config().flight_recorder.filter, "container"); }},
    {"flight_recorder.memory",
     [](const At& at) { read_size(at, at.config().flight_recorder.memory, 1u << 20, "32MiB"); }},
    {"flight_recorder.before",
     [](const At& at) { read_time(at, at.config().flight_recorder.before_ns, "60s"); }},
    {"flight_recorder.after", [](const At& at) { read_time(at, at.config().flight_recorder.after_ns, "10s"); }},
    {"flight_recorder.priority",
     [](const At& at) { read_priority(at, at.config().flight_recorder.priority); }},
    {"flight_recorder.rules",
     [](const At& at) { read_strings(at, at.config().flight_recorder.rules, "Terminal shell in container"); }},
    {"flight_recorder.rules_ask", [](const At& at) { read_bool(at, at.config().flight_recorder.rules_ask); }},
    {"flight_recorder.max_size",
     [](const At& at) { read_size(at, at.config().flight_recorder.max_size, 1u << 20, "64MiB"); }},
    {"flight_recorder.keep", [](const At& at) { read_keep(at, at.config().flight_recorder.keep); }},
    {"log.level",
     [](const At& at) {
       read_choice(at, {"error", "warning", "info", "debug"}, [&](std::size_t which) {
         at.config().log_level = static_cast<LogLevel>(which);
       });
     }},
};

bool is_section(std::string_view path) {
  for (const Key& key : keys)
    if (key.path.size() > path.size() && key.path.starts_with(path) && key.path[path.size()] == '.')
      return true;
  return false;
}

void unknown_key(const At& at) {
  lang::Nearest nearest(at.key);
  for (const Key& key : keys) {
    nearest.offer(key.path);
    nearest.offer(key.path.substr(0, key.path.find('.')));
  }
  std::string remedy = "see docs/saker.toml.example for the keys there are";
  if (!nearest.best().empty()) remedy = "did you mean " + std::string(nearest.best()) + "?";
  at.wrong("unknown key " + at.key, remedy);
}

const Key* find_key(std::string_view path) {
  const Key* key = std::find_if(std::begin(keys), std::end(keys),
                                [&](const Key& k) { return k.path == path; });
  return key == std::end(keys) ? nullptr : key;
}

void walk(const toml::table& table, const std::string& prefix, ConfigTarget& target) {
  for (const auto& [name, value] : table) {
    At at{value, prefix + std::string(name.str()), target};
    if (const Key* key = find_key(at.key)) key->read(at);
    else if (!is_section(at.key)) unknown_key(at);
    else if (const toml::table* section = value.as_table()) walk(*section, at.key + ".", target);
    else wrong_kind(at, "a section", "{ }");
  }
}

// A list as it stands now, for an option that changes an entry of it.
toml::array strings(const std::vector<std::string>& list) {
  toml::array array;
  for (const std::string& item : list) array.push_back(item);
  return array;
}

toml::table entry_of(const lang::AppendOutput& append) {
  toml::table match, entry;
  if (!append.match_rule.empty()) match.insert("rule", append.match_rule);
  if (!append.match_source.empty()) match.insert("source", append.match_source);
  if (!append.match_tags.empty()) match.insert("tags", strings(append.match_tags));
  if (!match.empty()) entry.insert("match", std::move(match));
  toml::array fields;
  for (const lang::AppendOutput::Field& field : append.extra_fields) {
    if (field.format.empty()) fields.push_back(field.key);
    else fields.push_back(toml::table{{field.key, field.format}});
  }
  if (!fields.empty()) entry.insert("extra_fields", std::move(fields));
  if (!append.extra_output.empty()) entry.insert("extra_output", append.extra_output);
  if (append.suggested_output) entry.insert("suggested_output", true);
  return entry;
}

toml::array list_now(std::string_view key, const run::Config& config) {
  if (key == "rules_files") return strings(config.rules_files);
  toml::array array;
  if (key == "append_output")
    for (const lang::AppendOutput& append : config.append_output) array.push_back(entry_of(append));
  return array;
}

// So that [N] and [] find the list that is in force: what no file has said, and one string for a list of one.
void make_list(toml::table& tree, std::string_view key, const run::Config& config) {
  toml::node* node = tree.at_path(key).node();
  if (node && !node->is_string()) return;
  toml::array list;
  if (node) list.push_back(node->as_string()->get());
  else list = list_now(key, config);
  const std::size_t dot = key.find('.');
  toml::table* section = &tree;
  if (dot != key.npos) section = tree.insert(key.substr(0, dot), toml::table()).first->second.as_table();
  if (section) section->insert_or_assign(key.substr(dot == key.npos ? 0 : dot + 1), std::move(list));
}

// The key that a path begins with, and of how many steps it is.
struct FoundKey {
  const Key* key = nullptr;
  std::string path;
  std::size_t steps = 0;
};

FoundKey key_at_front(const KeyPath& path) {
  FoundKey found;
  while (found.steps < path.size() && path[found.steps].kind == KeyStep::Kind::name && !found.key) {
    found.path += (found.steps ? "." : "") + path[found.steps].name;
    found.key = find_key(found.path);
    found.steps++;
  }
  return found;
}

void apply_to_section(const FoundKey& found, const KeyPath& path, const OverrideValue& value,
                      ConfigTarget& target) {
  const toml::value<bool> nothing(false);
  const At at{nothing, found.path, target};
  if (!is_section(found.path)) return unknown_key(at);
  const toml::table* table = std::get_if<toml::table>(&value);
  if (found.steps < path.size() || !table)
    return at.wrong(found.path + " is a section", "name a key in it, as in " + found.path + ".KEY=VALUE");
  walk(*table, found.path + ".", target);
}

}  // namespace

void apply_option(toml::table& tree, const KeyPath& path, OverrideValue value, ConfigTarget target) {
  const FoundKey found = key_at_front(path);
  if (!found.key) return apply_to_section(found, path, value, target);
  if (found.steps < path.size() && path[found.steps].kind != KeyStep::Kind::name)
    make_list(tree, found.key->path, target.result.config);
  const toml::value<bool> nothing(false);
  Result<void> set = set_in_tree(tree, path, std::move(value));
  if (!set) return At{nothing, found.path, target}.wrong(set.error().message, "");
  const std::size_t before = target.result.mistakes.size();
  const toml::node* node = tree.at_path(found.path).node();
  found.key->read({*node, found.path, target});
  // What is wrong with the rest of the list has been told of the file.
  std::vector<ConfigMistake>& mistakes = target.result.mistakes;
  const auto told = [&](const ConfigMistake& mistake) {
    const auto end = mistakes.begin() + static_cast<std::ptrdiff_t>(before);
    return std::any_of(mistakes.begin(), end,
                       [&](const ConfigMistake& old) { return old.message == mistake.message; });
  };
  mistakes.erase(
      std::remove_if(mistakes.begin() + static_cast<std::ptrdiff_t>(before), mistakes.end(), told),
      mistakes.end());
}

void apply_table(const toml::table& table, ConfigTarget target) {
  const auto before = static_cast<std::ptrdiff_t>(target.result.mistakes.size());
  walk(table, "", target);
  // TOML keeps its keys sorted by name; whoever mends a file goes from top to bottom.
  std::stable_sort(target.result.mistakes.begin() + before, target.result.mistakes.end(),
                   [](const ConfigMistake& a, const ConfigMistake& b) { return a.line < b.line; });
}

}  // namespace saker::service
